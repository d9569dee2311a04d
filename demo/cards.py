"""The key figures above the dashboard's figure, as HTML."""

from html import escape

import pandas as pd

from demo.story import as_good, exhaustive_row, one_row
from demo.words import LABELS, PROVIDER_LABELS, dollars, percent, signed


def key_figures(frame: pd.DataFrame) -> str:
    """Accuracy with one call, the gain, calls and dollars against exhaustive prompting.

    Args:
        frame: Frontier rows of one comparison.
    """
    best = one_row(frame, "best-of-n")
    shown = [_accuracy(best), _gain(best), _calls(frame), _cost(frame, best)]
    return f'<section class="cards figures-row">{"".join(shown)}</section>'


def _card(title: str, value: str, note: str) -> str:
    return (
        f'<article class="card"><h3>{escape(title)}</h3><p class="value">{escape(value)}</p>'
        f'<p class="quiet">{escape(note)}</p></article>'
    )


def _accuracy(best: pd.Series) -> str:
    note = f"95 % interval {percent(best['accuracy_low'])} to {percent(best['accuracy_high'])}"
    return _card("Best-of-N, one call", percent(best["accuracy"]), note)


def _gain(best: pd.Series) -> str:
    title = "Over the best single prompt"
    if pd.isna(best["minus_best_single"]):
        return _card(title, "—", "None of these prompts was logged before.")
    low, high = best["minus_best_single_low"], best["minus_best_single_high"]
    word = "significant" if low > 0 or high < 0 else "not significant"
    return _card(
        title,
        f"{signed(best['minus_best_single'])} points",
        f"95 % interval {signed(low)} to {signed(high)}, {word}",
    )


def _calls(frame: pd.DataFrame) -> str:
    exhaustive = exhaustive_row(frame)
    title = "Against exhaustive prompting"
    if exhaustive is None:
        count = int(frame["prompts"].iloc[0])
        return _card(title, f"1 call, not {count}", "Answers were not published for all prompts.")
    near = as_good(frame)
    cheapest = near.loc[near["calls"].idxmin()]
    return _card(
        title,
        f"{exhaustive['calls'] / cheapest['calls']:.1f}× fewer calls",
        f"less than a point below its {percent(exhaustive['accuracy'])}: "
        f"{LABELS[cheapest['policy']]}, "
        f"{cheapest['calls']:.1f} calls of {exhaustive['calls']:.0f}",
    )


def _cost(frame: pd.DataFrame, best: pd.Series) -> str:
    title = "Best-of-N, per 1,000 queries"
    if pd.isna(best["dollars_per_1000"]):
        if not pd.isna(best["completion_tokens"]) and best["price"] == "no price":
            tokens = best["prompt_tokens"] + best["completion_tokens"]
            note = f"Nobody sells calls of this LLM. It takes {tokens:.0f} tokens a query."
            return _card(title, "no price", note)
        return _card(title, "not known", "Tokens were not recorded for every answer.")
    provider, day, _ = (part.strip() for part in best["price"].split(","))
    exhaustive = exhaustive_row(frame)
    beside = ""
    if exhaustive is not None:
        beside = f"exhaustive {dollars(exhaustive['dollars_per_1000'])}; "
    return _card(
        title,
        dollars(best["dollars_per_1000"]),
        f"{beside}list price of {PROVIDER_LABELS.get(provider, provider)}, {day}",
    )
