"""What frontier rows say: which policy is as good as another, and which are worth comparing."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from core.policies import entries

_NORMAL_95 = 1.96
PER_ARM = "per arm"
"""Price of a log in which one chooses among LLMs whose calls cost different dollars."""
_FEWER = 0.95
"""Of the dollars of the best LLM and prompt: what saves less is not worth a sentence."""
MARGIN = 0.01
"""A policy counts as good as exhaustive prompting when it is at most this much below, for sure."""


def is_priced(frame: pd.DataFrame) -> bool:
    """Whether calls differ in price, so that dollars are compared and not calls.

    Not where some policy pays nothing: no other is so many times as dear.
    """
    spent = frame["dollars_per_1000"]
    return bool((frame["price"] == PER_ARM).any() and not (spent == 0).any())


def cost_column(frame: pd.DataFrame) -> str:
    """What rows are compared by: calls, or dollars where calls differ in price."""
    return "dollars_per_1000" if is_priced(frame) else "calls"


def compared(frame: pd.DataFrame) -> pd.Series:
    """Which rows figure and bill compare: those of deployable policies that are no variants."""
    shown = [entry.name for entry in entries().values() if entry.shown == "figure"]
    return frame["deployable"] & frame["policy"].isin(shown)


def exhaustive_row(frame: pd.DataFrame) -> pd.Series | None:
    """The row of the majority vote over all prompts; None where answers cannot be compared."""
    whole = frame["parameter"].to_numpy() == frame["prompts"].to_numpy()
    return _first(frame, (frame["policy"].to_numpy() == "majority-vote") & whole)


def one_row(frame: pd.DataFrame, policy: str) -> pd.Series | None:
    """The single row of a policy without a parameter; None where it was not run."""
    return _first(frame, frame["policy"].to_numpy() == policy)


def _first(frame: pd.DataFrame, asked: np.ndarray) -> pd.Series | None:
    # A frame of all the rows asked for would take ten times as long as the one row.
    places = np.flatnonzero(asked)
    return frame.iloc[places[0]] if len(places) else None


def no_difference(row: pd.Series | Mapping[str, Any], name: str) -> bool:
    """Whether no query of the log sets two policies apart, so that an interval has no width.

    Args:
        row: A frontier row.
        name: Of the difference.
    """
    return bool(row[name] == row[f"{name}_low"] == row[f"{name}_high"] == 0)


def significant(row: pd.Series | Mapping[str, Any], name: str) -> bool:
    """Whether a difference is no luck; arguments as for ``no_difference``.

    Its interval leaves zero out. A gain over single prompts must hold against every one of them as
    well: the best of the log is picked anew in each fold, and where prompts are nearly tied, such a
    pick is worse than any of them and easily beaten.
    """
    if row[f"{name}_high"] < 0:
        return True
    held = name != "minus_best_single" or row["minus_same_prompt_low"] > 0
    return bool(row[f"{name}_low"] > 0 and held)


def one_call(frame: pd.DataFrame) -> pd.Series | None:
    """The row of the policy to use for one call; None where no query can be compared.

    It leaves the best single prompt only for a gain of more than one standard error.
    """
    best, single = one_row(frame, "best-of-n"), one_row(frame, "best-single")
    if best is None or single is None:
        return best
    error = (best["minus_best_single_high"] - best["minus_best_single_low"]) / (2 * _NORMAL_95)
    return best if best["minus_best_single"] > error else single


def is_exhaustive(row: pd.Series | Mapping[str, Any]) -> bool:
    """Whether a row is the majority vote over all prompts."""
    return bool(row["policy"] == "majority-vote" and row["parameter"] == row["prompts"])


def as_good(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of deployable policies surely less than ``MARGIN`` below exhaustive prompting."""
    return frame[compared(frame) & (frame["minus_exhaustive_low"] > -MARGIN)]


def cheapest_as_good(frame: pd.DataFrame, *, above: float = 0.0) -> pd.Series | None:
    """Of the rows as good as exhaustive prompting the cheapest; None where none is.

    The cheapest has the fewest calls, or dollars where calls differ in price.

    Args:
        frame: Frontier rows of one comparison.
        above: Rows with no more mean calls than this are passed over.
    """
    exhaustive, column = exhaustive_row(frame), cost_column(frame)
    if exhaustive is None:
        return None
    near = as_good(frame)
    near = near[(near[column] < exhaustive[column]) & (near["calls"] > above)]
    return None if near.empty else near.loc[near[column].idxmin()]


