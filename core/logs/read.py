"""Reading anyone's table, whatever it is written as, bounded before it is decoded.

No reader here executes anything that a file holds: CSV and JSON are text, of Excel the values are
read, and of Parquet only plain columns are decoded.
"""

import csv
import gzip
import json
import math
import zlib
from codecs import getincrementaldecoder
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TextIO
from zipfile import BadZipFile, ZipFile

import numpy as np
import pandas as pd

from core.errors import DataError
from core.logs.cells import Cells
from core.logs.formats import document_rows, eval_archive, lighteval, promptfoo, record_reader
from core.logs.problems import Fault

if TYPE_CHECKING:
    from pyarrow import parquet

_LONGEST_LINE = 1_000_000
_MOST_COLUMNS = 200
_METADATA_BYTES = 10_000_000
_DELIMITERS = (",", ";", "\t", "|")
_LINES = (".jsonl", ".ndjson")
"""Names of JSON lines, where one alone leaves open what was meant."""
_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_TIMES_PARSED = 4
"""What a parsed document takes of its size, at least."""
_ENCODINGS = {"charmap": "Windows-1252", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16"}
"""As people call what Python's decoders call so."""
_MAGIC = {b"PAR1": "Parquet", b"ARROW1": "Feather", b"PK\x03\x04": "an archive"}
_PIECE = 1 << 20
"""Bytes of a file that are looked at together."""
_TOLD = 1 << 13
"""Rows that are read together, or after which their number is told."""
_START = 1 << 16
"""Bytes from which it is seen what a text is."""
Record = dict[str, Any]


@dataclass(frozen=True)
class FileLimits:
    """What a file may hold; nothing is limited by default.

    Attributes:
        megabytes: Of the file.
        decoded_megabytes: Of what is packed when it is unpacked; of what is parsed at once a
            ``_TIMES_PARSED``th.
        rows: Of the table.
        on_rows: Called now and then with the number of rows that were read.
    """

    megabytes: float = math.inf
    decoded_megabytes: float = math.inf
    rows: float = math.inf
    on_rows: Callable[[int], None] | None = None

    def tell(self, rows: int) -> None:
        """Tell of the rows read so far, where these are a round number."""
        if self.on_rows is not None and not rows % _TOLD:
            self.on_rows(rows)


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
        table: Texts as categories, numbers or objects; None where one is missing. Rows that could
            not be read are empty.
        faults: Rows that could not be read.
        names: Of all columns of the file, those that were left alone too.
        nested: Names of those that hold lists or objects, which no table takes.
    """

    table: pd.DataFrame
    faults: tuple[Fault, ...] = ()
    names: tuple[str, ...] = ()
    nested: tuple[str, ...] = ()


class _Everything(Container[str]):
    def __contains__(self, name: object) -> bool:
        return True


def read_rows(
    path: Path,
    limits: FileLimits | None = None,
    columns: Container[str] = _Everything(),
) -> Rows:
    """Read a table: CSV (every cell as text), JSON lines, a JSON array, Excel, Parquet or Feather.

    What a file is, its first bytes say; any of these may be packed with gzip. Results of
    evaluation tools are read as ``core.logs.formats`` knows them.

    Args:
        path: The file.
        limits: What it may hold.
        columns: Names of those to read; others are left alone.

    Raises:
        DataError: it is not there, is nothing of the kind, or exceeds a limit.
    """
    limits = limits or FileLimits()
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    size = path.stat().st_size / 1e6
    if size > limits.megabytes:
        raise DataError(
            f"{path.name} has {size:,.1f} MB; at most {limits.megabytes:,.0f} MB are allowed."
        )
    if size == 0:
        raise DataError(f"{path.name} is empty.")
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
    if not packed:
        return _read(path, limits, columns)
    with TemporaryDirectory() as folder:
        return _read(_unpacked(path, Path(folder), limits), limits, columns)


def _unpacked(path: Path, folder: Path, limits: FileLimits) -> Path:
    """Unpack a file into a folder under its name without .gz."""
    out = folder / path.name.removesuffix(".gz")
    most, size = limits.decoded_megabytes * 1e6, 0
    try:
        with gzip.open(path) as source, out.open("wb") as target:
            while piece := source.read(_PIECE):
                size += len(piece)
                if size > most:
                    raise DataError(
                        f"{path.name} has more than {most / 1e6:,.0f} MB when unpacked; so many "
                        "are allowed."
                    )
                target.write(piece)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path.name} cannot be unpacked: {error}") from error
    return out


def _read(path: Path, limits: FileLimits, columns: Container[str]) -> Rows:
    import pyarrow

    kind = "text"
    try:
        kind = _kind(path)
        return _READERS[kind](path, limits, columns)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} cannot be read as {kind}: byte {error.start + 1:,} is no "
            f"{_ENCODINGS.get(error.encoding, error.encoding)} text; save the file as UTF-8."
        ) from error
    except (ValueError, csv.Error, RecursionError, pyarrow.ArrowException) as error:
        raise DataError(f"{path.name} cannot be read as {kind}: {error}") from error


def _kind(path: Path) -> str:
    """What a file is, by its beginning."""
    with path.open("rb") as file:
        head = file.read(8)
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    with path.open("rb") as file:
        begun = file.read(_START)
    encoding = "utf-16" if begun.startswith(_UTF16) else "utf-8-sig"
    start = begun.decode(encoding, "ignore").lstrip()
    if start.startswith("["):
        return "JSON"
    if start.startswith("{"):
        rest = start.partition("\n")[2]
        lines = path.suffix in _LINES or rest.lstrip().startswith("{")
        return "JSON lines" if lines else "JSON"
    return "CSV"


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
    """A text file in UTF-8, in UTF-16 if it says so, else as Windows writes it."""
    with path.open("rb") as file:
        if file.read(2).startswith(_UTF16):
            return path.open(encoding="utf-16", newline="")
    # Excel begins UTF-8 with a byte order mark, which is no part of the first column's name.
    decoder = getincrementaldecoder("utf-8-sig")()
    with path.open("rb") as file:
        try:
            while piece := file.read(_PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return path.open(encoding="cp1252", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _read_csv(path: Path, limits: FileLimits, columns: Container[str]) -> Rows:
    with _open(path) as file:
        lines = _lines(file)
        first = next(lines, "")
        cells = csv.reader(chain([first], lines), delimiter=_delimiter(first))
        rows = (row for row in cells if row)
        header, below = next(rows, []), next(rows, [])
        if len(header) == len(below) and promptfoo.recognises_table(header, below):
            answers = promptfoo.table_rows(header, chain([below], rows))
            return _records(path, answers, limits, columns)
        begun = [row for row in (header, below) if row]
        return _table(path.name, chain(begun, rows), limits, columns)


def _delimiter(first: str) -> str:
    """What parts the cells of a first line: the sign that makes most of them, commas if none."""
    return max(_DELIMITERS, key=lambda sign: len(next(csv.reader([first], delimiter=sign), [])))


def _table(
    name: str, rows: Iterable[Sequence[Any]], limits: FileLimits, kept: Container[str]
) -> Rows:
    """A table from its header and its rows.

    Args:
        name: Of the file.
        rows: The header comes first.
        limits: What it may hold.
        kept: Names of the columns to keep.
    """
    rows = iter(rows)
    header = ["" if cell is None else str(cell).strip() for cell in next(rows, [])]
    _check_header(header)
    places = [place for place, one in enumerate(header) if one in kept]
    columns = {place: Cells() for place in places}
    widths: dict[int, int] = {}
    count = 0
    for row in rows:
        count += 1
        limits.tell(count)
        if count > limits.rows:
            continue
        if len(row) != len(header):
            widths[count - 1] = len(row)
        for place, cells in columns.items():
            cells.append(row[place] if len(row) == len(header) else None)
    check_rows(name, count, limits)
    table = _frame({header[place]: cells for place, cells in columns.items()}, count)
    rule = f"must be {len(header)}, one for each column of the header"
    return Rows(table, _unread("the number of cells", widths, count, rule), tuple(header))


def _check_header(header: list[str]) -> None:
    _check_columns(header)
    twice = next((name for name in header if name and header.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"the header names the column {twice!r} twice.")


def _check_columns(names: Collection[str]) -> None:
    if len(names) > _MOST_COLUMNS:
        raise ValueError(f"it has {len(names):,} columns; at most {_MOST_COLUMNS} are allowed.")


def _unread(column: str, values: dict[int, Any], count: int, rule: str) -> tuple[Fault, ...]:
    if not values:
        return ()
    bad = np.zeros(count, dtype=bool)
    bad[list(values)] = True
    cells = [values.get(row) for row in range(count)]
    return (Fault(column, bad, cells, rule),)


def _read_jsonl(path: Path, limits: FileLimits, columns: Container[str]) -> Rows:
    with _open(path) as file:
        lines = (line for line in _lines(file) if line.strip())
        return _records(path, map(_record_or_line, lines), limits, columns)


def _read_json(path: Path, limits: FileLimits, columns: Container[str]) -> Rows:
    _check_whole(path.stat().st_size, limits)
    with _open(path) as file:
        document = json.load(file)
    rows = document if isinstance(document, list) else document_rows(document, path.name)
    if rows is None:
        # What is no tool's is a log of one row.
        rows = [document]
    return _records(path, map(_record_or_text, rows), limits, columns)


def _read_archive(path: Path, limits: FileLimits, columns: Container[str]) -> Rows:
    """A log of Inspect, or an Excel sheet."""
    try:
        with ZipFile(path) as archive:
            _check_whole(sum(one.file_size for one in archive.infolist()), limits)
            if eval_archive.recognises(archive):
                document = eval_archive.document(archive, path)
                rows = document_rows(document, path.name) or []
                return _records(path, map(_record_or_text, rows), limits, columns)
    except BadZipFile as error:
        raise ValueError(f"the archive is damaged: {error}") from error
    return _read_excel(path, limits, columns)


def _read_excel(path: Path, limits: FileLimits, columns: Container[str]) -> Rows:
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError) as error:
        raise ValueError(
            "it is an archive with neither an Excel sheet nor a log of Inspect in it."
        ) from error
    try:
        rows = ([*row] for row in book.worksheets[0].iter_rows(values_only=True))
        return _table(path.name, (row for row in rows if any(row)), limits, columns)
    finally:
        book.close()


def _records(
    path: Path, found: Iterable[Record | str], limits: FileLimits, columns: Container[str]
) -> Rows:
    """A table from records; a text in place of one is a row that could not be read."""
    table: dict[str, Cells] = {}
    seen: dict[str, None] = {}
    broken: dict[int, str] = {}
    read: Callable[[Record], Record | None] | None = None
    count = 0
    for one in found:
        record: Record = {}
        if isinstance(one, str):
            broken[count] = one
        else:
            read = read or record_reader(one)
            row = read(one)
            if row is None:
                continue
            record = row
        count += 1
        limits.tell(count)
        if count > limits.rows:
            continue
        for name in record:
            if name in columns and name not in table:
                table[name] = Cells()
                for _ in range(count - 1):
                    table[name].append(None)
        for name, cells in table.items():
            cells.append(_plain(record.get(name)))
        seen.update(dict.fromkeys(list(record)[:_MOST_COLUMNS]))
        _check_columns(table)
    check_rows(path.name, count, limits)
    return Rows(
        _frame(table, count),
        _unread("the line", broken, count, "must be one JSON object"),
        tuple(seen),
    )


def _record_or_line(line: str) -> Record | str:
    record = _record(line)
    return line.strip() if record is None else record


def _record_or_text(row: object) -> Record | str:
    return row if isinstance(row, dict) else json.dumps(row)


def _record(line: str) -> Record | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _frame(columns: Mapping[str, Cells], rows: int) -> pd.DataFrame:
    cells = {name: column.series() for name, column in columns.items()}
    return pd.DataFrame(cells, index=range(rows))


def _plain(value: object) -> object:
    if isinstance(value, list | dict):
        return Nested(json.dumps(value)[:200])
    return value


def _read_feather(path: Path, limits: FileLimits, columns: Container[str]) -> Rows:
    from pyarrow import feather, types

    if limits.decoded_megabytes < math.inf:
        # It is unpacked before anything tells how much it holds.
        raise ValueError("Feather is read in the terminal alone; save the table as Parquet.")
    table = feather.read_table(path, memory_map=True)
    check_rows(path.name, table.num_rows, limits)
    kept = [name for name in table.column_names if name in columns]
    _check_columns(kept)
    columns_of = {name: Cells() for name in kept}
    for name, cells in columns_of.items():
        for chunk in table[name].chunks:
            if types.is_nested(chunk.type):
                for cell in chunk.to_pylist():
                    cells.append(_plain(cell))
            else:
                cells.extend(chunk)
    return Rows(_frame(columns_of, table.num_rows), names=tuple(table.column_names))


def _read_parquet(path: Path, limits: FileLimits, columns: Container[str]) -> Rows:
    from pyarrow import parquet, types

    options = {
        "thrift_string_size_limit": _METADATA_BYTES,
        "thrift_container_size_limit": _METADATA_BYTES,
    }
    with parquet.ParquetFile(path, **options) as file:
        metadata, every = file.metadata, tuple(file.schema_arrow.names)
        if lighteval.recognises(every):
            return _read_details(path, file, limits, columns)
        nested = tuple(field.name for field in file.schema_arrow if types.is_nested(field.type))
        fields = [field for field in file.schema_arrow if field.name in columns]
        check_rows(path.name, metadata.num_rows, limits)
        _check_columns([field.name for field in fields])
        for field in fields:
            if field.name in nested:
                raise ValueError(
                    f"the column {field.name!r} holds {field.type}; it must hold plain values."
                )
        groups = range(metadata.num_row_groups)
        decoded = sum(metadata.row_group(group).total_byte_size for group in groups)
        _check_decoded(decoded, limits)
    texts = [f.name for f in fields if types.is_string(f.type) or types.is_large_string(f.type)]
    names = [field.name for field in fields]
    cells = {name: Cells() for name in names}
    decoded = read = 0
    # Read as a dictionary a text is decoded once, however many rows of a small file point to it.
    with parquet.ParquetFile(path, read_dictionary=texts, **options) as file:
        for batch in file.iter_batches(batch_size=_TOLD, columns=names, use_threads=False):
            decoded += batch.get_total_buffer_size()
            _check_decoded(decoded, limits)
            for name, column in zip(names, batch.columns, strict=True):
                cells[name].extend(column)
            read += batch.num_rows
            limits.tell(read)
    return Rows(_frame(cells, metadata.num_rows), names=every, nested=nested)


def _read_details(
    path: Path, file: "parquet.ParquetFile", limits: FileLimits, columns: Container[str]
) -> Rows:
    """lighteval's details, whose columns are nested."""
    check_rows(path.name, file.metadata.num_rows, limits)
    decoded = 0

    def records() -> Iterator[Record]:
        nonlocal decoded
        wanted = [*lighteval.FIELDS]
        for batch in file.iter_batches(batch_size=256, columns=wanted, use_threads=False):
            decoded += batch.get_total_buffer_size()
            _check_decoded(decoded, limits)
            yield from map(lighteval.row, batch.to_pylist())

    return _records(path, records(), limits, columns)


def _check_whole(size: int, limits: FileLimits) -> None:
    """Refuse what is parsed at once and takes several times its size then."""
    most = limits.decoded_megabytes / _TIMES_PARSED
    if size / 1e6 > most:
        raise ValueError(
            f"it has {size / 1e6:,.0f} MB, and of what is parsed at once {most:,.0f} MB are "
            "allowed; give a table as CSV or JSON lines, or read it in the terminal."
        )


def _check_decoded(size: int, limits: FileLimits) -> None:
    if size / 1e6 > limits.decoded_megabytes:
        raise ValueError(
            f"its columns take {size / 1e6:,.0f} MB when decompressed; at most "
            f"{limits.decoded_megabytes:,.0f} MB are allowed."
        )


_READERS: dict[str, Callable[[Path, FileLimits, Container[str]], Rows]] = {
    "CSV": _read_csv,
    "JSON lines": _read_jsonl,
    "JSON": _read_json,
    "an archive": _read_archive,
    "Parquet": _read_parquet,
    "Feather": _read_feather,
}
