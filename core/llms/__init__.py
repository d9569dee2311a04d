"""The only place that knows how to reach an LLM; each is found by its name."""

from collections.abc import Callable
from functools import lru_cache

from core.errors import UnknownNameError
from core.llms.base import LLM, Completion, Usage
from core.llms.recorded import RecordedGSM8K

__all__ = ["LLM", "NAMES", "Completion", "RecordedGSM8K", "Usage", "get"]

_MAKERS: dict[str, Callable[[], LLM]] = {RecordedGSM8K.name: RecordedGSM8K}
NAMES: tuple[str, ...] = tuple(_MAKERS)


@lru_cache(maxsize=8)
def get(name: str) -> LLM:
    """Return the LLM called ``name``; the same one each time.

    Raises:
        UnknownNameError: no LLM has this name; the message lists those that do.
    """
    if name not in _MAKERS:
        raise UnknownNameError("LLM", name, NAMES)
    return _MAKERS[name]()