def cheaper_arm(frame: pd.DataFrame) -> pd.Series | None:
    """Where arms have prices, the cheapest row as good as always the best arm; None without one.

    As good is at most ``MARGIN`` below, for sure, as it is for exhaustive prompting.
    """
    single = one_row(frame, "best-single")
    if single is None or not is_priced(frame):
        return None
    near = frame[compared(frame) & (frame["minus_best_single_low"] > -MARGIN)]
    near = near[near["dollars_per_1000"] < _FEWER * single["dollars_per_1000"]]
    return None if near.empty else near.loc[near["dollars_per_1000"].idxmin()]


def billed(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that a bill compares, one per deployable policy, from fewest calls to exhaustive.

    Of a policy with several settings it takes the cheapest that is as good as exhaustive
    prompting, else the most accurate that is cheaper.
    """
    exhaustive = exhaustive_row(frame)
    wanted = compared(frame)
    if exhaustive is not None:
        wanted &= frame["calls"] < exhaustive["calls"]
    shown = frame.loc[wanted, ["policy", "calls", "accuracy"]]
    good = set(as_good(frame).index)
    places = []
    for _, rows in shown.groupby("policy", sort=False):
        near = rows[rows.index.isin(good)]
        places.append(near["calls"].idxmin() if len(near) else rows["accuracy"].idxmax())
    if exhaustive is not None:
        places.append(exhaustive.name)
    return frame.loc[places].sort_values("calls", kind="stable")


def stepped_frontier(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Rows of deployable policies that no cheaper or equally dear one beats, from cheap to dear.

    Of rows with equal cost the most accurate counts; of equal accuracy the cheapest.
    """
    rows = frame[compared(frame) & frame[column].notna()]
    rows = rows.sort_values([column, "accuracy"], ascending=[True, False])
    best_before = rows["accuracy"].cummax().shift(fill_value=-np.inf)
    return rows[rows["accuracy"] > best_before]


def ours(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of policies that decide by the reward model; variants are left out."""
    names = [entry.name for entry in entries().values() if entry.ours and entry.shown == "figure"]
    return frame[frame["policy"].isin(names)]


def hero(frame: pd.DataFrame) -> pd.Series:
    """The row that a comparison is told by.

    Of our rows as right as exhaustive prompting, by the estimate and surely to within ``MARGIN``,
    the cheapest; where there is none, best-of-N.
    """
    rows, exhaustive, column = ours(frame), exhaustive_row(frame), cost_column(frame)
    near = rows[rows.index.isin(as_good(rows).index) & (rows["minus_exhaustive"] >= 0)]
    if exhaustive is not None:
        near = near[near[column] < exhaustive[column]]
    if near.empty:
        near = rows[rows["policy"] == "best-of-n"]
    return near.loc[near[column].idxmin()]


def within(frame: pd.DataFrame, calls: float) -> pd.Series:
    """Our most accurate row with at most so many mean calls; of equal accuracy the cheapest.

    Calls count as they are shown, with one decimal. A policy that spends one call whatever its
    setting is left out: calls do not choose among its rows.
    """
    by_calls = [entry.name for entry in entries().values() if entry.single or entry.curve]
    rows = ours(frame)
    rows = rows[rows["policy"].isin(by_calls)]
    shown = rows["calls"].round(1)
    allowed = rows[shown <= max(calls, float(shown.min()))]
    return allowed.sort_values(["accuracy", "calls"], ascending=[False, True]).iloc[0]


def share_of_bill(row: pd.Series, exhaustive: pd.Series) -> tuple[float, str]:
    """What a row costs of exhaustive prompting, and in what it is counted.

    Returns:
        The share and ``bill``, ``tokens`` or ``calls``: the first that is known of both.
    """
    for column, unit in (("dollars_per_1000", "bill"), ("tokens", "tokens")):
        theirs = _cost(exhaustive, column)
        if theirs > 0 and _cost(row, column) > 0:
            return _cost(row, column) / theirs, unit
    return float(row["calls"] / exhaustive["calls"]), "calls"


def _cost(row: pd.Series, column: str) -> float:
    if column == "tokens":
        return float(row["prompt_tokens"] + row["completion_tokens"])
    return float(row[column])


def strongest(table: pd.DataFrame, key: list[str]) -> tuple[Any, ...]:
    """The comparison in which a policy of ours saves most, as right as exhaustive prompting.

    Only comparisons with a price count, so that what is saved is money.

    Args:
        table: Frontier rows of all comparisons.
        key: Columns that name one.

    Returns:
        The values of ``key``.
    """
    found = {}
    for name, frame in table.groupby(key, sort=False):
        exhaustive = exhaustive_row(frame)
        if exhaustive is None or frame["protocol"].iloc[0] != "clean":
            continue
        best = hero(frame)
        share, unit = share_of_bill(best, exhaustive)
        if unit == "bill" and best["minus_exhaustive"] >= 0:
            found[name] = share
    return min(found, key=lambda name: found[name])
