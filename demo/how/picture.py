"""The picture of the tab How it works: HTML tables that are drawn upon, from rankings and rows.

A table is its own text alternative: whoever cannot see the colours reads the same numbers.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from core.asking.ranking import Ranking
from demo.how.sentences import LETTERS, chosen_sentence, name_of
from demo.labels import between, percent
from demo.templates import html

_STEP = 5
"""The accuracy axis starts and ends at multiples of so many percent."""
_DEEPEST = 46
"""Share of the accent in the darkest cell, in percent; more would take contrast from its number."""


_HEAT = """
<figure class="heat">
  <table aria-label="Predicted chance of a right answer in percent, by prompt and query">
    <thead><tr><th scope="col">Predicted chance of a right answer, %</th>
    {%- for letter, question in heads %}
<th scope="col"><b>{{ letter }}</b> {{ question }}</th>{% endfor %}</tr></thead>
    <tbody>
    {% for label, cells in rows %}
    <tr><th scope="row">{{ label }}</th>
    {%- for cell in cells %}<td{% if cell.chosen %} class="chosen"{% endif %}
 style="--depth:{{ cell.depth }}%">{{ "%.0f" | format(cell.chance) }}
    {%- if cell.chosen %}<span class="mark"> chosen</span>{% endif %}</td>{% endfor %}</tr>
    {% endfor %}
    </tbody>
  </table>
  <figcaption class="quiet">{{ said }}</figcaption>
</figure>"""
_CALLS = """
<figure class="calls">
  <table>
    <caption>Calls and accuracy <span class="quiet">{{ title }}</span></caption>
    <thead><tr><th scope="col">policy</th><th scope="col">LLM calls</th>
    <th scope="col">accuracy (95 %)</th>
    <td class="scale" aria-hidden="true"><span>{{ low }} %</span><span>{{ high }} %</span></td></tr>
    </thead>
    <tbody>
    {% for row in rows %}
    <tr{% if row.chosen %} class="chosen"{% endif %}><th scope="row">{{ row.name }}</th>
    <td><span class="count">{{ row.calls }}</span><span class="squares" aria-hidden="true">
    {%- for _ in range(row.full) %}<i></i>{% endfor %}
    {%- if row.rest %}<i style="width:{{ row.rest }}px"></i>{% endif %}</span></td>
    <td>{{ row.accuracy }} <span class="quiet">{{ row.interval }}</span></td>
    <td class="track" aria-hidden="true"><span class="whisker"
    style="left:{{ row.left }}%;width:{{ row.width }}%"></span><span class="point"
    style="left:{{ row.middle }}%"></span></td></tr>
    {% endfor %}
    </tbody>
  </table>
  <figcaption class="quiet">{{ said }}</figcaption>
</figure>"""


def heat_map(questions: Sequence[str], rankings: Sequence[Ranking], note: str) -> str:
    """Predicted chances of every prompt for a few questions, the chosen prompt framed.

    Args:
        questions: Shown as the heads of the columns.
        rankings: One for each question, over the same prompts in the same order.
        note: A sentence on where the chances come from.
    """
    chances = 100 * np.stack([ranking.probability for ranking in rankings])
    chosen = [ranking.order[0] for ranking in rankings]
    # Prompts that suit these questions stand on top, so that the eye finds the frames there.
    order = np.argsort(-chances.mean(axis=0), kind="stable")
    rows = [
        (
            rankings[0].prompts[position].label,
            [
                _Cell(chances[place, position], chances.max(), position == chosen[place])
                for place in range(len(rankings))
            ],
        )
        for position in order
    ]
    said = f"{chosen_sentence(rankings)} {note}"
    heads = list(zip(LETTERS, questions, strict=False))
    return html(_HEAT, heads=heads, rows=rows, said=said)


class _Cell(NamedTuple):
    """A chance in percent, the largest of all, and whether its prompt is the chosen one."""

    chance: float
    most: float
    chosen: bool

    @property
    def depth(self) -> str:
        """Share of the accent behind the number, in percent."""
        return f"{_DEEPEST * self.chance / self.most:.0f}"


def calls_and_accuracy(title: str, rows: Sequence[pd.Series], sentence: str) -> str:
    """A row per policy: its calls as squares, its accuracy as a point on its 95 % interval.

    Args:
        title: Which comparison it is.
        rows: Rows of the frontier, from few calls to many.
        sentence: What the figure says.
    """
    low, high = axis_range(rows)
    shown = [_policy(row, low, high) for row in rows]
    return html(_CALLS, title=title, low=low, high=high, rows=shown, said=sentence)


def axis_range(rows: Sequence[pd.Series]) -> tuple[int, int]:
    """Where the accuracy axis starts and ends, in percent: around all intervals."""
    lowest = min(100 * row["accuracy_low"] for row in rows)
    highest = max(100 * row["accuracy_high"] for row in rows)
    return _STEP * math.floor(lowest / _STEP), _STEP * math.ceil(highest / _STEP)


def _policy(row: pd.Series, low: int, high: int) -> dict[str, object]:
    start, middle, end = (
        100 * (100 * row[column] - low) / (high - low)
        for column in ("accuracy_low", "accuracy", "accuracy_high")
    )
    # A part of a call is a narrower square.
    full, rest = divmod(round(10 * row["calls"]), 10)
    return {
        "name": name_of(row),
        "chosen": row["policy"] == "best-of-n",
        "calls": f"{row['calls']:.1f}".removesuffix(".0"),
        "full": full,
        "rest": f"{rest * 0.5:.1f}" if rest else "",
        "accuracy": percent(row["accuracy"]),
        "interval": between(row),
        "left": f"{start:.1f}",
        "width": f"{end - start:.1f}",
        "middle": f"{middle:.1f}",
    }
