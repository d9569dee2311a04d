"""How much of the operator's money visitors have spent, and where that ends.

One small SQLite file counts calls and dollars for each session and each UTC day. It holds no
text, no key and of a session only a hash. What may be spent is taken off before a call is made and
given back once it is known to have cost less, so that neither threads nor processes overspend
together, and what a process that died had taken stays counted.
"""

import hashlib
import logging
import math
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from core.errors import DataError
from core.hosting import settings
from core.hosting.settings import Limits
from core.llms.base import SpendingLimit, now

FILE = "spending.sqlite3"

KEPT_DAYS = 30
"""A counter that was not touched for longer is deleted."""

_ERRORS = (OSError, sqlite3.Error)
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
_LOG = logging.getLogger(__name__)
_NANO = 10**9
_WHOSE = {"session": "this session", "day": "today for all visitors together"}
_INSTEAD = (
    "With a key of your own the calls of an LLM behind an API are yours and have no such limit; "
    "the embedded LLM costs nothing."
)


@dataclass(frozen=True)
class Reservation:
    """Calls and dollars that were taken off and not yet given back.

    Attributes:
        session: The hash of the session.
        day: The UTC day that it counts for.
        calls: How many.
        nanodollars: Thousand-millionths of a US dollar, so that sums are exact.
    """

    session: str
    day: date
    calls: int
    nanodollars: int


@contextmanager
def _counters(file: Path) -> Iterator[sqlite3.Connection]:
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
            yield connection


def _spent(counters: sqlite3.Connection, kind: str, name: str) -> tuple[int, int]:
    """Calls and thousand-millionths of a dollar of a ``session`` or a ``day``."""
    row = counters.execute(
        "SELECT calls, nanodollars FROM spent WHERE kind = ? AND name = ?", (kind, name)
    ).fetchone()
    return row or (0, 0)


def _add(counters: sqlite3.Connection, taken: Reservation, calls: int, nanodollars: int) -> None:
    """Count for its session and its day; less than nothing takes away, down to zero."""
    day = taken.day.isoformat()
    for kind, name in (("session", taken.session), ("day", day)):
        row = {"kind": kind, "name": name, "day": day, "calls": calls, "nanodollars": nanodollars}
        counters.execute(_ADD, row)


def _clean_up(counters: sqlite3.Connection, today: date) -> None:
    """Delete old counters, if nothing was counted today yet."""
    if _spent(counters, "day", today.isoformat()) == (0, 0):
        oldest = (today - timedelta(days=KEPT_DAYS)).isoformat()
        counters.execute("DELETE FROM spent WHERE last_day < ?", (oldest,))


class Spending:
    """Counters in a file and the limits that they are held to.

    Any number of threads and processes may use one file, each with an object of its own.
    """

    def __init__(self, folder: Path, limits: Limits, clock: Callable[[], datetime] = now) -> None:
        """Nothing is read or written yet.

        Args:
            folder: Where the file is, or will be.
            limits: What is allowed.
            clock: The present moment in UTC.
        """
        self.file = folder / FILE
        self.limits = limits
        self.clock = clock

    @classmethod
    def from_settings(cls) -> "Spending":
        """What the operator set up.

        Raises:
            DataError: a setting is none.
        """
        return cls(settings.state_folder(), settings.limits())

    def check(self) -> None:
        """Raise DataError when the file cannot be written; a page says so at its start."""
        try:
            with _counters(self.file):
                pass
        except _ERRORS as error:
            raise DataError(
                f"What visitors spend is counted in {self.file}, which cannot be written: "
                f"{error}. Set {settings.STATE} to a folder that can."
            ) from error

    def reserve(self, session: str, calls: int, dollars: float) -> Reservation:
        """Take calls off both limits, or none of them.

        Args:
            session: Whose they are, any string.
            calls: How many.
            dollars: The most that all of them together may cost.

        Raises:
            SpendingLimit: a limit does not allow it, or the counters cannot be written.
        """
        moment = self.clock().astimezone(UTC)
        taken = Reservation(_hashed(session), moment.date(), calls, math.ceil(dollars * _NANO))
        with self._readable(), _counters(self.file) as stored:
            _clean_up(stored, taken.day)
            self._check_limits(stored, taken, moment)
            _add(stored, taken, calls, taken.nanodollars)
        return taken

    def settle(self, taken: Reservation, calls: int, dollars: float) -> None:
        """Replace what was taken off by what was spent; it may be more.

        When the counters cannot be written, what was taken off stays counted.
        """
        spent = math.ceil(dollars * _NANO)
        try:
            with _counters(self.file) as stored:
                _add(stored, taken, calls - taken.calls, spent - taken.nanodollars)
        except _ERRORS as error:
            # The answers are there and paid for, so the visitor gets them.
            _LOG.warning("What was spent cannot be written to %s: %s", self.file, error)

    def _check_limits(
        self, stored: sqlite3.Connection, wanted: Reservation, moment: datetime
    ) -> None:
        limits = self.limits
        bounds = (
            ("session", wanted.session, limits.session_calls, limits.session_dollars),
            ("day", wanted.day.isoformat(), limits.day_calls, limits.day_dollars),
        )
        for kind, name, most_calls, most_dollars in bounds:
            calls, nano = _spent(stored, kind, name)
            if wanted.calls > most_calls - calls:
                left = f"{max(0, most_calls - calls):,} of the {most_calls:,} calls"
            elif wanted.nanodollars > _nano_of(most_dollars) - nano:
                rest = max(0, _nano_of(most_dollars) - nano) / _NANO
                left = f"${rest:.4f} of the ${most_dollars:,.2f}"
            else:
                continue
            until = _until_midnight(moment) if kind == "day" else ""
            raise SpendingLimit(_message(wanted, f"{left} of {_WHOSE[kind]}", until))

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Without its counters nothing may be spent; visitors are not told where they are."""
        try:
            yield
        except _ERRORS as error:
            _LOG.error("What visitors spend cannot be counted in %s: %s", self.file, error)
            raise SpendingLimit(
                "What visitors spend cannot be counted at the moment, so no call is made that the "
                f"operator pays for. {_INSTEAD}"
            ) from error


def _hashed(session: str) -> str:
    return hashlib.sha256(session.encode("utf-8", "surrogatepass")).hexdigest()


def _nano_of(dollars: float) -> int:
    return round(dollars * _NANO)


def _message(wanted: Reservation, left: str, until: str) -> str:
    calls = "1 call" if wanted.calls == 1 else f"{wanted.calls:,} calls"
    cost = f" and up to ${wanted.nanodollars / _NANO:.4f}" if wanted.nanodollars else ""
    return (
        f"The operator of this page would have to pay for {calls}{cost}. What is left: {left}."
        f"{until} {_INSTEAD}"
    )


def _until_midnight(moment: datetime) -> str:
    midnight = datetime.combine(moment.date() + timedelta(days=1), time.min, UTC)
    minutes = math.ceil((midnight - moment).total_seconds() / 60)
    return f" The day ends at 00:00 UTC, in {minutes // 60} h {minutes % 60} min."
