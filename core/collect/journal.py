"""The journal of a collection: what was asked, answered and paid, a line each, kept through a kill.

A kill can tear the last line at most; it is cut off when the journal is opened again. Lines are
appended in one piece as things happen, which a kill of the process survives, and ``sync`` makes
them survive a power cut too.
"""

import errno
import json
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Self

from core.collect.lines import State
from core.errors import DataError

try:
    import fcntl
except ImportError:  # Windows: two runs at once are not noticed there.
    fcntl = None

_VERSION = 1


def journal_path(out: Path) -> Path:
    """Where the journal of a log lies."""
    return out.with_name(f"{out.name}.journal.jsonl")


def read_journal(path: Path, header: dict[str, object]) -> State:
    """Read a journal, or return an empty state when there is none.

    Raises:
        DataError: it was begun with another header, or is damaged.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return State()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    return _parse(path.name, _whole_lines(content), header)


def _whole_lines(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


def _parse(name: str, content: bytes, header: dict[str, object]) -> State:
    state = State()
    for number, text in enumerate(content.splitlines(), start=1):
        try:
            line = json.loads(text)
            if number > 1:
                state.take(line)
                continue
            begun = dict(line)
            version = begun.pop("version")
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise DataError(
                f"{name} is damaged in line {number} ({error}). Put a whole copy in its place, or "
                "name another file to write."
            ) from error
        _check_header(name, begun, version, header)
    return state


def _check_header(name: str, begun: dict, version: object, header: dict[str, object]) -> None:
    if version != _VERSION:
        raise DataError(f"{name} has version {version!r}; this program reads {_VERSION}.")
    other = [_difference(key, begun.get(key), header[key]) for key in header]
    if any(other):
        raise DataError(
            f"{name} was begun with other settings: {', '.join(filter(None, other))}. Use those "
            "to go on, or name another file to write."
        )


def _difference(key: str, before: object, after: object) -> str | None:
    """How a setting differs, None when it does not; digests say that they differ alone."""
    if before == after:
        return None
    if isinstance(before, dict) and isinstance(after, dict):
        parts = [_difference(name, before.get(name), after[name]) for name in after]
        return ", ".join(filter(None, parts))
    return f"other {key}" if key in ("prompts", "queries") else f"{key} {before}, now {after}"


class Journal:
    """A journal that is open for writing; several threads may write."""

    def __init__(self, path: Path, descriptor: int, state: State) -> None:
        self.path = path
        self.state = state
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._error: OSError | None = None

    @classmethod
    def open(cls, path: Path, header: dict[str, object]) -> Self:
        """Open a journal to go on with, or begin one.

        Raises:
            DataError: it cannot be written, another run writes it, it was begun with another
                header, or it is damaged.
        """
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        except OSError as error:
            raise DataError(f"{path} cannot be written: {error.strerror}.") from error
        journal = cls(path, descriptor, State())
        try:
            _lock(descriptor, path)
            content = _whole_lines(path.read_bytes())
            journal.state = _parse(path.name, content, header)
            os.truncate(descriptor, len(content))
            if not content:
                journal.write([{"version": _VERSION, **header}])
                journal.sync()
        except DataError:
            journal.close()
            raise
        return journal

    def write(self, lines: Iterable[dict]) -> None:
        """Append lines; a failure is kept for ``sync``, as an LLM's threads cannot handle it."""
        data = "".join(json.dumps(line) + "\n" for line in lines).encode()
        with self._lock:
            try:
                # Behind a line that was torn by a full disk nothing more may be written.
                while data and self._error is None:
                    data = data[os.write(self._descriptor, data) :]
            except OSError as error:
                self._error = error

    def sync(self) -> None:
        """Make sure that all lines are on the disk.

        Raises:
            DataError: a line could not be written.
        """
        try:
            os.fsync(self._descriptor)
        except OSError as error:
            self._error = error
        if self._error is not None:
            raise DataError(
                f"{self.path} cannot be written: {self._error.strerror}. What it holds is kept; "
                "the same call goes on from there."
            )

    def close(self) -> None:
        """Close the file, which lets another run open it; what is written later is dropped."""
        with self._lock:
            # A second Ctrl-C leaves threads behind, and the number may soon mean another file.
            self._error = self._error or OSError(errno.EBADF, "it is closed")
            os.close(self._descriptor)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *args: object) -> None:
        """Close the file."""
        self.close()


def _lock(descriptor: int, path: Path) -> None:
    """Hold the file for this process; the system lets go of it when the process dies."""
    if fcntl is None:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise DataError(f"Another run is writing {path.name}; wait until it has ended.") from None
