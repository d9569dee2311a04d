"""What a GGUF file says of itself, read without its weights.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_SCALARS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_STRING, _ARRAY = 8, 9
_NO_TEXT = (3, 4)
"""Kinds of tokens: control, and added by whoever made the model."""
_MOST = 2**27
"""Bytes of a text and items of an array; above any that is written."""
_ALIGNMENT = 32


class NoGGUF(ValueError):  # noqa: N818 - it is a finding about a file
    """The file is not in this format; the text says what is wrong."""


@dataclass(frozen=True)
class Header:
    """What is needed of a file's metadata.

    Attributes:
        architecture: Such as ``llama``; empty where the file does not say.
        context: Most tokens that the model was made for; 0 where it is no LLM.
        cache_bytes: Bytes of keys and values for a token, in 16 bits each.
        control_tokens: Texts of the tokens that are no text, the longest first.
        has_tokenizer: Whether there are tokens.
        has_template: Whether there is a chat template.
        ends: A byte that a whole file has: the one at which its last weights begin.
    """

    architecture: str
    context: int
    cache_bytes: int
    control_tokens: tuple[str, ...]
    has_tokenizer: bool
    has_template: bool
    ends: int


def read_header(path: Path) -> Header:
    """Read the metadata of a file.

    Raises:
        NoGGUF: it is in another format, or ends too early.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        if file.read(4) != _MAGIC:
            raise NoGGUF("it does not begin with GGUF")
        reader = _Reader(file)
        version = reader.scalar(4)
        if version not in _VERSIONS:
            raise NoGGUF(f"its format has version {version}; 2 and 3 are allowed")
        tensors, keys = reader.scalar(10), reader.scalar(10)
        values = {}
        for _ in range(keys):
            key = reader.text()
            values[key] = reader.value(reader.scalar(4))
        last = max((reader.tensor() for _ in range(tensors)), default=0)
        alignment = values.get("general.alignment", _ALIGNMENT)
        start = -(-file.tell() // alignment) * alignment
    return Header(
        str(values.get("general.architecture", "")),
        _number(values, "context_length"),
        _cache_bytes(values),
        _control_tokens(values),
        "tokenizer.ggml.tokens" in values,
        "tokenizer.chat_template" in values,
        start + last,
    )


def _number(values: Mapping[str, Any], key: str, default: int = 0) -> int:
    """A size of the architecture; the largest where it differs by layer."""
    value = values.get(f"{values.get('general.architecture')}.{key}", default)
    return max(value, default=default) if isinstance(value, list) else int(value)


def _cache_bytes(values: Mapping[str, Any]) -> int:
    heads = _number(values, "attention.head_count", 1)
    width = _number(values, "embedding_length") // max(heads, 1)
    keys = _number(values, "attention.key_length", width)
    both = keys + _number(values, "attention.value_length", width)
    groups = _number(values, "attention.head_count_kv", heads)
    return 2 * _number(values, "block_count") * groups * both


def _control_tokens(values: Mapping[str, Any]) -> tuple[str, ...]:
    tokens = values.get("tokenizer.ggml.tokens", [])
    kinds = values.get("tokenizer.ggml.token_type", [])
    found = {token for token, kind in zip(tokens, kinds, strict=False) if kind in _NO_TEXT}
    return tuple(sorted((one for one in found if one.strip()), key=lambda one: (-len(one), one)))


class _Reader:
    """Reads values of the format from a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def _bytes(self, count: int) -> bytes:
        content = self._file.read(count) if count <= _MOST else b""
        if len(content) != count:
            raise NoGGUF("it ends within its header")
        return content

    def scalar(self, kind: int) -> Any:
        layout = _SCALARS.get(kind)
        if layout is None:
            raise NoGGUF(f"a value of its header has the unknown type {kind}")
        return struct.unpack(layout, self._bytes(struct.calcsize(layout)))[0]

    def text(self) -> str:
        return self._bytes(self.scalar(10)).decode("utf-8", "replace")

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.text()
        if kind != _ARRAY:
            return self.scalar(kind)
        kind, count = self.scalar(4), self.scalar(10)
        layout = _SCALARS.get(kind)
        if layout is None:
            return [self.value(kind) for _ in range(count)]
        content = self._bytes(count * struct.calcsize(layout))
        return [one for (one,) in struct.iter_unpack(layout, content)]

    def tensor(self) -> int:
        """Skip the description of a tensor; returns the byte at which it begins."""
        self.text()
        for _ in range(self.scalar(4)):
            self.scalar(10)
        self.scalar(4)
        return self.scalar(10)
