"""Reading anyone's table from CSV, JSONL or Parquet, bounded before it is decoded.

No reader here executes anything that a file holds: CSV and JSON are text, and of Parquet only
plain columns are decoded.
"""

import csv
import json
import math
from collections.abc import Callable, Collection, Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pandas as pd

from core.errors import DataError
from core.logs.problems import Fault

_LONGEST_LINE = 1_000_000
_MOST_COLUMNS = 200
_METADATA_BYTES = 10_000_000
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}


@dataclass(frozen=True)
class FileLimits:
    """What a file may hold; nothing is limited by default.

    Attributes:
        megabytes: Of the file.
        decoded_megabytes: Of a Parquet file's columns when they are decompressed.
        rows: Of the table.
    """

    megabytes: float = math.inf
    decoded_megabytes: float = math.inf
    rows: float = math.inf


@dataclass(frozen=True)
class Nested:
    """A list or an object where JSON should have held a plain value."""

    text: str

    def __repr__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Rows:
    """A table as it was read.

    Attributes:
        table: Cells as objects; None where one is missing. Rows that could not be read are empty.
        faults: Rows that could not be read.
    """

    table: pd.DataFrame
    faults: tuple[Fault, ...] = ()


class _Everything(Container[str]):
    def __contains__(self, name: object) -> bool:
        return True


def read_rows(
    path: Path,
    limits: FileLimits | None = None,
    columns: Container[str] = _Everything(),
) -> Rows:
    """Read a CSV (every cell as text), JSONL or Parquet file.

    Args:
        path: Its suffix says what it is.
        limits: What it may hold.
        columns: Names of those to read; others are left alone.

    Raises:
        DataError: it is not there, is nothing of the kind, or exceeds a limit.
    """
    limits = limits or FileLimits()
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path.name}: the name must end in {', '.join(_READERS)}.")
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    size = path.stat().st_size / 1e6
    if size > limits.megabytes:
        raise DataError(
            f"{path.name} has {size:,.1f} MB; at most {limits.megabytes:,.0f} MB are allowed."
        )
    if size == 0:
        raise DataError(f"{path.name} is empty.")
    import pyarrow

    try:
        return reader(path, limits, columns)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} cannot be read as {path.suffix[1:]}: byte {error.start + 1:,} is not "
            "UTF-8; save the file as UTF-8 text."
        ) from error
    except (ValueError, csv.Error, RecursionError, pyarrow.ArrowException) as error:
        raise DataError(f"{path.name} cannot be read as {path.suffix[1:]}: {error}") from error


def check_rows(name: str, rows: int, limits: FileLimits) -> None:
    """Raise DataError when a file has too many rows."""
    if rows > limits.rows:
        raise DataError(f"{name} has {rows:,} rows; at most {limits.rows:,.0f} are allowed.")


def _lines(file: TextIO) -> Iterator[str]:
    """The lines of a text, none of them endless."""
    number = 0
    while line := file.readline(_LONGEST_LINE + 1):
        number += 1
        if len(line) > _LONGEST_LINE:
            raise ValueError(f"line {number:,} has more than {_LONGEST_LINE:,} characters.")
        yield line


def _open(path: Path) -> TextIO:
    with path.open("rb") as file:
        if file.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            raise ValueError("it is UTF-16 text; save it as UTF-8.")
    # Excel begins UTF-8 with a byte order mark, which is no part of the first column's name.
    return path.open(encoding="utf-8-sig", newline="")


def _read_csv(path: Path, limits: FileLimits, columns: Container[str]) -> Rows:
    with _open(path) as file:
        rows = (row for row in csv.reader(_lines(file)) if row)
        header = [name.strip() for name in next(rows, [])]
        _check_header(header)
        places = [place for place, name in enumerate(header) if name in columns]
        cells: list[list[str | None]] = []
        widths: dict[int, int] = {}
        count, same = 0, _Shared()
        for row in rows:
            count += 1
            if count > limits.rows:
                continue
            if len(row) == len(header):
                cells.append([same(row[place]) for place in places])
            else:
                widths[count - 1] = len(row)
                cells.append([None] * len(places))
    check_rows(path.name, count, limits)
    table = pd.DataFrame(cells, columns=[header[place] for place in places], dtype=object)
    rule = f"must be {len(header)}, one for each column of the header"
    return Rows(table, _unread("the number of cells", widths, count, rule))


