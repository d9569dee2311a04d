"""What a comparison says: its rows, its frontier and its one sentence."""

from dataclasses import dataclass

import pandas as pd

from core.evaluation.frontier import (
    cheapest_as_good,
    exhaustive_row,
    no_difference,
    one_row,
    significant,
)
from core.policies import label_of
from demo.labels import signed


@dataclass(frozen=True)
class Message:
    """The sentence of a figure and the two rows its arrow joins; none where there is no arrow."""

    text: str
    start: pd.Series | None = None
    end: pd.Series | None = None


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
    name = label_of(cheapest["policy"])
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


def standing(row: pd.Series) -> str:
    """Where a row as good as exhaustive prompting stands, in words that go before its name."""
    return "more accurate than" if row["minus_exhaustive_low"] > 0 else "less than a point below"


def _far_from_exhaustive(best: pd.Series) -> str:
    if best["minus_exhaustive_high"] < 0:
        points = -100 * best["minus_exhaustive"]
        return f"Best-of-N is {points:.1f} points below exhaustive prompting"
    # A small log leaves open which of the two is better.
    return f"Best-of-N against exhaustive prompting: {_points(best, 'minus_exhaustive')},"


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
    word = "" if significant(best, "minus_best_single") else "not "
    return (
        f"Best-of-N against the best single prompt: {_points(best, 'minus_best_single')}, "
        f"{word}a significant difference."
    )


def _points(row: pd.Series, name: str) -> str:
    return (
        f"{signed(row[name])} points, 95 % interval {signed(row[f'{name}_low'])} to "
        f"{signed(row[f'{name}_high'])}"
    )
