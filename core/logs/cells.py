"""A column as it is read: a text is kept once, however many rows have it."""

from array import array
from typing import Any

import numpy as np
import pandas as pd


class Cells:
    """The cells of a column in their order: four bytes each where all are texts."""

    def __init__(self) -> None:
        self._places = array("i")
        self._known: dict[str, int] = {}
        self._texts: list[str] = []
        self._numbers: list[np.ndarray] = []
        self._mixed: list[Any] | None = None

    def append(self, cell: Any) -> None:
        """Add a cell of any kind."""
        if isinstance(cell, str) and self._mixed is None and not self._numbers:
            self._places.append(self._place(cell))
        elif isinstance(cell, str):
            self._objects().append(self._texts[self._place(cell)])
        else:
            self._objects().append(cell)

    def extend(self, column: Any) -> None:
        """Add an Arrow array of plain values."""
        from pyarrow import types

        kind, whole = column.type, not column.null_count and self._mixed is None
        if types.is_string(kind) or types.is_large_string(kind):
            column = column.dictionary_encode()
        if whole and types.is_dictionary(column.type):
            used, places = np.unique(column.indices.to_numpy(), return_inverse=True)
            known = [self._place(text) for text in column.dictionary.take(used).to_pylist()]
            self._places.frombytes(np.array(known, dtype=np.int32)[places].tobytes())
        elif whole and (types.is_integer(kind) or types.is_boolean(kind) or kind in _floats()):
            self._numbers.append(column.to_numpy(zero_copy_only=False))
        else:
            for cell in column.to_pylist():
                self.append(cell)

    def series(self) -> pd.Series:
        """The column: texts as categories, an Arrow array's numbers as such, all else as objects.

        None stands where a cell is missing.
        """
        if self._numbers and self._mixed is None:
            return pd.Series(np.concatenate(self._numbers))
        if self._mixed is not None or not self._places:
            return pd.Series(self._mixed or [], dtype=object)
        places = np.frombuffer(self._places, dtype=np.int32)
        texts = pd.Index(self._texts, dtype=object)
        return pd.Series(pd.Categorical.from_codes(places, texts))

    def _place(self, text: str) -> int:
        place = self._known.setdefault(text, len(self._texts))
        if place == len(self._texts):
            self._texts.append(text)
        return place

    def _objects(self) -> list[Any]:
        if self._mixed is None:
            self._mixed = [self._texts[place] for place in self._places]
            for part in self._numbers:
                self._mixed += part.tolist()
            self._places, self._numbers = array("i"), []
        return self._mixed


def _floats() -> tuple[Any, ...]:
    import pyarrow

    return pyarrow.float32(), pyarrow.float64()
