"""Inspect's `.eval`: an archive whose members are JSON, each packed with Zstandard.

Python opens such members from 3.14 on; pyarrow, which reads Parquet here, unpacks them before.
"""

import json
import struct
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

_ZSTANDARD = 93
_HEADER, _SAMPLES = "header.json", "samples/"
_LOCAL = struct.Struct("<26xHH")
"""The fixed part of what stands before a member; it ends with the lengths of two more parts."""


def recognises(archive: ZipFile) -> bool:
    """Whether an archive is a log of Inspect."""
    names = archive.namelist()
    return _HEADER in names and any(name.startswith(_SAMPLES) for name in names)


def document(archive: ZipFile, path: Path) -> dict[str, Any]:
    """The log as its JSON has it: the header with the samples in their order.

    Args:
        archive: Of the file, open.
        path: The file.

    Raises:
        ValueError: a member is damaged, or is larger than it says.
    """
    samples = [one for one in archive.infolist() if one.filename.startswith(_SAMPLES)]
    header = _parsed(archive.getinfo(_HEADER), archive, path)
    if not isinstance(header, dict):
        raise ValueError(f"{_HEADER} in it is no object.")
    return header | {"samples": [_parsed(one, archive, path) for one in samples]}


def _parsed(member: ZipInfo, archive: ZipFile, path: Path) -> Any:
    try:
        return json.loads(_content(member, archive, path))
    except (OSError, struct.error, NotImplementedError) as error:
        raise ValueError(f"{member.filename} in it is damaged: {error}") from error


def _content(member: ZipInfo, archive: ZipFile, path: Path) -> bytes:
    if member.compress_type != _ZSTANDARD:
        return archive.read(member)
    import pyarrow

    with path.open("rb") as file:
        file.seek(member.header_offset)
        file.seek(sum(_LOCAL.unpack(file.read(_LOCAL.size))), 1)
        packed = file.read(member.compress_size)
    with pyarrow.CompressedInputStream(pyarrow.BufferReader(packed), "zstd") as stream:
        content = bytes(stream.read(member.file_size + 1))
    if len(content) != member.file_size:
        raise ValueError(f"{member.filename} in it has another size than it says.")
    return content
