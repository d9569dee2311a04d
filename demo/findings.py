"""What a comparison says: its rows, its frontier and its one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from demo.labels import LABELS, signed

MARGIN = 0.01
"""A policy counts as good as exhaustive prompting when it is at most this much below, for sure."""

VARIANTS = ("budgeted-tokens", "budgeted-2-at-once", "budgeted-4-at-once", "capped-consistency")
"""Policies that are in the tables and not in the figure, which would be too crowded."""


@dataclass(frozen=True)
class Message:
    """The sentence of a figure and the two rows its arrow joins; none where there is no arrow."""

    text: str
    start: pd.Series | None = None
    end: pd.Series | None = None


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


def message(frame: pd.DataFrame) -> Message:
    """What the figure says: the cheapest policy that is as good as exhaustive prompting.

    As good means that the 95 % interval of its paired difference stays above ``-MARGIN``, a test
    of non-inferiority; an interval that merely reaches zero would be a weaker claim. Without
    exhaustive prompting best-of-N is set beside the best single prompt.
    """
    exhaustive, best = exhaustive_row(frame), one_row(frame, "best-of-n")
    if best is None:
        return Message("")
    if exhaustive is None:
        return Message(_beside_single(best))
    cheapest = cheapest_as_good(frame)
    if cheapest is None:
        return Message(f"{_far_from_exhaustive(best)} at 1/{exhaustive['calls']:.0f} of its calls.")
    name = LABELS[cheapest["policy"]]
    near = f"{standing(cheapest)} exhaustive prompting ({_points(cheapest, 'minus_exhaustive')})"
    if no_difference(cheapest, "minus_exhaustive"):
        near = "the same accuracy as exhaustive prompting"
    return Message(
        f"{name[0].upper()}{name[1:]}: {near} with "
        f"{exhaustive['calls'] / cheapest['calls']:.1f}× fewer calls."
        f"{_of_one_call(cheapest, best)}",
        exhaustive,
        cheapest,
    )


def no_difference(row: pd.Series | Mapping[str, Any], name: str) -> bool:
    """Whether no query of the log sets two policies apart, so that an interval has no width.

    Args:
        row: A frontier row.
        name: Of the difference.
    """
    return bool(row[name] == row[f"{name}_low"] == row[f"{name}_high"] == 0)


def standing(row: pd.Series) -> str:
    """Where a row as good as exhaustive prompting stands, in words that go before its name."""
    return "more accurate than" if row["minus_exhaustive_low"] > 0 else "less than a point below"


def _far_from_exhaustive(best: pd.Series) -> str:
    if best["minus_exhaustive_high"] < 0:
        points = -100 * best["minus_exhaustive"]
        return f"Best-of-N is {points:.1f} points below exhaustive prompting"
    # A small log leaves open which of the two is better.
    return f"Best-of-N against exhaustive prompting: {_points(best, 'minus_exhaustive')},"


def as_good(frame: pd.DataFrame) -> pd.DataFrame:
    """Rows of deployable policies surely less than ``MARGIN`` below exhaustive prompting."""
    shown = frame["deployable"] & ~frame["policy"].isin(VARIANTS)
    return frame[shown & (frame["minus_exhaustive_low"] > -MARGIN)]


def cheapest_as_good(frame: pd.DataFrame) -> pd.Series | None:
    """Of the rows as good as exhaustive prompting the one with fewest calls; None where none is."""
    exhaustive = exhaustive_row(frame)
    if exhaustive is None:
        return None
    near = as_good(frame)
    near = near[near["calls"] < exhaustive["calls"]]
    return None if near.empty else near.loc[near["calls"].idxmin()]


def billed(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that a bill compares, one per deployable policy, from fewest calls to exhaustive.

    Of a policy with several settings it takes the cheapest that is as good as exhaustive
    prompting, else the most accurate that is cheaper.
    """
    exhaustive = exhaustive_row(frame)
    wanted = frame["deployable"] & ~frame["policy"].isin(VARIANTS)
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


def _of_one_call(cheapest: pd.Series, best: pd.Series) -> str:
    """What one call costs in accuracy, so that praise of another policy does not hide it."""
    if cheapest["policy"] == best["policy"]:
        return ""
    return f" Best-of-N, with one call: {_points(best, 'minus_exhaustive')}."


def _beside_single(best: pd.Series) -> str:
    if pd.isna(best["minus_best_single"]):
        return "None of these prompts was logged before; they are scored by their wording."
    if no_difference(best, "minus_best_single"):
        return "Best-of-N: the same accuracy as the best single prompt."
    significant = best["minus_best_single_low"] > 0 or best["minus_best_single_high"] < 0
    word = "a significant difference" if significant else "not a significant difference"
    return (
        f"Best-of-N against the best single prompt: {_points(best, 'minus_best_single')}, {word}."
    )


def _points(row: pd.Series, name: str) -> str:
    return (
        f"{signed(row[name])} points, 95 % interval {signed(row[f'{name}_low'])} to "
        f"{signed(row[f'{name}_high'])}"
    )


def stepped_frontier(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Rows of deployable policies that no cheaper or equally dear one beats, from cheap to dear.

    Of rows with equal cost the most accurate counts; of equal accuracy the cheapest.
    """
    shown = frame["deployable"] & ~frame["policy"].isin(VARIANTS)
    rows = frame[shown & frame[column].notna()]
    rows = rows.sort_values([column, "accuracy"], ascending=[True, False])
    best_before = rows["accuracy"].cummax().shift(fill_value=-np.inf)
    return rows[rows["accuracy"] > best_before]