def _check_header(header: list[str]) -> None:
    _check_columns(header)
    if len(header) == 1:
        for sign, name in _SEPARATORS.items():
            if sign in header[0]:
                raise ValueError(f"its columns are separated by {name}; use commas instead.")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"the header names the column {twice!r} twice.")


def _check_columns(names: Collection[str]) -> None:
    if len(names) > _MOST_COLUMNS:
        raise ValueError(f"it has {len(names):,} columns; at most {_MOST_COLUMNS} are allowed.")


class _Shared:
    """Keeps one object for equal texts, since a log repeats its queries and prompts."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        return self._known.setdefault(text, text)


def _unread(column: str, values: dict[int, Any], count: int, rule: str) -> tuple[Fault, ...]:
    if not values:
        return ()
    bad = np.zeros(count, dtype=bool)
    bad[list(values)] = True
    cells = [values.get(row) for row in range(count)]
    return (Fault(column, bad, cells, rule),)


def _read_jsonl(path: Path, limits: FileLimits, columns: Container[str]) -> Rows:
    records: list[dict[str, Any]] = []
    names: dict[str, None] = {}
    broken: dict[int, str] = {}
    count, same = 0, _Shared()
    with _open(path) as file:
        for line in _lines(file):
            if not line.strip():
                continue
            count += 1
            if count > limits.rows:
                continue
            record = _record(line)
            if record is None:
                broken[count - 1] = line.strip()
            kept = {name: _plain(value, same) for name, value in (record or {}).items()}
            records.append({name: value for name, value in kept.items() if name in columns})
            names.update(dict.fromkeys(records[-1]))
            _check_columns(names)
    check_rows(path.name, count, limits)
    cells = {name: [record.get(name) for record in records] for name in names}
    table = pd.DataFrame(cells, index=range(count), dtype=object)
    return Rows(table, _unread("the line", broken, count, "must be one JSON object"))


def _record(line: str) -> dict[str, Any] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _plain(value: object, same: _Shared) -> object:
    if isinstance(value, str):
        return same(value)
    if isinstance(value, list | dict):
        return Nested(json.dumps(value)[:200])
    return value


def _read_parquet(path: Path, limits: FileLimits, columns: Container[str]) -> Rows:
    from pyarrow import parquet, types

    options = {
        "thrift_string_size_limit": _METADATA_BYTES,
        "thrift_container_size_limit": _METADATA_BYTES,
    }
    with parquet.ParquetFile(path, **options) as file:
        metadata, fields = file.metadata, [f for f in file.schema_arrow if f.name in columns]
        check_rows(path.name, metadata.num_rows, limits)
        _check_columns([field.name for field in fields])
        for field in fields:
            if types.is_nested(field.type):
                raise ValueError(
                    f"the column {field.name!r} holds {field.type}; it must hold plain values."
                )
        groups = range(metadata.num_row_groups)
        decoded = sum(metadata.row_group(group).total_byte_size for group in groups)
        _check_decoded(decoded, limits)
    texts = [f.name for f in fields if types.is_string(f.type) or types.is_large_string(f.type)]
    names = [field.name for field in fields]
    cells: dict[str, list[Any]] = {name: [] for name in names}
    decoded = 0
    # Read as a dictionary a text is decoded once, however many rows of a small file point to it.
    with parquet.ParquetFile(path, read_dictionary=texts, **options) as file:
        for batch in file.iter_batches(batch_size=8192, columns=names, use_threads=False):
            decoded += batch.get_total_buffer_size()
            _check_decoded(decoded, limits)
            for name, column in zip(names, batch.columns, strict=True):
                cells[name] += _values(column)
    return Rows(pd.DataFrame(cells, index=range(metadata.num_rows), dtype=object))


def _check_decoded(size: int, limits: FileLimits) -> None:
    if size / 1e6 > limits.decoded_megabytes:
        raise ValueError(
            f"its columns take {size / 1e6:,.0f} MB when decompressed; at most "
            f"{limits.decoded_megabytes:,.0f} MB are allowed."
        )


def _values(column: Any) -> list[Any]:
    from pyarrow import types

    if not types.is_dictionary(column.type):
        return column.to_pylist()
    known = np.array([*column.dictionary.to_pylist(), None], dtype=object)
    places = column.indices.fill_null(len(known) - 1)
    return known[places.to_numpy(zero_copy_only=False)].tolist()


_READERS: dict[str, Callable[[Path, FileLimits, Container[str]], Rows]] = {
    ".csv": _read_csv,
    ".jsonl": _read_jsonl,
    ".parquet": _read_parquet,
}
