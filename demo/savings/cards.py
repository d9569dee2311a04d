"""The key figures above the dashboard's figure, as HTML."""

import pandas as pd
from markupsafe import Markup

from core.evaluation.frontier import exhaustive_row, no_difference, significant
from core.policies import label_of
from demo.labels import between, dollars, percent, price_source, signed, signed_between
from demo.templates import card, html


def key_figures(frame: pd.DataFrame, row: pd.Series) -> Markup:
    """Accuracy of a policy, the calls it takes, and what its queries cost.

    Args:
        frame: Frontier rows of one comparison.
        row: That of the policy.
    """
    shown = [
        _accuracy(row),
        _calls(frame, row),
        _cost(frame, row, "dollars_per_1000", "Dollars per 1,000 queries"),
        _cost(frame, row, "dollars_per_correct", "Dollars per correct answer"),
    ]
    return html(
        '<section class="cards figures-row">{{ cards }}</section>', cards=Markup("").join(shown)
    )


def _accuracy(row: pd.Series) -> Markup:
    note = f"95 % interval {between(row)}. "
    if pd.isna(row["minus_best_single"]):
        note += "None of these prompts was logged before."
    elif no_difference(row, "minus_best_single"):
        note += "The same accuracy as the best single prompt."
    else:
        word = "" if significant(row, "minus_best_single") else "not "
        note += (
            f"Against the best single prompt {signed(row['minus_best_single'])} points "
            f"({signed_between(row, 'minus_best_single')}), {word}significant."
        )
    return card(f"Right answers of {label_of(row['policy'])}", percent(row["accuracy"]), note)


def _calls(frame: pd.DataFrame, row: pd.Series) -> Markup:
    title = "LLM calls per query"
    exhaustive = exhaustive_row(frame)
    calls = f"{row['calls']:.1f}".removesuffix(".0")
    if exhaustive is None:
        count = int(frame["prompts"].iloc[0])
        note = f"The answers to vote on were not published for all {count} prompts."
        return card(title, calls, note)
    times = exhaustive["calls"] / row["calls"]
    note = (
        f"{times:.1f}× fewer than exhaustive prompting: {percent(exhaustive['accuracy'])} with "
        f"{exhaustive['calls']:.0f} calls."
    )
    return card(title, calls, note)


def _cost(frame: pd.DataFrame, row: pd.Series, column: str, title: str) -> Markup:
    if pd.isna(row["completion_tokens"]):
        return card(title, "not known", "Tokens were not recorded for every answer.")
    if pd.isna(row[column]):
        tokens = row["prompt_tokens"] + row["completion_tokens"]
        note = f"No price is known. A query takes {tokens:.0f} tokens."
        return card(title, "no price", note)
    exhaustive = exhaustive_row(frame)
    beside = ""
    if exhaustive is not None:
        beside = f"; exhaustive prompting {dollars(exhaustive[column])}"
    source = price_source(row["price"])
    name = label_of(row["policy"])
    note = f"{name[0].upper()}{name[1:]}{beside}. {source[0].upper()}{source[1:]}."
    return card(title, dollars(row[column]), note)
