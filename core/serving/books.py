"""What the questions of a server took, and about what asking every prompt would have taken."""

import csv
import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from core.asking.solve import Answer
from core.costs.cost import NOTHING, Cost
from core.costs.ledger import COLUMNS, Entry
from core.errors import DataError
from core.llms.base import now

_LOG = logging.getLogger(__name__)


@dataclass
class Sums:
    """Of one policy.

    Attributes:
        questions: That were answered.
        failed: That were not.
        calls: Tries, failed ones included.
        prompt_tokens, completion_tokens: As far as they were counted.
        cached_tokens: Those of the prompts that the provider had read before and sells for less.
        cost: Of all tries.
        exhaustive_calls: One with every prompt for each answered question.
        exhaustive_dollars: About what these would have cost, as dear as the calls that were made.
    """

    questions: int = 0
    failed: int = 0
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cost: Cost = NOTHING
    exhaustive_calls: int = 0
    exhaustive_dollars: float = 0.0

    def plain(self) -> dict[str, Any]:
        """As JSON values."""
        shown: dict[str, Any] = {
            one.name: getattr(self, one.name) for one in fields(self) if one.name != "cost"
        }
        priced = self.cost.dollars is not None
        shown["exhaustive_dollars"] = self.exhaustive_dollars if priced else None
        return shown | {"dollars": self.cost.dollars, "dollars_are_a_bound": self.cost.bound}


@dataclass
class Books:
    """Sums by policy since the start, and every try in a file where one is named.

    Neither holds a question, an answer or a key. May be used from several threads.
    """

    ledger: Path | None = None
    _sums: dict[str, Sums] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _since: str = field(default_factory=lambda: now().isoformat(timespec="seconds"))

    def __post_init__(self) -> None:
        """Raise DataError when the file cannot be written."""
        if self.ledger is not None and not self.ledger.exists():
            self._write([COLUMNS])

    def count(
        self,
        policy: str,
        entries: Sequence[Entry],
        answer: Answer | None,
        prompts: int,
        dollars: float | None = None,
    ) -> None:
        """Add a question.

        Args:
            policy: As it was asked for.
            entries: Every try.
            answer: What came of it, None when it failed.
            prompts: That exhaustive prompting would have asked.
            dollars: What that would have cost, where the log tells it; else as many calls like
                those that were made.
        """
        cost = sum((entry.cost for entry in entries), NOTHING)
        with self._lock:
            sums = self._sums.setdefault(policy, Sums())
            sums.questions += answer is not None
            sums.failed += answer is None
            sums.calls += len(entries)
            sums.prompt_tokens += sum(entry.prompt_tokens or 0 for entry in entries)
            sums.completion_tokens += sum(entry.completion_tokens or 0 for entry in entries)
            sums.cached_tokens += sum(entry.cached_tokens or 0 for entry in entries)
            sums.cost += cost
            if answer is not None and entries:
                sums.exhaustive_calls += prompts
                like_these = (cost.dollars or 0.0) / len(entries) * prompts
                sums.exhaustive_dollars += like_these if dollars is None else dollars
            try:
                self._write([[getattr(entry, name) for name in COLUMNS] for entry in entries])
            except DataError as problem:
                # The answer is there and paid for, so the client gets it.
                _LOG.warning("%s", problem)

    def plain(self) -> dict[str, Any]:
        """What `/usage` tells."""
        with self._lock:
            models = {policy: sums.plain() for policy, sums in sorted(self._sums.items())}
        total: dict[str, Any] = {"since": self._since}
        for name in Sums().plain():
            values = [sums[name] for sums in models.values()]
            if name == "dollars_are_a_bound":
                total[name] = any(values)
            else:
                total[name] = None if None in values else sum(values)
        return total | {"models": models}

    def _write(self, rows: Sequence[Sequence[object]]) -> None:
        if self.ledger is None:
            return
        try:
            with self.ledger.open("a", newline="", encoding="utf-8") as file:
                csv.writer(file).writerows(rows)
        except OSError as error:
            raise DataError(f"{self.ledger} cannot be written: {error}") from error
