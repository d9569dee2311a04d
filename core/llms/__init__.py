"""The only place that knows how to reach an LLM; each is found by its name.

=====================  ==========================================================================
``embedded``           the small LLM that comes with the project; no key, no GPU, no download
``recorded:gsm8k``     LLaMA2-7B-chat's published answers to 1,000 GSM8K questions, played back
``hf:MODEL``           a model of the Hugging Face Hub or a local folder, in 4 bits on a GPU
``gguf:MODEL``         a GGUF file on this machine or of the Hub, on the processor or a GPU
``openai:MODEL``       a model behind the OpenAI API or any server that speaks it
=====================  ==========================================================================

Importing this package loads none of torch, transformers, xllamacpp and openai; asking for an LLM
that needs them does, which ``embedded`` and ``recorded`` do not.
"""

from functools import lru_cache

from core.errors import DataError, UnknownNameError
from core.llms.base import (
    CONCURRENCY,
    LLM,
    Attempt,
    Completion,
    Control,
    Failure,
    LLMError,
    Sampling,
    Usage,
)
from core.llms.gguf import SHORT_NAMES
from core.llms.local import gpus
from core.llms.local.loaded_once import closers
from core.llms.recorded import RecordedGSM8K

__all__ = [
    "LLM",
    "NAMES",
    "Attempt",
    "Completion",
    "Control",
    "Failure",
    "LLMError",
    "RecordedGSM8K",
    "Sampling",
    "Usage",
    "close",
    "get",
]

NAMES: tuple[str, ...] = (
    "embedded",
    "recorded:gsm8k",
    "hf:meta-llama/Llama-2-7b-chat-hf",
    "hf:TigerResearch/tigerbot-13b-chat",
    "hf:/a/folder",
    *(f"gguf:{name}" for name in SHORT_NAMES),
    "gguf:/a/file.gguf",
    "openai:gpt-3.5-turbo",
)
"""Names that can be asked for; the part after ``hf:``, ``gguf:`` and ``openai:`` is free."""


def get(
    name: str,
    sampling: Sampling = Sampling(),  # noqa: B008 - frozen
    *,
    concurrency: int = CONCURRENCY,
    timeout_s: float | None = None,
) -> LLM:
    """Return the LLM called ``name``; the same one each time.

    Args:
        name: One of the names above.
        sampling: How its tokens are drawn; without effect on recorded answers.
        concurrency: Most calls at once of an LLM behind an API.
        timeout_s: Seconds that such a one may be silent; None for ``PROMPT_OIRL_TIMEOUT``, or 60.

    Raises:
        DataError: ``sampling`` leaves something out that an LLM on this machine has to know.
        UnknownNameError: no LLM has this name; the message lists those that do.
        LLMError: the model, its GPU, its key or a package is missing; the message says which.
    """
    return _get(name, sampling, concurrency, timeout_s)


def close() -> None:
    """Forget every LLM that was asked for: its memory is free once nobody uses it any more."""
    for forget in closers:
        forget()


@lru_cache(maxsize=8)
def _get(name: str, sampling: Sampling, concurrency: int, timeout_s: float | None) -> LLM:
    """Positional, since the cache tells apart whether a default was written out."""
    if name == RecordedGSM8K.name:
        return RecordedGSM8K()
    kind, _, model = name.partition(":")
    if kind == "openai" and model:
        from core.llms.openai.api import OpenAICompatible

        return OpenAICompatible(model, sampling, concurrency=concurrency, timeout_s=timeout_s)
    if sampling.unsent:
        raise DataError(
            f"{' and '.join(sampling.unsent)} may be none only for a server, not for {name}."
        )
    if kind == "hf" and model and gpus.is_lent():
        from core.llms.local.zero_gpu import LentGPU

        return LentGPU(model, sampling)
    if kind == "hf" and model:
        from core.llms.local.llm import load_4bit

        return load_4bit(model, sampling)
    if kind == "gguf" and model:
        from core.llms.gguf.llm import load_gguf

        return load_gguf(model, sampling)
    if name == "embedded":
        from core.llms.embedded.llm import load_embedded

        return load_embedded(sampling)
    raise UnknownNameError("LLM", name, NAMES)


closers.append(_get.cache_clear)
