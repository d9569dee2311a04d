"""Models of the Hugging Face Hub: from this machine's cache, else downloaded after checks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
from huggingface_hub import HfApi, get_token, hf_hub_download, snapshot_download
from huggingface_hub.errors import (
    EntryNotFoundError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    NotASafetensorsRepoError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
)

from core.llms.base import LLMError
from core.llms.failures import FailureKind
from core.llms.local.checks import inspect_folder, no_safetensors, refusal, refuse_quantised

if TYPE_CHECKING:
    from huggingface_hub import SafetensorsRepoMetadata

_FILES = ["*.json", "*.jinja", "tokenizer.model", "model*.safetensors"]
_TOKEN_ADVICE = (
    "put a token of yours (https://huggingface.co/settings/tokens) into the environment variable "
    "HF_TOKEN"
)


def fetch(repo: str, check: Callable[["SafetensorsRepoMetadata"], None]) -> Path:
    """Return a folder with the model's files.

    A model that is complete in the cache is taken from there without asking the Hub.

    Args:
        repo: Such as ``meta-llama/Llama-2-7b-chat-hf``.
        check: Given names and shapes of the weights before they are downloaded; may refuse them.

    Raises:
        LLMError: the model is unknown, gated or has no safetensors weights, the Hub cannot be
            reached, or ``check`` refused.
    """
    with explained(
        f"hf:{repo}",
        repo,
        no_file="has no config.json, so it is no model for transformers",
        instead="a folder that holds the model: hf:/a/folder",
    ):
        return _cached(repo) or _download(repo, check)


def _cached(repo: str) -> Path | None:
    try:
        folder = Path(snapshot_download(repo, allow_patterns=_FILES, local_files_only=True))
        inspect_folder(folder, f"hf:{repo}")
    except (LocalEntryNotFoundError, LLMError):
        return None
    return folder


def _download(repo: str, check: Callable[["SafetensorsRepoMetadata"], None]) -> Path:
    # Asked once, so that a missing connection shows at once: downloads try on for half a minute.
    HfApi().model_info(repo)
    # A small file next: it is refused for the same reasons as the weights.
    refuse_quantised(Path(hf_hub_download(repo, "config.json")), f"hf:{repo}")
    check(HfApi().get_safetensors_metadata(repo))
    return Path(snapshot_download(repo, allow_patterns=_FILES))


@contextmanager
def explained(name: str, repo: str, *, no_file: str, instead: str) -> Iterator[None]:
    """Turn the Hub's errors into ones that say what to do; the token is in none of them.

    Args:
        name: Of the LLM, for messages.
        repo: Of the Hub.
        no_file: What a model lacks whose repository has not the file that is asked for.
        instead: What may be named without a connection.

    Raises:
        LLMError: the Hub or the disk refused.
    """
    page = f"https://huggingface.co/{repo}"
    try:
        yield
    except NotASafetensorsRepoError:
        raise no_safetensors(name) from None
    except GatedRepoError:
        raise refusal("bad key", _gated(name, page)) from None
    except RepositoryNotFoundError:
        raise refusal(
            "not found",
            f"The Hugging Face Hub shows no model {repo!r}. Check the name at "
            f"https://huggingface.co/models; for a private model, {_TOKEN_ADVICE}.",
        ) from None
    except HFValidationError:
        raise refusal(
            "not found",
            f"{name!r} is neither a folder on this machine nor a model name such as "
            "'hf:meta-llama/Llama-2-7b-chat-hf'.",
        ) from None
    except (LocalEntryNotFoundError, httpx2.TransportError, OfflineModeIsEnabled):
        raise refusal(
            "no connection",
            f"{name} is not on this machine, and the Hugging Face Hub cannot be reached. Check "
            f"the connection, or name {instead}.",
        ) from None
    except EntryNotFoundError:
        raise refusal(
            "not found",
            f"{name} {no_file}. See {page}.",
        ) from None
    except HfHubHTTPError as error:
        status = error.response.status_code
        advice = f"{_TOKEN_ADVICE}, or remove a wrong one" if status == 401 else "try again later"
        kind: FailureKind = "bad key" if status == 401 else "server error"
        raise refusal(
            kind, f"The Hugging Face Hub answered {status} for {name}; {advice}."
        ) from None
    except OSError as error:
        raise refusal(
            "server error", f"The files of {name} cannot be stored here: {error.strerror}."
        ) from error


def _gated(name: str, page: str) -> str:
    if get_token() is None:
        return (
            f"{name} is open only to accounts that accepted its licence. Accept it at {page}, "
            f"then {_TOKEN_ADVICE}."
        )
    return (
        f"The account of your Hugging Face token may not download {name}. Accept the licence at "
        f"{page}; some owners take days to grant access. A fine-grained token also needs read "
        "access to gated repositories."
    )
