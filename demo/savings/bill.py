"""The monthly bill of each policy and when the offline log has paid for itself, as HTML."""

import math

import pandas as pd

from core.costs.billing import log_dollars, monthly_bill
from core.evaluation.frontier import (
    billed,
    cheapest_as_good,
    exhaustive_row,
    no_difference,
    one_row,
)
from core.policies import entries, label_of
from demo.findings import standing
from demo.labels import between, dollars, percent, price_source, signed, signed_between
from demo.templates import html

_HEADS = (
    "policy",
    "right (95 %)",
    "against exhaustive (95 %)",
    "a month",
    "saved",
    "log paid back after",
)


_BILL = """
<section class="bill" aria-label="Monthly bill"><h2>{{ volume }} a month</h2>
{% if rows %}
<table><thead><tr>{% for head in heads %}<th scope="col">{{ head }}</th>{% endfor %}</tr></thead>
<tbody>
{% for row in rows %}
<tr class="{{ row.look }}"><th scope="row">{{ row.name }} <small>{{ row.calls }}</small></th>
{%- for head, (value, note) in row.cells %}<td data-label="{{ head }}">{{ value }}
{%- if note %} <small>{{ note }}</small>{% endif %}</td>{% endfor %}</tr>
{% endfor %}
</tbody></table>
{% endif %}
<p>{{ story }}</p>
{% if source %}
<p class="quiet">{{ source }}</p>
{% endif %}
</section>"""
_Cell = tuple[str, str]
"""A value, and what stands small beside it."""


def bill_html(frame: pd.DataFrame, told: pd.Series, queries: int) -> str:
    """A row per policy, then what the offline log cost and what was assumed.

    Args:
        frame: Priced frontier rows of one comparison.
        told: The row that the page tells of; it stands out.
        queries: Per month.
    """
    volume = f"{queries:,} queries" if queries > 1 else "1 query"
    exhaustive = exhaustive_row(frame)
    compared = billed(frame)
    # Of the told policy its own setting, in place of the one that it would be billed by.
    others = compared[(compared["policy"] != told["policy"]) | (compared.index == told.name)]
    shown = frame.loc[sorted({*others.index, told.name})].sort_values("calls", kind="stable")
    rows = monthly_bill(shown, exhaustive, queries)
    known = rows[rows["dollars_per_month"].notna()]
    if known.empty:
        story = _why_unknown(frame)
        return html(_BILL, volume=volume, heads=(), rows=(), story=story, source="")
    if exhaustive is None:
        heads = (_HEADS[0], _HEADS[1], _HEADS[3])
        story = (
            "Exhaustive prompting cannot be billed here, since the answers to vote on were not "
            "published; so there is nothing to save against and no break-even."
        )
    else:
        heads = _HEADS
        story = _break_even(frame, rows, exhaustive, queries)
    return html(
        _BILL,
        volume=volume,
        heads=heads,
        rows=[_row(row, heads, exhaustive, told) for _, row in known.iterrows()],
        story=story,
        source=_source(known, len(rows) - len(known)),
    )


def _source(known: pd.DataFrame, missing: int) -> str:
    source = price_source(known["price"].iloc[0])
    at = "At" if source.startswith("your") else "At the"
    left_out = f" Policies whose tokens were not recorded are left out: {missing}."
    return f"{at} {source}.{left_out if missing else ''}"


def _why_unknown(frame: pd.DataFrame) -> str:
    if frame["completion_tokens"].isna().all():
        return (
            "Tokens of the answers were not published, so no price makes a bill of this log. "
            "Accuracy and calls above are known."
        )
    return "There is no price. With one, the bill of each policy stands here."


def _row(
    row: pd.Series, heads: tuple[str, ...], exhaustive: pd.Series | None, told: pd.Series
) -> dict[str, object]:
    whole = exhaustive is not None and row.name == exhaustive.name
    calls = f"{row['calls']:.1f}".removesuffix(".0")
    accuracy: _Cell = (percent(row["accuracy"]), between(row))
    month: _Cell = (dollars(row["dollars_per_month"]), "")
    if exhaustive is None:
        cells: tuple[_Cell, ...] = (accuracy, month)
    elif whole:
        cells = (accuracy, ("", ""), month, ("", ""), ("", ""))
    else:
        cells = (accuracy, _difference(row), month, _saved(row), _paid_back(row))
    return {
        "name": "exhaustive prompting" if whole else label_of(row["policy"]),
        "calls": f"{calls} {'call' if calls == '1' else 'calls'}",
        "look": "told" if row.name == told.name else "worse" if _surely_worse(row) else "",
        "cells": list(zip(heads[1:], cells, strict=True)),
    }


def _difference(row: pd.Series) -> _Cell:
    if no_difference(row, "minus_exhaustive"):
        return "the same", ""
    return signed(row["minus_exhaustive"]), signed_between(row, "minus_exhaustive")


def _surely_worse(row: pd.Series) -> bool:
    return bool(row["minus_exhaustive_high"] < 0)


def _saved(row: pd.Series) -> _Cell:
    if row["saved_per_month"] < 0:
        return f"costs {dollars(-row['saved_per_month'])} more", ""
    if not row["saved_per_month"] > 0:
        return "nothing", ""
    return dollars(row["saved_per_month"]), f"{100 * row['saved_share']:.0f} %"


def _paid_back(row: pd.Series) -> _Cell:
    if not entries()[row["policy"]].ours:
        return "needs no log", ""
    queries = row["break_even_queries"]
    if not math.isfinite(queries):
        return "never", ""
    return f"{math.ceil(queries):,} queries", _days(row["break_even_days"])


def _days(days: float) -> str:
    if days < 1:
        return "under a day"
    if days < 730:
        return f"{days:,.0f} day{'s' if round(days) != 1 else ''}"
    return f"{days / 365.25:,.0f} years"


def _break_even(
    frame: pd.DataFrame, rows: pd.DataFrame, exhaustive: pd.Series, queries: int
) -> str:
    """What the log cost, and what one call saves and loses against exhaustive prompting."""
    cost = log_dollars(exhaustive)
    count = int(exhaustive["n"] * exhaustive["prompts"])
    told = (
        f"The offline log is taken to be every prompt asked once for each of its "
        f"{exhaustive['n']:,} queries: {count:,} calls, {dollars(cost)} at this price. "
    )
    best = one_row(rows, "best-of-n")
    if best is None or not best["saved_per_month"] > 0:
        return f"{told}At this price best-of-N saves nothing, so the log is not paid back."
    told += (
        f"Best-of-N has paid for it after {math.ceil(best['break_even_queries']):,} queries "
        f"({_days(best['break_even_days'])} at this volume)"
    )
    cheapest = cheapest_as_good(frame)
    if no_difference(best, "minus_exhaustive"):
        return f"{told}, at the same accuracy as exhaustive prompting."
    if cheapest is not None and cheapest["policy"] == "best-of-n":
        return f"{told}, and is {standing(cheapest)} exhaustive prompting."
    told += f", at {_below(best)} against exhaustive prompting."
    if cheapest is not None:
        told += f" The cheapest policy as good as that, {label_of(cheapest['policy'])}, "
        row = monthly_bill(frame.loc[[cheapest.name]], exhaustive, queries).iloc[0]
        told += (
            f"has paid for it after {math.ceil(row['break_even_queries']):,} queries."
            if math.isfinite(row["break_even_queries"])
            else "saves no dollars."
        )
    return told


def _below(row: pd.Series) -> str:
    return (
        f"{signed(row['minus_exhaustive'])} points of accuracy (95 % interval "
        f"{signed_between(row, 'minus_exhaustive')})"
    )
