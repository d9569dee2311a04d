"""The monthly bill of each policy and when the offline log has paid for itself, as HTML."""

import math
from html import escape

import pandas as pd

from core.costs.billing import log_dollars, monthly_bill
from core.evaluation.frontier import (
    billed,
    cheapest_as_good,
    exhaustive_row,
    no_difference,
    one_row,
)
from core.policies import label_of
from demo.findings import standing
from demo.labels import dollars, percent, price_source, signed

_HEADS = ("policy", "accuracy (95 %)", "a month", "saved", "paid back after")


def bill_html(frame: pd.DataFrame, queries: int) -> str:
    """A row per policy, then what the offline log cost and what was assumed.

    Args:
        frame: Priced frontier rows of one comparison.
        queries: Per month.
    """
    exhaustive = exhaustive_row(frame)
    rows = monthly_bill(billed(frame), exhaustive, queries)
    known = rows[rows["dollars_per_month"].notna()]
    if known.empty:
        return _box(f"<p>{escape(_why_unknown(frame))}</p>", queries)
    if exhaustive is None:
        heads = _HEADS[:3]
        story = (
            "Exhaustive prompting cannot be billed here, since the answers to vote on were not "
            "published; so there is nothing to save against and no break-even."
        )
    else:
        heads = _HEADS
        story = _break_even(frame, rows, exhaustive)
    body = "".join(_row(row, heads, exhaustive) for _, row in known.iterrows())
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    source = price_source(known["price"].iloc[0])
    missing = len(rows) - len(known)
    left_out = (
        f" Policies whose tokens were not recorded are left out: {missing}." if missing else ""
    )
    notes = f'<p>{escape(story)}</p><p class="quiet">At the {escape(source)}.{left_out}</p>'
    return _box(table + notes.replace("At the your", "At your"), queries)


def _box(inside: str, queries: int) -> str:
    count = f"{queries:,} queries" if queries > 1 else "1 query"
    head = f"<h3>{count} a month</h3>"
    return f'<section class="bill" aria-label="Monthly bill">{head}{inside}</section>'


def _why_unknown(frame: pd.DataFrame) -> str:
    if frame["completion_tokens"].isna().all():
        return (
            "Tokens of the answers were not published, so no price makes a bill of this log. "
            "Accuracy and calls above are known."
        )
    return "There is no price. With one, the bill of each policy stands here."


def _row(row: pd.Series, heads: tuple[str, ...], exhaustive: pd.Series | None) -> str:
    whole = exhaustive is not None and row.name == exhaustive.name
    name = "exhaustive prompting" if whole else label_of(row["policy"])
    calls = f"{row['calls']:.1f}".removesuffix(".0")
    cells = (
        f"{percent(row['accuracy'])} <small>{100 * row['accuracy_low']:.1f} to "
        f"{100 * row['accuracy_high']:.1f}</small>",
        dollars(row["dollars_per_month"]),
        "" if whole else _saved(row),
        "" if whole else _paid_back(row),
    )
    tds = "".join(
        f'<td data-label="{head}">{cell}</td>' for head, cell in zip(heads[1:], cells, strict=False)
    )
    unit = "call" if calls == "1" else "calls"
    return f'<tr><th scope="row">{escape(name)} <small>{calls} {unit}</small></th>{tds}</tr>'


def _saved(row: pd.Series) -> str:
    if row["saved_per_month"] < 0:
        return f"costs {dollars(-row['saved_per_month'])} more"
    if not row["saved_per_month"] > 0:
        return "nothing"
    return f"{dollars(row['saved_per_month'])} <small>{100 * row['saved_share']:.0f} %</small>"


def _paid_back(row: pd.Series) -> str:
    queries = row["break_even_queries"]
    if not math.isfinite(queries):
        return "never"
    return f"{math.ceil(queries):,} queries <small>{_days(row['break_even_days'])}</small>"


def _days(days: float) -> str:
    if days < 1:
        return "under a day"
    if days < 730:
        return f"{days:,.0f} day{'s' if round(days) != 1 else ''}"
    return f"{days / 365.25:,.0f} years"


def _break_even(frame: pd.DataFrame, rows: pd.DataFrame, exhaustive: pd.Series) -> str:
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
        row = rows.loc[cheapest.name]
        told += (
            f"has paid for it after {math.ceil(row['break_even_queries']):,} queries."
            if math.isfinite(row["break_even_queries"])
            else "saves no dollars."
        )
    return told


def _below(row: pd.Series) -> str:
    return (
        f"{signed(row['minus_exhaustive'])} points of accuracy (95 % interval "
        f"{signed(row['minus_exhaustive_low'])} to {signed(row['minus_exhaustive_high'])})"
    )
