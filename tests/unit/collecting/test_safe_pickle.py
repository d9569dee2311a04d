"""Pickled arrays are read; pickles that would run code are not."""

import os
from pathlib import Path

import numpy as np
import pytest

from core.errors import DataError
from core.logs.safe_pickle import read_object_array


def _save(path: Path, value: object) -> Path:
    np.save(path, np.array(value, dtype=object), allow_pickle=True)
    return path


def test_nested_containers_of_arrays_come_back(tmp_path: Path) -> None:
    value = {"a": {"b": np.array([True, False])}, "c": [1, 2.5, "x", None, np.float64(3)]}
    found = read_object_array(_save(tmp_path / "good.npy", value))
    assert found["a"]["b"].tolist() == [True, False]
    assert found["c"] == [1, 2.5, "x", None, 3.0]


class _Harmful:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple:
        return os.mkdir, (str(self.mark),)


def test_a_pickle_that_calls_something_is_refused_and_not_run(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    path = _save(tmp_path / "bad.npy", {"x": _Harmful(mark)})
    with pytest.raises(DataError, match="mkdir"):
        read_object_array(path)
    assert not mark.exists()


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"not an array at all" * 10])
def test_a_damaged_file_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "damaged.npy"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"damaged\.npy"):
        read_object_array(path)


def test_a_cut_off_file_is_a_clear_error(tmp_path: Path) -> None:
    path = _save(tmp_path / "cut.npy", {"x": np.arange(100)})
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(DataError, match=r"cut\.npy"):
        read_object_array(path)


def test_a_plain_array_is_not_taken_for_a_pickled_object(tmp_path: Path) -> None:
    np.save(tmp_path / "plain.npy", np.arange(3))
    with pytest.raises(DataError, match="one pickled object"):
        read_object_array(tmp_path / "plain.npy")
