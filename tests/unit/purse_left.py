"""What a purse has left, read from its counters."""

from datetime import UTC
from typing import NamedTuple

from core.hosting.counters import counters
from core.hosting.spending import Purse, _hashed


class Left(NamedTuple):
    """Calls and US dollars that the operator still pays for."""

    session_calls: int
    day_calls: int
    session_dollars: float
    day_dollars: float


def left(purse: Purse, session: str) -> Left:
    """What is left for a session and for this UTC day; never less than nothing."""
    limits, today = purse._limits, purse._clock().astimezone(UTC).date()
    with counters(purse._file) as stored:
        calls, nano = stored.spent("session", _hashed(session))
        day_calls, day_nano = stored.spent("day", today.isoformat())
    return Left(
        max(0, limits.session_calls - calls),
        max(0, limits.day_calls - day_calls),
        max(0, round(limits.session_dollars * 1e9) - nano) / 1e9,
        max(0, round(limits.day_dollars * 1e9) - day_nano) / 1e9,
    )
