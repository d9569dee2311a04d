"""What must hold before a local LLM is loaded; every refusal says what to do."""

import json
from collections.abc import Collection
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from core.llms.base import Failure, FailureKind, LLMError

if TYPE_CHECKING:
    from huggingface_hub import SafetensorsRepoMetadata

GIB = 2**30
CPU_LIMIT = 2 * GIB
"""Folders with smaller weights also run in 4 bits on the processor, for trying things out."""

PACKAGES = ("torch", "transformers", "accelerate", "bitsandbytes")
_KNOWN_NEEDS = {
    "meta-llama/Llama-2-7b-chat-hf": 5 * GIB,
    "TigerResearch/tigerbot-13b-chat": 9 * GIB,
}
_WORKING_MEMORY = GIB
"""For CUDA itself and for the keys and values of about 2,000 tokens of a 7B model."""
_NF4_BYTES = 0.5 + 1 / 64 + 4 / (64 * 256)
"""Per weight: 4 bits, and a scale per 64 weights that double quantisation keeps in 8 bits."""
_BFLOAT16_BYTES = 2
INSTEAD = "Without one, choose `embedded`, `recorded:gsm8k` or, with a key, `openai:gpt-3.5-turbo`."


def refusal(kind: FailureKind, message: str) -> LLMError:
    """The error for a model that cannot be used at all."""
    return LLMError(Failure(kind, message))


def require_packages(names: Collection[str]) -> None:
    """Raise LLMError when one of these packages, which local LLMs need, is not installed."""
    missing = [name for name in names if find_spec(name) is None]
    if missing:
        raise refusal(
            "not found",
            f"Local LLMs need {', '.join(missing)}, not installed here. "
            "Run `pip install -r requirements.txt`.",
        )


def require_gpu(model: str) -> None:
    """Raise LLMError when PyTorch finds no NVIDIA GPU."""
    import torch

    if torch.cuda.is_available():
        return
    size = "about 0.7 GiB of free memory per billion parameters"
    if model in _KNOWN_NEEDS:
        size = f"about {_KNOWN_NEEDS[model] // GIB} GiB of free memory"
    built = "" if torch.version.cuda else " (the PyTorch installed here is built without CUDA)"
    raise refusal(
        "not found",
        f"hf:{model} needs an NVIDIA GPU with {size}, and PyTorch finds none{built}. {INSTEAD} "
        f"A local folder with less than {CPU_LIMIT // GIB} GiB of weights runs without a GPU.",
    )


def require_gpu_memory(name: str, sizes: "SafetensorsRepoMetadata", *, quantised: bool) -> None:
    """Raise LLMError when the GPU has less free memory than the model takes."""
    import torch

    needed = gpu_bytes(sizes, quantised=quantised) + _WORKING_MEMORY
    free, total = torch.cuda.mem_get_info()
    if free < needed:
        raise refusal(
            "out of memory",
            f"{name} takes about {needed / GIB:.1f} GiB of GPU memory; {free / GIB:.1f} of "
            f"{total / GIB:.1f} GiB are free on {torch.cuda.get_device_name()}. Close what else "
            "uses the GPU, restart this program if it has loaded another model, or choose a "
            "smaller one.",
        )


def gpu_bytes(sizes: "SafetensorsRepoMetadata", *, quantised: bool) -> int:
    """Bytes of the weights on a GPU: 16 bits each, or 4 for those of linear layers."""
    total = 0.0
    for file in sizes.files_metadata.values():
        for name, tensor in file.tensors.items():
            is_linear = len(tensor.shape) == 2 and "embed" not in name and "lm_head" not in name
            each = _NF4_BYTES if quantised and is_linear else _BFLOAT16_BYTES
            total += tensor.parameter_count * each
    return int(total)


def stored_bytes(folder: Path) -> int:
    """Bytes of the weight files of a folder."""
    return sum(file.stat().st_size for file in folder.glob("*.safetensors"))


def inspect_folder(folder: Path, name: str) -> "SafetensorsRepoMetadata":
    """Read the names and shapes of a folder's weights, without the weights.

    Raises:
        LLMError: the folder is missing, is no model in the Hugging Face layout, holds its weights
            as pickles, or is damaged.
    """
    from huggingface_hub import get_local_safetensors_metadata
    from huggingface_hub.errors import NotASafetensorsRepoError, SafetensorsParsingError

    if not folder.is_dir():
        raise refusal("not found", f"There is no folder {folder}. Check the path in {name!r}.")
    if not (folder / "config.json").is_file():
        raise refusal(
            "not found",
            f"{folder} has no config.json. Name a folder in the layout of the Hugging Face Hub: "
            "config.json, model.safetensors and the tokenizer's files.",
        )
    refuse_quantised(folder / "config.json", name)
    try:
        return get_local_safetensors_metadata(folder)
    except NotASafetensorsRepoError:
        raise no_safetensors(name) from None
    except FileNotFoundError as error:
        raise refusal(
            "not found",
            f"{error.filename} is missing; the weights of {name} are not complete. "
            "Copy or download them again.",
        ) from None
    except SafetensorsParsingError as error:
        raise refusal("malformed", f"The weights of {name} are damaged: {error}") from error


def refuse_quantised(config: Path, name: str) -> None:
    """Raise LLMError when config.json cannot be read or says that weights are quantised already."""
    try:
        content = json.loads(config.read_text("utf-8"))
    except ValueError as error:
        raise refusal("malformed", f"config.json of {name} is damaged: {error}.") from error
    if not isinstance(content, dict):
        raise refusal("malformed", f"config.json of {name} is damaged: it is not an object.")
    if "quantization_config" in content:
        raise refusal(
            "bad request",
            f"The weights of {name} are quantised already. Name the model that they were made "
            "from; it is quantised here while it is loaded.",
        )


def unloadable(name: str, folder: Path, why: object) -> LLMError:
    """The error for files that are damaged or do not go together."""
    return refusal("malformed", f"{name} cannot be loaded from {folder}: {why}")


def incomplete(name: str, missing: Collection[str]) -> LLMError:
    """The error for weights that lack parts."""
    return refusal(
        "malformed",
        f"The weights of {name} are not complete: {len(missing)} parts such as {min(missing)} are "
        "missing. Copy or download them again.",
    )


def no_safetensors(name: str) -> LLMError:
    """The error for weights that are only there as pickles, which can run code when loaded."""
    other = ""
    if "tigerbot" in name.lower():
        other = " hf:TigerResearch/tigerbot-13b-chat-v6 has them."
    return refusal(
        "bad request",
        f"{name} has no model.safetensors. Weights in pytorch_model.bin are not loaded, because "
        "such a file can run any code. Choose a model with safetensors weights, or convert a "
        f"copy that you trust with `save_pretrained` of transformers and name its folder.{other}",
    )
