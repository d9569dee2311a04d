"""The file of a model: a zip of a JSON header and plain members. Nothing in it is executed.

Equal models give equal bytes: members have a fixed order and date. Kept in place of safetensors, in
whose header LightGBM's text would have to lie, while models that exist need this reader anyway.
"""

import hashlib
import json
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core import boosting
from core.errors import ArtifactError

if TYPE_CHECKING:
    import lightgbm as lgb

_HEADER = "header.json"
_DATE = (2024, 1, 1, 0, 0, 0)
_FORMAT = "prompt-oirl "
_MOST_HEADER = 10_000_000
"""Bytes; JSON takes many times as much memory once it is read."""
_MOST_SAID = 200
"""Characters of a file's own that an error repeats."""
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    ArithmeticError,
    AttributeError,
    MemoryError,
    RuntimeError,
    SyntaxError,
    tokenize.TokenError,
)
"""Zip, JSON, array and field errors of a damaged file; all mean the same to users."""


@dataclass(frozen=True)
class Kind:
    """One kind of model file.

    Attributes:
        name: What the model is called in messages, as in "reward model".
        version: The version that is written, and the only one that is read.
        most_bytes: Of all members together; a larger file is no model of this program.
        remedy: A sentence that says how to make a file of another version again.
    """

    name: str
    version: int
    most_bytes: int
    remedy: str

    def write(self, path: Path, header: Mapping[str, Any], members: Mapping[str, bytes]) -> None:
        """Write ``header`` (plain JSON values) and ``members``, by file name, to ``path``."""
        marked = {"format": self._format, "version": self.version, **header}
        with zipfile.ZipFile(path, "w") as archive:
            _add(archive, _HEADER, json.dumps(marked, sort_keys=True).encode())
            for name, data in members.items():
                _add(archive, name, data)

    @contextmanager
    def reading(self, path: Path) -> Iterator[tuple[dict[str, Any], dict[str, bytes]]]:
        """Open a file: yields its header and its members by file name.

        What the block raises while it makes sense of them counts as damage to the file.

        Raises:
            ArtifactError: the file is missing, damaged, of another kind or of another version.
        """
        try:
            with zipfile.ZipFile(path) as archive:
                if sum(member.file_size for member in archive.infolist()) > self.most_bytes:
                    raise ArtifactError(f"{path.name} is too large to be a {self.name}.")
                header = _header(archive)
                self._check(header, path)
                members = {
                    member.filename: _content(archive, member)
                    for member in archive.infolist()
                    if member.filename != _HEADER
                }
            yield header, members
        except FileNotFoundError:
            raise ArtifactError(f"There is no {self.name} {path}.") from None
        except _DAMAGE as error:
            said = str(error)[:_MOST_SAID]
            raise ArtifactError(f"{path.name} is damaged or no {self.name}: {said}.") from error

    @property
    def _format(self) -> str:
        return f"{_FORMAT}{self.name}"

    def _check(self, header: Any, path: Path) -> None:
        if not isinstance(header, dict) or header.get("format") != self._format:
            raise ArtifactError(f"{path.name} is not a {self.name}.")
        if header.get("version") != self.version:
            version = str(header.get("version"))[:_MOST_SAID]
            raise ArtifactError(
                f"{path.name} has format version {version}; this program reads {self.version}. "
                f"{self.remedy}"
            )


def _add(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    member = zipfile.ZipInfo(name, _DATE)
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, data)


def model_in(path: Path) -> str:
    """Return what kind of model a file says it is, such as "reward model"; of another file nothing.

    It is not looked at any further.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            said = str(_header(archive)["format"])
    except _DAMAGE:
        return ""
    return said.removeprefix(_FORMAT) if said.startswith(_FORMAT) else ""


def _header(archive: zipfile.ZipFile) -> Any:
    member = archive.getinfo(_HEADER)
    if member.file_size > _MOST_HEADER:
        raise ValueError(f"{_HEADER} has {member.file_size:,} bytes")
    return json.loads(_content(archive, member))


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """Unpack a member as far as it says; without a number zipfile unpacks all of it and cuts then.

    Raises:
        ValueError: it is packed in a way in which that cannot be.
    """
    if member.compress_type not in _PACKED:
        raise ValueError(f"{member.filename} is packed in another way")
    with archive.open(member) as packed:
        return packed.read(member.file_size)


def digest(texts: Sequence[str]) -> str:
    """SHA-256 of the texts of boosters, kept in the header for ``read_boosters``."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def read_boosters(texts: Sequence[str], saved: str, features: int) -> "tuple[lgb.Booster, ...]":
    """Read boosters from LightGBM's own text form.

    Args:
        texts: A text for each booster.
        saved: Their ``digest`` when they were saved.
        features: Number of features that each has to take.

    Raises:
        ValueError: a text was changed or is no LightGBM model, or a booster takes another number
            of features.
    """
    if digest(texts) != saved:
        raise ValueError("the boosters are not those that were saved")
    return tuple(boosting.read(text, features) for text in texts)
