"""The ledger: every call of an LLM and what it cost, retries and failures included."""

import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path

import pandas as pd

from core.costs.cost import NO_TOKENS, Cost, Tokens, cost_of, tokens_of
from core.costs.prices import Price, live_price, machine_price
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
        dollars: Cost at ``price``; None when there is no price.
        bound: Whether that is the most it can have cost, as nobody counted its tokens.
        price: Who asks how much and when it held, or ``no price``.
        seconds: Wall-clock time of the try, None for a recorded answer.
        cached_tokens: Those of the prompt that the provider had read before and sells for less.
        most_tokens: The most prompt and completion tokens that a try may be charged for whose
            tokens nobody counted, None for others; in no file of entries.
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
    bound: bool
    price: str
    seconds: float | None
    cached_tokens: int | None = None
    most_tokens: tuple[int, int] | None = None

    @property
    def cost(self) -> Cost:
        """What it cost."""
        return Cost(self.dollars, self.bound)

    def cost_at(self, stand_in: Price | None) -> Cost:
        """What it cost; without a price, what it would have cost at one that stands in."""
        return self.cost.or_at(stand_in, self.took)

    @property
    def took(self) -> Tokens:
        """Its tokens, or the most that they can have been."""
        if self.most_tokens is not None:
            return Tokens(*self.most_tokens, bound=True)
        if self.prompt_tokens is None or self.completion_tokens is None:
            return NO_TOKENS
        return Tokens(self.prompt_tokens, self.completion_tokens, self.cached_tokens or 0)

    @property
    def tokens(self) -> int | None:
        """All tokens of the try, None when either count is unknown."""
        if self.prompt_tokens is None or self.completion_tokens is None:
            return None
        return self.prompt_tokens + self.completion_tokens


COLUMNS = [field.name for field in fields(Entry) if field.name != "most_tokens"]


def entry(attempt: Attempt, llm: LLM, *, message: str, policy: str, prompt_id: str) -> Entry:
    """Price one attempt at a message."""
    price = live_price(attempt.model, attempt.when, base_url=llm.base_url)
    cost = cost_of(attempt, price, message, llm.max_tokens)
    said = NO_PRICE if price is None else str(price)
    if attempt.usage.dollars is not None:
        said = "as the provider says"
    hour = machine_price() if llm.base_url is None else None
    if cost.dollars is None and hour is not None and attempt.seconds is not None:
        # Nobody sells its tokens: it costs the time of this machine.
        cost, said = Cost(hour.dollars(attempt.seconds)), str(hour)
    took = tokens_of(attempt, message, llm.max_tokens)
    return Entry(
        attempt.when,
        llm.name,
        attempt.model,
        policy,
        prompt_id,
        attempt.outcome,
        attempt.usage.prompt_tokens,
        attempt.usage.completion_tokens,
        cost.dollars,
        cost.bound,
        said,
        attempt.seconds,
        attempt.usage.cached_tokens,
        (took.prompt, took.completion) if took.bound else None,
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

    def to_csv(self, path: Path) -> None:
        """Write all entries as CSV; an unknown value is an empty cell."""
        self.table().to_csv(path, index=False)
