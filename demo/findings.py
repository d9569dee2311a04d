"""What a comparison says: its rows, its frontier and its one sentence."""

from dataclasses import dataclass

import pandas as pd

from core.evaluation.frontier import (
    MARGIN,
    cheapest_as_good,
    cost_column,
    exhaustive_row,
    no_difference,
    one_row,
    share_of_bill,
    significant,
)
from core.policies import label_of
from demo.labels import dollars, percent, signed, signed_between


def message(frame: pd.DataFrame) -> str:
    """What the figure says: the cheapest policy that is as good as exhaustive prompting.

    As good means that the 95 % interval of its paired difference stays above ``-MARGIN``, a test
    of non-inferiority; an interval that merely reaches zero would be a weaker claim. Without
    exhaustive prompting best-of-N is set beside the best single prompt.
    """
    exhaustive, best = exhaustive_row(frame), one_row(frame, "best-of-n")
    if best is None:
        return ""
    if exhaustive is None:
        return _beside_single(best)
    cheapest = cheapest_as_good(frame)
    if cheapest is None:
        return f"{_far_from_exhaustive(best)} at 1/{exhaustive['calls']:.0f} of its calls."
    name = label_of(cheapest["policy"])
    near = f"{standing(cheapest)} exhaustive prompting ({_points(cheapest, 'minus_exhaustive')})"
    if no_difference(cheapest, "minus_exhaustive"):
        near = "the same accuracy as exhaustive prompting"
    column = cost_column(frame)
    unit = "calls" if column == "calls" else "dollars"
    return (
        f"{name[0].upper()}{name[1:]}: {near} with "
        f"{exhaustive[column] / cheapest[column]:.1f}× fewer {unit}."
        f"{_of_one_call(cheapest, best)}"
    )


@dataclass(frozen=True)
class Headline:
    """What a policy saves and what it loses, in the first screen.

    Attributes:
        claim: In one sentence.
        figures: The numbers behind it.
        loss: What one call alone loses; empty where it is the policy itself.
    """

    claim: str
    figures: str
    loss: str


def headline(frame: pd.DataFrame, chosen: pd.Series, queries: int) -> Headline:
    """The story of one policy against exhaustive prompting; without that, best-of-N's.

    Args:
        frame: Priced frontier rows of one comparison.
        chosen: One of them.
        queries: The volume that dollars are told for.
    """
    exhaustive, best = exhaustive_row(frame), one_row(frame, "best-of-n")
    if exhaustive is None or best is None:
        return Headline(message(frame), "", "")
    count = f"asking all {exhaustive['prompts']:.0f} prompts"
    share, unit = share_of_bill(chosen, exhaustive)
    cost = f"for {100 * share:.0f}\u00a0% of the {unit}"
    loss = ""
    if chosen.name != best.name:
        loss = f"One call alone (best-of-N): {_against(best, exhaustive['prompts'])}."
    return Headline(
        f"{_more_or_fewer(chosen)} {count}, {cost}.",
        " · ".join(_figures(chosen, exhaustive, queries)),
        loss,
    )


def _more_or_fewer(row: pd.Series) -> str:
    points = 100 * row["minus_exhaustive"]
    if row["minus_exhaustive_low"] > 0:
        return "More right answers than"
    if points >= 0:
        return "As many right answers as"
    if row["minus_exhaustive_low"] > -MARGIN:
        return "Less than a point fewer right answers than"
    return f"{-points:.1f} points fewer right answers than"


def _figures(row: pd.Series, exhaustive: pd.Series, queries: int) -> list[str]:
    name = label_of(row["policy"])
    said = [
        f"{name[0].upper()}{name[1:]}: {percent(row['accuracy'])} right instead of "
        f"{percent(exhaustive['accuracy'])} ({_points(row, 'minus_exhaustive')})",
        f"{row['calls']:.1f} calls instead of {exhaustive['calls']:.0f}",
    ]
    ours, theirs = row["dollars_per_1000"], exhaustive["dollars_per_1000"]
    if not pd.isna(ours) and not pd.isna(theirs):
        said.append(
            f"{dollars(ours * queries / 1000)} instead of {dollars(theirs * queries / 1000)} "
            f"for {queries:,} queries"
        )
    return said


def _against(best: pd.Series, prompts: float) -> str:
    said = f"{signed(best['minus_exhaustive'])} points against all {prompts:.0f} prompts"
    if pd.isna(best["minus_best_single"]):
        return said
    if no_difference(best, "minus_best_single"):
        return f"{said}, the same as the best single prompt"
    return (
        f"{said}, {signed(best['minus_best_single'])} against the best single prompt "
        f"({signed_between(best, 'minus_best_single')})"
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
    return f"{signed(row[name])} points, 95 % interval {signed_between(row, name)}"
