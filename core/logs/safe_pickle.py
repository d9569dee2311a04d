"""Read a pickled NumPy file without letting it run code.

Loading a pickle may import and call anything. The published results are pickled dictionaries of
arrays, so this reader admits the constructors of NumPy arrays and refuses every other name.
"""

import pickle
from pathlib import Path
from typing import Any

import numpy as np

from core.errors import DataError

_ADMITTED = frozenset(
    (module, name)
    for package in ("numpy.core", "numpy._core")
    for module, name in (
        (f"{package}.multiarray", "_reconstruct"),
        (f"{package}.multiarray", "scalar"),
        (f"{package}.numeric", "_frombuffer"),
        ("numpy", "ndarray"),
        ("numpy", "dtype"),
    )
)


class _NumPyUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ADMITTED:
            raise pickle.UnpicklingError(f"{module}.{name} is not admitted")
        return super().find_class(module, name)


def read_object_array(path: Path) -> Any:
    """Return the one object (dicts, lists, numbers, arrays) stored in a pickled `.npy` file.

    Raises:
        DataError: the file is no such array, or names anything but NumPy's own constructors.
    """
    try:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            if version != (1, 0):
                raise DataError(f"{path.name}: .npy version {version} is not (1, 0).")
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
            if shape != () or not dtype.hasobject:
                raise DataError(f"{path.name}: expected one pickled object, found {dtype} {shape}.")
            array = _NumPyUnpickler(file).load()
    except (pickle.UnpicklingError, ValueError, EOFError) as error:
        raise DataError(f"{path.name} is refused: {error}.") from error
    return array.item()
