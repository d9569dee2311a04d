"""Counters of calls and dollars in one small SQLite file, for any number of threads and processes.

A counter has a kind (``session`` or ``day``) and a name. Dollars are counted in
thousand-millionths, so that sums are exact.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path

KEPT_DAYS = 30
"""A counter that was not touched for longer is deleted."""

ERRORS = (OSError, sqlite3.Error)
"""What is raised when the file cannot be used."""

_WAIT_S = 10.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS spent (
    kind TEXT NOT NULL, name TEXT NOT NULL, last_day TEXT NOT NULL,
    calls INTEGER NOT NULL, nanodollars INTEGER NOT NULL,
    PRIMARY KEY (kind, name)
) WITHOUT ROWID
"""
_ADD = """
INSERT INTO spent VALUES (:kind, :name, :day, max(0, :calls), max(0, :nanodollars))
ON CONFLICT DO UPDATE SET
    calls = max(0, calls + :calls), nanodollars = max(0, nanodollars + :nanodollars),
    last_day = max(last_day, :day)
"""


class Counters:
    """The counters within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def spent(self, kind: str, name: str) -> tuple[int, int]:
        """Calls and thousand-millionths of a dollar."""
        row = self._connection.execute(
            "SELECT calls, nanodollars FROM spent WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
        return row or (0, 0)

    def add(self, session: str, day: date, calls: int, nanodollars: int) -> None:
        """Count for a session and for a day; less than nothing takes away, down to zero."""
        self._connection.executemany(
            _ADD,
            [
                {
                    "kind": kind,
                    "name": name,
                    "day": day.isoformat(),
                    "calls": calls,
                    "nanodollars": nanodollars,
                }
                for kind, name in (("session", session), ("day", day.isoformat()))
            ],
        )

    def clean_up(self, today: date) -> None:
        """Delete old counters, if nothing was counted today yet."""
        if self.spent("day", today.isoformat()) == (0, 0):
            oldest = (today - timedelta(days=KEPT_DAYS)).isoformat()
            self._connection.execute("DELETE FROM spent WHERE last_day < ?", (oldest,))


@contextmanager
def counters(file: Path) -> Iterator[Counters]:
    """A transaction in which nobody else reads or writes; all of it holds, or on an error nothing.

    It has a connection of its own: one may not be shared with a process that was forked. The file
    and its folder are made where they are missing.

    Raises:
        OSError, sqlite3.Error: the file cannot be used.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(file, timeout=_WAIT_S, isolation_level=None)
    with closing(connection):
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            connection.execute(_SCHEMA)
            yield Counters(connection)
