"""The spending limit: money is set aside before a call and counted as it ends."""

import math
import threading

from core.collect.plan import Job
from core.errors import DataError


def check_limit(limit: float | None, job: Job) -> None:
    """Raise DataError for a limit that is no amount of money or that no price allows to keep."""
    if limit is None:
        return
    if not (math.isfinite(limit) and limit > 0):
        raise DataError(f"The spending limit is {limit}; it must be more than 0 dollars.")
    if job.price() is None:
        raise DataError(
            f"A spending limit cannot be kept: nobody lists a price for {job.llm.name}"
            + (f" at {job.llm.base_url}. " if job.llm.base_url else ". ")
            + "Leave the limit out, or set one with your provider."
        )


class Budget:
    """Dollars that are spent and set aside; may be used from several threads."""

    def __init__(self, limit: float | None, spent: float = 0.0) -> None:
        self.limit = limit
        self._spent = spent
        self._reserved = 0.0
        self._lock = threading.Lock()

    @property
    def spent(self) -> float:
        """Dollars spent, with unknown costs at their most."""
        with self._lock:
            return self._spent

    def reserve(self, dollars: float) -> bool:
        """Set ``dollars`` aside if the limit allows it."""
        with self._lock:
            if self.limit is not None and self._spent + self._reserved + dollars > self.limit:
                return False
            self._reserved += dollars
            return True

    def charge(self, dollars: float) -> bool:
        """Count the cost of an attempt.

        Returns:
            Whether there is room to try its call again: what is spent and set aside together is
            still within the limit.
        """
        with self._lock:
            self._spent += dollars
            return self.limit is None or self._spent + self._reserved <= self.limit

    def release(self, dollars: float) -> None:
        """Give back what was set aside."""
        with self._lock:
            self._reserved -= dollars
