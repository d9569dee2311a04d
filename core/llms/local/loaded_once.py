"""Loaded models that several LLMs share, and who gives their memory back."""

import threading
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

_Loaded = TypeVar("_Loaded")


closers: list[Callable[[], object]] = []
"""Called by ``core.llms.close``; whoever keeps a loaded model beyond its use adds its own."""


class Shared(Generic[_Loaded]):
    """What is loaded once for all who use it, and forgotten once nobody does."""

    def __init__(self) -> None:
        self._loaded: WeakValueDictionary[Hashable, _Loaded] = WeakValueDictionary()
        self._loading = threading.Lock()

    def get(self, key: Hashable, load: Callable[[], _Loaded]) -> _Loaded:
        """What ``load`` gave under this key, called only when nobody holds it any more.

        Raises:
            Exception: whatever ``load`` raises.
        """
        with self._loading:
            found = self._loaded.get(key)
            if found is None:
                found = self._loaded[key] = load()
            return found
