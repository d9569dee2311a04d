"""The picture of the tab How it works: HTML tables that are drawn upon, from rankings and rows.

A table is its own text alternative: whoever cannot see the colours reads the same numbers.
"""

import math
from collections.abc import Sequence
from html import escape

import numpy as np
import pandas as pd

from core.asking.ranking import Ranking
from demo.how.sentences import LETTERS, chosen_sentence, name_of
from demo.labels import percent

_STEP = 5
"""The accuracy axis starts and ends at multiples of so many percent."""
_DEEPEST = 46
"""Share of the accent in the darkest cell, in percent; more would take contrast from its number."""


def heat_map(questions: Sequence[str], rankings: Sequence[Ranking], note: str) -> str:
    """Predicted chances of every prompt for a few questions, the chosen prompt framed.

    Args:
        questions: Shown as the heads of the columns.
        rankings: One for each question, over the same prompts in the same order.
        note: A sentence on where the chances come from.
    """
    chances = 100 * np.stack([ranking.probability for ranking in rankings])
    chosen = [ranking.order[0] for ranking in rankings]
    heads = "".join(
        f'<th scope="col"><b>{letter}</b> {escape(question)}</th>'
        for letter, question in zip(LETTERS, questions, strict=False)
    )
    # Prompts that suit these questions stand on top, so that the eye finds the frames there.
    order = np.argsort(-chances.mean(axis=0), kind="stable")
    rows = "".join(
        f'<tr><th scope="row">{escape(rankings[0].prompts[position].label)}</th>'
        + "".join(
            _cell(chances[place, position], chances.max(), position == chosen[place])
            for place in range(len(rankings))
        )
        + "</tr>"
        for position in order
    )
    return f"""
<figure class="heat">
  <table aria-label="Predicted chance of a right answer in percent, by prompt and query">
    <thead><tr><th scope="col">Predicted chance of a right answer, %</th>{heads}</tr></thead>
    <tbody>{rows}</tbody>
  </table>
  <figcaption class="quiet">{escape(chosen_sentence(rankings))} {escape(note)}</figcaption>
</figure>"""


def _cell(chance: float, most: float, chosen: bool) -> str:
    depth = _DEEPEST * chance / most
    name, mark = (' class="chosen"', '<span class="mark"> chosen</span>') if chosen else ("", "")
    return f'<td{name} style="--depth:{depth:.0f}%">{chance:.0f}{mark}</td>'


def calls_and_accuracy(title: str, rows: Sequence[pd.Series], sentence: str) -> str:
    """A row per policy: its calls as squares, its accuracy as a point on its 95 % interval.

    Args:
        title: Which comparison it is.
        rows: Rows of the frontier, from few calls to many.
        sentence: What the figure says.
    """
    low, high = axis_range(rows)
    body = "".join(_policy(row, low, high) for row in rows)
    return f"""
<figure class="calls">
  <table>
    <caption>Calls and accuracy <span class="quiet">{escape(title)}</span></caption>
    <thead><tr><th scope="col">policy</th><th scope="col">LLM calls</th>
    <th scope="col">accuracy (95 %)</th>
    <td class="scale" aria-hidden="true"><span>{low} %</span><span>{high} %</span></td></tr></thead>
    <tbody>{body}</tbody>
  </table>
  <figcaption class="quiet">{escape(sentence)}</figcaption>
</figure>"""


def axis_range(rows: Sequence[pd.Series]) -> tuple[int, int]:
    """Where the accuracy axis starts and ends, in percent: around all intervals."""
    lowest = min(100 * row["accuracy_low"] for row in rows)
    highest = max(100 * row["accuracy_high"] for row in rows)
    return _STEP * math.floor(lowest / _STEP), _STEP * math.ceil(highest / _STEP)


def _policy(row: pd.Series, low: int, high: int) -> str:
    start, middle, end = (
        100 * (100 * row[column] - low) / (high - low)
        for column in ("accuracy_low", "accuracy", "accuracy_high")
    )
    calls = f"{row['calls']:.1f}".removesuffix(".0")
    # A part of a call is a narrower square.
    full, rest = divmod(round(10 * row["calls"]), 10)
    squares = "<i></i>" * full + (f'<i style="width:{rest * 0.5:.1f}px"></i>' if rest else "")
    name = ' class="chosen"' if row["policy"] == "best-of-n" else ""
    return f"""<tr{name}><th scope="row">{escape(name_of(row))}</th>
<td><span class="count">{calls}</span><span class="squares" aria-hidden="true">{squares}</span></td>
<td>{percent(row["accuracy"])} <span class="quiet">{100 * row["accuracy_low"]:.1f} to
{100 * row["accuracy_high"]:.1f}</span></td>
<td class="track" aria-hidden="true"><span class="whisker"
style="left:{start:.1f}%;width:{end - start:.1f}%"></span><span class="point"
style="left:{middle:.1f}%"></span></td></tr>"""
