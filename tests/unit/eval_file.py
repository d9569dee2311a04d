"""Writes Inspect's `.eval` files: archives packed with Zstandard, which Python cannot write yet."""

import json
import struct
import zlib
from pathlib import Path

import pyarrow

_ZSTANDARD = 93


def write_eval(
    path: Path, document: dict[str, object], sizes: dict[str, int] | None = None
) -> None:
    """Write a log of Inspect as it does itself.

    Args:
        path: Where to.
        document: The log as its JSON has it.
        sizes: Sizes that members shall claim to have, by name; the true ones otherwise.
    """
    header = {name: value for name, value in document.items() if name != "samples"}
    samples = document["samples"]
    assert isinstance(samples, list)
    members = {
        "_journal/start.json": {},
        **{f"samples/{one['id']}_epoch_{one.get('epoch', 1)}.json": one for one in samples},
        "header.json": header,
    }
    path.write_bytes(_archive(members, sizes or {}))


def _archive(members: dict[str, object], sizes: dict[str, int]) -> bytes:
    body, index = b"", b""
    for name, value in members.items():
        content, encoded = json.dumps(value).encode(), name.encode()
        packed = pyarrow.compress(content, codec="zstd", asbytes=True)
        size = sizes.get(name, len(content))
        known = (_ZSTANDARD, 0, 0, zlib.crc32(content), len(packed), size, len(encoded), 0)
        place = len(body)
        body += struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, *known) + encoded + packed
        index += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, *known, 0, 0, 0, 0, place)
        index += encoded
    count = len(members)
    end = (0x06054B50, 0, 0, count, count, len(index), len(body), 0)
    return body + index + struct.pack("<IHHHHIIH", *end)
