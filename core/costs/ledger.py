"""The ledger: every call of an LLM and what it cost, retries and failures included."""

import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

import pandas as pd

from core.costs.prices import live_price
from core.llms.base import LLM, Attempt

NO_PRICE = "no price"


@dataclass(frozen=True)
class Entry:
    """One try at one call.

    Attributes:
        when: Start, in UTC.
        llm: Name of the LLM, such as ``openai:gpt-3.5-turbo``.
        model: The model that was asked.
        policy: The policy that asked for the call.
        prompt_id: The prompt that was put after the query.
        outcome: ``ok`` or the kind of failure.
        prompt_tokens, completion_tokens: As the provider reports them, None when it did not.
        dollars: Cost at ``price``; None when there is no price or no count. A failed try without
            a count is taken as free.
        price: Who asks how much and when it held, or ``no price``.
        seconds: Wall-clock time of the try, None for a recorded answer.
    """

    when: datetime
    llm: str
    model: str
    policy: str
    prompt_id: str
    outcome: str
    prompt_tokens: int | None
    completion_tokens: int | None
    dollars: float | None
    price: str
    seconds: float | None

    @property
    def tokens(self) -> int | None:
        """All tokens of the try, None when either count is unknown."""
        if self.prompt_tokens is None or self.completion_tokens is None:
            return None
        return self.prompt_tokens + self.completion_tokens


COLUMNS = [field.name for field in fields(Entry)]


def entry(attempt: Attempt, llm: LLM, *, policy: str, prompt_id: str) -> Entry:
    """Price one attempt."""
    price = live_price(attempt.model, attempt.when.date(), base_url=llm.base_url)
    usage = attempt.usage
    dollars = None
    if usage.prompt_tokens is not None and usage.completion_tokens is not None:
        dollars = price and price.dollars(usage.prompt_tokens, usage.completion_tokens)
    elif attempt.outcome != "ok":
        dollars = price and 0.0
    return Entry(
        attempt.when,
        llm.name,
        attempt.model,
        policy,
        prompt_id,
        attempt.outcome,
        usage.prompt_tokens,
        usage.completion_tokens,
        dollars,
        NO_PRICE if price is None else str(price),
        attempt.seconds,
    )


class Ledger:
    """Entries in the order in which their tries ended; may be written from several threads."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._entries = list(entries)
        self._lock = threading.Lock()

    def add(self, item: Entry) -> None:
        """Append one entry."""
        with self._lock:
            self._entries.append(item)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries so far."""
        with self._lock:
            return tuple(self._entries)

    def table(self) -> pd.DataFrame:
        """One row per entry, columns as in ``COLUMNS``."""
        return pd.DataFrame([asdict(item) for item in self.entries], columns=COLUMNS)

    def summary(self) -> pd.DataFrame:
        """Sums per LLM and policy.

        Returns:
            Columns llm, policy, calls (tries that were answered), failures, prompt_tokens,
            completion_tokens, dollars, seconds. A sum with an unknown part is NaN, not smaller.
        """
        table = self.table()
        table["calls"] = (table["outcome"] == "ok").astype(int)
        table["failures"] = (table["outcome"] != "ok").astype(int)
        known_free = table["failures"].eq(1)
        for column in ("prompt_tokens", "completion_tokens", "dollars", "seconds"):
            values = pd.to_numeric(table[column]).astype(float)
            # A failed try without a count adds nothing; such an answer makes the sum unknown.
            table[column] = values.where(values.notna() | ~known_free, 0.0)
        sums = table.groupby(["llm", "policy"], sort=False)[
            ["calls", "failures", "prompt_tokens", "completion_tokens", "dollars", "seconds"]
        ]
        return sums.agg(lambda column: column.sum(skipna=False)).reset_index()

    def to_csv(self, path: Path) -> None:
        """Write all entries as CSV; an unknown value is an empty cell."""
        self.table().to_csv(path, index=False)
