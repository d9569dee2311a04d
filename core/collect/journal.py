"""The journal of a collection: what was asked, answered and paid, kept through a kill.

One SQLite table with a row for each event, in their order: ``job`` begins it with its settings; a
unit is set money aside (``start``), has a try (``attempt``), is answered (``done``), and is over,
answered or not (``ended``). An event is in the file before it counts, which a kill of the process
survives; ``sync`` makes what was written survive a power cut.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Self

from core.costs.ledger import Entry
from core.errors import DataError
from core.llms.base import Completion, Usage

_VERSION = 2
_Kind = Literal["job", "start", "attempt", "done", "ended"]
_TABLE = "CREATE TABLE events (kind TEXT NOT NULL, unit INTEGER NOT NULL, content TEXT NOT NULL)"
_ADD = "INSERT INTO events VALUES (?, ?, ?)"
_JOB = -1
"""Stands for the unit of what is about the whole job."""


@dataclass
class State:
    """What earlier runs left.

    Attributes:
        done: The answers of each finished unit, by its position.
        entries: The ledger.
        open: Dollars set aside for each unit that was running when the program was killed, once
            for each time.
    """

    done: dict[int, tuple[Completion, ...]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    open: dict[int, list[float]] = field(default_factory=dict)

    @property
    def spent(self) -> float:
        """Dollars of all earlier runs; what was running during a kill may have been charged."""
        aside = sum(map(sum, self.open.values()))
        return sum(entry.dollars or 0.0 for entry in self.entries) + aside

    def take(self, kind: str, unit: int, content: dict[str, Any]) -> None:
        """Add one event."""
        if kind == "start":
            # A unit that starts again while it is open was killed; its money stays counted.
            self.open.setdefault(unit, []).append(content["dollars"])
        elif kind == "attempt":
            when = datetime.fromisoformat(content["entry"]["when"])
            self.entries.append(Entry(**content["entry"] | {"when": when}))
        elif kind == "done":
            self.done[unit] = tuple(_completion(answer) for answer in content["answers"])
        elif kind == "ended":
            self.open[unit].pop()
        else:
            raise ValueError(f"unknown kind {kind!r}")


def _completion(values: dict[str, Any]) -> Completion:
    return Completion(**values | {"usage": Usage(**values["usage"])})


def journal_path(out: Path) -> Path:
    """Where the journal of a log lies."""
    return out.with_name(f"{out.name}.journal.sqlite3")


def read_journal(path: Path, header: dict[str, object]) -> State:
    """Read a journal, or return an empty state when there is none.

    Raises:
        DataError: it was begun with another header, is damaged, or another run is writing it.
    """
    old = path.with_name(path.name.replace(".sqlite3", ".jsonl"))
    if old.exists():
        raise DataError(
            f"{old.name} is the journal of an earlier version of this program. Finish the log with "
            "that version, or delete this file to begin anew."
        )
    if not path.exists():
        return State()
    try:
        with closing(_connected(path)) as connection:
            return _state(path.name, connection, header)
    except sqlite3.Error as error:
        raise _unusable(path, error) from error


def _connected(path: Path) -> sqlite3.Connection:
    # Nobody waits for a file that another run writes for hours.
    return sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)


def _state(name: str, connection: sqlite3.Connection, header: dict[str, object]) -> State:
    """What the table says; nothing where a kill came before it was there."""
    state = State()
    if connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
        return state
    rows = connection.execute("SELECT kind, unit, content FROM events ORDER BY rowid")
    for number, (kind, unit, content) in enumerate(rows, start=1):
        try:
            event = json.loads(content)
            if number > 1:
                state.take(kind, unit, event)
                continue
            version = event.pop("version")
        except (ValueError, TypeError, LookupError, AttributeError) as error:
            raise DataError(
                f"{name} is damaged in row {number} ({error}). Put a whole copy in its place, or "
                "name another file to write."
            ) from error
        _check_header(name, event, version, header)
    return state


def _check_header(
    name: str, begun: dict[str, object], version: object, header: dict[str, object]
) -> None:
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


def _unusable(path: Path, error: sqlite3.Error) -> DataError:
    if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
        return DataError(f"Another run is writing {path.name}; wait until it has ended.")
    if isinstance(error, sqlite3.OperationalError):
        return DataError(f"{path} cannot be used: {error}.")
    return DataError(
        f"{path.name} is damaged ({error}). Put a whole copy in its place, or name another file to "
        "write."
    )


class Journal:
    """A journal that is open for writing; several threads may write."""

    def __init__(self, path: Path, connection: sqlite3.Connection, state: State) -> None:
        self.path = path
        self.state = state
        self._connection = connection
        self._lock = threading.Lock()
        self._error: sqlite3.Error | None = None

    @classmethod
    def open(cls, path: Path, header: dict[str, object]) -> Self:
        """Open a journal to go on with, or begin one.

        Raises:
            DataError: it cannot be written, another run writes it, it was begun with another
                header, or it is damaged.
        """
        connection = None
        try:
            connection = _connected(path)
            # This run alone; the system lets go of the file when the process dies.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            # A commit is written behind the table at once and synchronised by ``sync``.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            journal = cls(path, connection, _state(path.name, connection, header))
            journal._begin(header)
        except (sqlite3.Error, DataError) as error:
            if connection is not None:
                connection.close()
            raise error if isinstance(error, DataError) else _unusable(path, error) from error
        return journal

    def _begin(self, header: dict[str, object]) -> None:
        """Make the table where it is not there, and take the lock in any case."""
        self._connection.execute("BEGIN IMMEDIATE")
        if self._connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None:
            self._connection.execute(_TABLE)
            content = json.dumps({"version": _VERSION, **header})
            self._connection.execute(_ADD, ("job", _JOB, content))
        self._connection.execute("COMMIT")

    def start(self, aside: Mapping[int, float]) -> None:
        """Units start, with so many dollars set aside for each."""
        self._write("start", {unit: {"dollars": dollars} for unit, dollars in aside.items()})

    def attempt(self, unit: int, entry: Entry) -> None:
        """A try at a call of a unit has ended."""
        self._write("attempt", {unit: {"entry": asdict(entry) | {"when": entry.when.isoformat()}}})

    def done(self, unit: int, answers: Iterable[Completion]) -> None:
        """All calls of a unit were answered."""
        self._write("done", {unit: {"answers": [asdict(answer) for answer in answers]}})

    def end(self, units: Iterable[int]) -> None:
        """Units are over, and what was set aside for them is free."""
        self._write("ended", {unit: {} for unit in units})

    def _write(self, kind: _Kind, contents: Mapping[int, dict[str, Any]]) -> None:
        """Add events, all or none; a failure is kept for ``sync``: an LLM's threads cannot act."""
        with self._lock:
            if self._error is not None:
                return
            try:
                self._connection.execute("BEGIN")
                for unit, content in contents.items():
                    self._connection.execute(_ADD, (kind, unit, json.dumps(content)))
                self._connection.execute("COMMIT")
            except sqlite3.Error as error:
                self._error = error

    def sync(self) -> None:
        """Make sure that all events are on the disk.

        Raises:
            DataError: an event could not be written.
        """
        with self._lock:
            try:
                if self._error is None:
                    self._connection.execute("PRAGMA wal_checkpoint(FULL)")
            except sqlite3.Error as error:
                self._error = error
            if self._error is not None:
                raise DataError(
                    f"{self.path} cannot be written: {self._error}. What it holds is kept; the "
                    "same call goes on from there."
                )

    def close(self) -> None:
        """Close the file, which lets another run open it; what is written later is dropped."""
        with self._lock:
            # A second Ctrl-C leaves threads behind.
            self._error = self._error or sqlite3.OperationalError("it is closed")
            self._connection.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *args: object) -> None:
        """Close the file."""
        self.close()
