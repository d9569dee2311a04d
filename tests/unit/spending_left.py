"""What of the limits is left, read from the file of counters."""

import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC
from typing import NamedTuple

from core.hosting.spending import Spending


class Left(NamedTuple):
    """Calls and US dollars that the operator still pays for."""

    session_calls: int
    day_calls: int
    session_dollars: float
    day_dollars: float


def left(spending: Spending, session: str) -> Left:
    """What is left for a session and for this UTC day; never less than nothing."""
    limits, day = spending.limits, spending.clock().astimezone(UTC).date()
    hashed = hashlib.sha256(session.encode("utf-8", "surrogatepass")).hexdigest()
    calls, nano = _spent(spending, "session", hashed)
    day_calls, day_nano = _spent(spending, "day", day.isoformat())
    return Left(
        max(0, limits.session_calls - calls),
        max(0, limits.day_calls - day_calls),
        max(0, round(limits.session_dollars * 1e9) - nano) / 1e9,
        max(0, round(limits.day_dollars * 1e9) - day_nano) / 1e9,
    )


def _spent(spending: Spending, kind: str, name: str) -> tuple[int, int]:
    if not spending.file.is_file():
        return (0, 0)
    with closing(sqlite3.connect(spending.file)) as counters:
        if not counters.execute("SELECT 1 FROM sqlite_master").fetchone():
            return (0, 0)
        found = counters.execute(
            "SELECT calls, nanodollars FROM spent WHERE kind = ? AND name = ?", (kind, name)
        ).fetchone()
    return found or (0, 0)
