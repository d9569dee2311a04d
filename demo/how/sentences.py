"""Sentences of the tab How it works that hold numbers, written from tables and rankings.

A rebuild of the tables changes the sentences with them.
"""

from collections.abc import Sequence

import pandas as pd

from core.asking.ranking import Ranking
from core.demonstrations import DATASET_LABELS, LLAMA2
from core.evaluation.frontier import (
    cheapest_as_good,
    exhaustive_row,
    is_exhaustive,
    no_difference,
    one_row,
    significant,
)
from core.policies import label_of
from demo.labels import LLM_LABELS, percent, signed, signed_between

LETTERS = "ABCDEFGH"
"""Short names of the questions in the picture."""


def chosen_sentence(rankings: Sequence[Ranking]) -> str:
    """Which prompt best-of-N calls for each question of the picture."""
    chosen = [
        f"{letter} {ranking.best.label}" for letter, ranking in zip(LETTERS, rankings, strict=False)
    ]
    return f"Framed is the prompt that best-of-N calls: {', '.join(chosen)}."


def named(rows: pd.DataFrame) -> str:
    """Which comparison the frontier rows belong to."""
    first = rows.iloc[0]
    return (
        f"{LLM_LABELS[first['llm']]}, {DATASET_LABELS[first['dataset']]}, "
        f"{first['protocol']} split, {first['n']:,} queries"
    )


def shown_rows(rows: pd.DataFrame) -> list[pd.Series]:
    """What the picture sets side by side, from few calls to many; what was not run is left out.

    One call with the best single prompt, one with the chosen prompt, the cheapest policy that is
    as good as exhaustive prompting, and exhaustive prompting itself.
    """
    one_call = [one_row(rows, "best-single"), one_row(rows, "best-of-n")]
    found = [*one_call, cheapest_as_good(rows, above=1), exhaustive_row(rows)]
    return [row for row in found if row is not None]


def name_of(row: pd.Series) -> str:
    """What a row of the frontier is called on the page."""
    return "exhaustive prompting" if is_exhaustive(row) else label_of(row["policy"])


def one_call_sentence(rows: pd.DataFrame) -> str:
    """What the one call of best-of-N gains, and what it gives up."""
    best, exhaustive = one_row(rows, "best-of-n"), exhaustive_row(rows)
    text = f"Best-of-N against the best single prompt: {_difference(best, 'minus_best_single')}"
    if exhaustive is None:
        return f"{text}."
    return (
        f"{text}. Against exhaustive prompting, with {best['calls']:.0f} call instead of "
        f"{exhaustive['calls']:.0f}: {_difference(best, 'minus_exhaustive')}."
    )


def tally_sentence(frontier: pd.DataFrame) -> str:
    """In how many clean comparisons best-of-N wins, ties and loses against the best single prompt.

    Every comparison in which it is significantly worse is named.
    """
    rows = _of_one_call(frontier)
    rows = rows[rows["minus_best_single"].notna()]
    claims = rows.apply(significant, axis=1, name="minus_best_single")
    better = claims & (rows["minus_best_single"] > 0)
    worse = rows[rows["minus_same_prompt_high"] < 0]
    text = (
        f"Best-of-N is not always better than the best single prompt: of {len(rows)} clean "
        f"comparisons significantly in {better.sum()}, within noise in "
        f"{len(rows) - better.sum() - len(worse)}, significantly worse than always one and "
        f"the same prompt in {len(worse)}"
    )
    if worse.empty:
        return f"{text}."
    places = [
        f"{LLM_LABELS[row['llm']]}, {DATASET_LABELS[row['dataset']]}, {row['prompts']} prompts, "
        f"{_points(row, 'minus_same_prompt')}"
        for _, row in worse.iterrows()
    ]
    return f"{text}: {'; '.join(places)}."


def exhaustive_sentence(frontier: pd.DataFrame) -> str:
    """How much more accurate exhaustive prompting is than one call, from least to most."""
    rows = _of_one_call(frontier)
    behind = -100 * rows["minus_exhaustive"].dropna()
    if behind.empty:
        return "No answers to vote on were logged, so exhaustive prompting is not compared."
    return (
        f"One call does not replace all: exhaustive prompting is {behind.min():.1f} to "
        f"{behind.max():.1f} points more accurate than best-of-N."
    )


def _of_one_call(frontier: pd.DataFrame) -> pd.DataFrame:
    """Best-of-N's rows in the clean comparisons, answers as they were given."""
    given = (frontier["protocol"] == "clean") & (frontier["prompt_set"] != "mended")
    return frontier[given & (frontier["policy"] == "best-of-n")]


def calibration_sentence(summary: pd.DataFrame) -> str:
    """How far predicted chances were from shares right, over the clean comparisons."""
    clean = (summary["protocol"] == "clean") & (summary["prompt_set"] != "mended")
    rows = summary[clean & (summary["metric"] == "calibration_error")]
    gaps = 100 * rows["value"]
    return (
        f"On queries never seen, {gaps.min():.1f} to {gaps.max():.1f} points from the share "
        f"that was right, on average."
    )


def equations_sentence(equations: pd.DataFrame) -> str:
    """What the budgeted policy sees in the text of an answer, and why it looks."""
    right = equations.set_index("kind")["accuracy"]
    return (
        f"Budgeted also reads the answers’ texts: of {LLM_LABELS[LLAMA2]}’s GSM8K answers "
        f"{100 * right['all equations hold']:.0f} % are right where all hold, "
        f"{100 * right['an equation is wrong']:.0f} % where one is wrong."
    )


def oracle_sentence(rows: pd.DataFrame) -> str:
    """What the oracle is, with its accuracy where it was computed."""
    oracle = one_row(rows, "oracle")
    text = "Right whenever any prompt is, so it needs the answers"
    return f"{text}." if oracle is None else f"{text}; {percent(oracle['accuracy'])} here."


def _difference(row: pd.Series, name: str) -> str:
    if no_difference(row, name):
        return "the same accuracy"
    return f"{_points(row, name)}, {'' if significant(row, name) else 'not '}significant"


def _points(row: pd.Series, name: str) -> str:
    return f"{signed(row[name])} points (95 %: {signed_between(row, name)})"
