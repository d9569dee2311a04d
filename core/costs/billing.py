"""What policies cost at a price of the reader's choosing: per query, per month, for a log."""

import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import pandas as pd

from core.demonstrations import EMBEDDED, EMBEDDED_LOG
from core.paths import FOLDER

MOST_DOLLARS = 10_000
"""Above any price of a million tokens or of an hour that is asked anywhere."""
MOST_SECONDS = 10_000
MOST_QUERIES = 1_000_000_000
DAYS_PER_MONTH = 365.25 / 12


class Pricing(Protocol):
    """Turns the tokens of a query into dollars; ``core.costs.prices.Price`` is one."""

    def dollars(self, prompt_tokens: float, completion_tokens: float) -> float:
        """Dollars of so many tokens, NaN where a count is NaN; columns give a column."""


@dataclass(frozen=True)
class HourlyPrice:
    """A machine of one's own, paid by the hour.

    Attributes:
        dollars_per_hour: Price of the machine.
        seconds_per_1000_tokens: Its time for 1,000 completion tokens, reading the prompts included.
    """

    dollars_per_hour: float
    seconds_per_1000_tokens: float

    def dollars(self, prompt_tokens: float, completion_tokens: float) -> float:
        """Dollars of an answer of so many completion tokens."""
        seconds = completion_tokens / 1000 * self.seconds_per_1000_tokens
        return seconds / 3600 * self.dollars_per_hour


@dataclass(frozen=True)
class MeasuredSpeed:
    """Seconds per 1,000 completion tokens, and in how many calls of a log they were measured."""

    seconds_per_1000_tokens: float
    calls: int


@lru_cache(maxsize=8)
def measured_speed(llm: str, folder: Path = FOLDER) -> MeasuredSpeed | None:
    """What the log of an LLM says about its speed; None where no log recorded seconds."""
    path = folder / EMBEDDED_LOG
    if llm != EMBEDDED or not path.is_file():
        return None
    log = pd.read_parquet(path, columns=["completion_tokens", "seconds"]).dropna()
    seconds = 1000 * log["seconds"].sum() / log["completion_tokens"].sum()
    return MeasuredSpeed(float(seconds), len(log))


def priced(rows: pd.DataFrame, pricing: Pricing | None, name: str) -> pd.DataFrame:
    """Frontier rows with dollars at another price.

    Args:
        rows: Frontier rows with accuracy and mean tokens per query.
        pricing: The price; None makes all dollars unknown.
        name: What the column ``price`` says of it.

    Returns:
        The rows with dollars_per_1000, dollars_per_correct and price of that price; dollars are
        NaN where tokens are.
    """
    unknown = pd.Series(math.nan, index=rows.index)
    dollars = unknown
    if pricing is not None:
        dollars = pricing.dollars(rows["prompt_tokens"], rows["completion_tokens"])
    right = rows["accuracy"].where(rows["accuracy"] > 0)
    return rows.assign(
        dollars_per_1000=1000 * dollars, dollars_per_correct=dollars / right, price=name
    )


def log_dollars(exhaustive: pd.Series) -> float:
    """What collecting an offline log cost: every prompt asked once for every one of its queries.

    Args:
        exhaustive: The frontier row of the vote over all prompts, whose ``n`` are the log's
            queries; NaN where its dollars are unknown.
    """
    return float(exhaustive["n"] * exhaustive["dollars_per_1000"] / 1000)


def monthly_bill(
    rows: pd.DataFrame, exhaustive: pd.Series | None, queries_per_month: int
) -> pd.DataFrame:
    """The bill of each policy and when it has paid for the offline log.

    A log is paid for once the dollars saved against exhaustive prompting reach what collecting it
    cost (``log_dollars``).

    Args:
        rows: Priced frontier rows.
        exhaustive: The priced row of exhaustive prompting, None where it was not run.
        queries_per_month: At least 1.

    Returns:
        The rows with dollars_per_month, saved_per_month, saved_share (0..1), break_even_queries
        and break_even_days. NaN where dollars are unknown; break-even is infinite where a policy
        saves nothing.
    """
    monthly = rows["dollars_per_1000"] / 1000 * queries_per_month
    whole, log = math.nan, math.nan
    if exhaustive is not None:
        whole = float(exhaustive["dollars_per_1000"]) / 1000 * queries_per_month
        log = log_dollars(exhaustive)
    saved = whole - monthly
    queries = (log / (saved / queries_per_month)).where((saved > 0) | saved.isna(), math.inf)
    return rows.assign(
        dollars_per_month=monthly,
        saved_per_month=saved,
        saved_share=saved / whole if whole else math.nan,
        break_even_queries=queries,
        break_even_days=queries / queries_per_month * DAYS_PER_MONTH,
    )
