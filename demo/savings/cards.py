"""The key figures above the dashboard's figure, as HTML."""

import pandas as pd
from markupsafe import Markup

from core.evaluation.frontier import (
    cheapest_as_good,
    exhaustive_row,
    no_difference,
    one_row,
    significant,
)
from core.policies import label_of
from demo.findings import standing
from demo.labels import dollars, percent, price_source, signed
from demo.templates import card, html


def key_figures(frame: pd.DataFrame) -> Markup:
    """Accuracy with one call, calls saved at equal accuracy, and what queries cost.

    Args:
        frame: Frontier rows of one comparison.
    """
    best = one_row(frame, "best-of-n")
    shown = [_accuracy(best), _calls(frame), _per_1000(frame, best), _per_correct(frame, best)]
    return html(
        '<section class="cards figures-row">{{ cards }}</section>', cards=Markup("").join(shown)
    )


def _accuracy(best: pd.Series) -> Markup:
    low, high = 100 * best["accuracy_low"], 100 * best["accuracy_high"]
    note = f"Best-of-N, 95 % interval {low:.1f} to {high:.1f}. "
    if pd.isna(best["minus_best_single"]):
        note += "None of these prompts was logged before."
    elif no_difference(best, "minus_best_single"):
        note += "The same accuracy as the best single prompt."
    else:
        low, high = best["minus_best_single_low"], best["minus_best_single_high"]
        word = "" if significant(best, "minus_best_single") else "not "
        note += (
            f"Against the best single prompt {signed(best['minus_best_single'])} points "
            f"({signed(low)} to {signed(high)}), {word}significant."
        )
    return card("Accuracy with one call", percent(best["accuracy"]), note)


def _calls(frame: pd.DataFrame) -> Markup:
    title = "Calls saved at equal accuracy"
    exhaustive = exhaustive_row(frame)
    if exhaustive is None:
        count = int(frame["prompts"].iloc[0])
        note = f"The answers to vote on were not published for all {count} prompts."
        return card(title, "not known", note)
    whole = f"{percent(exhaustive['accuracy'])} with {exhaustive['calls']:.0f} calls"
    cheapest = cheapest_as_good(frame)
    if cheapest is None:
        note = f"No policy is surely less than a point below exhaustive prompting, {whole}."
        return card(title, "none", note)
    saved = 1 - cheapest["calls"] / exhaustive["calls"]
    return card(
        title,
        f"{100 * saved:.0f} %",
        f"{exhaustive['calls'] / cheapest['calls']:.1f}× fewer calls: "
        f"{label_of(cheapest['policy'])} takes {cheapest['calls']:.1f} and is surely "
        f"{standing(cheapest)} exhaustive prompting, {whole}.",
    )


def _per_1000(frame: pd.DataFrame, best: pd.Series) -> Markup:
    return _cost(frame, best, "dollars_per_1000", "Dollars per 1,000 queries")


def _per_correct(frame: pd.DataFrame, best: pd.Series) -> Markup:
    return _cost(frame, best, "dollars_per_correct", "Dollars per correct answer")


def _cost(frame: pd.DataFrame, best: pd.Series, column: str, title: str) -> Markup:
    if pd.isna(best["completion_tokens"]):
        return card(title, "not known", "Tokens were not recorded for every answer.")
    if pd.isna(best[column]):
        tokens = best["prompt_tokens"] + best["completion_tokens"]
        note = f"No price is known. A query takes {tokens:.0f} tokens."
        return card(title, "no price", note)
    exhaustive = exhaustive_row(frame)
    beside = ""
    if exhaustive is not None:
        beside = f"; exhaustive prompting {dollars(exhaustive[column])}"
    source = price_source(best["price"])
    note = f"Best-of-N{beside}. {source[0].upper()}{source[1:]}."
    return card(title, dollars(best[column]), note)
