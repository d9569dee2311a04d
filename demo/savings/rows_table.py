"""All rows of a comparison, to read and to download."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.evaluation.frontier import no_difference
from core.policies import label_of
from demo.labels import between, dollars, signed, signed_between
from demo.spreadsheet import defused
from demo.templates import html

_HEADS = (
    "policy",
    "setting",
    "accuracy, %",
    "95 % interval",
    "calls",
    "tokens",
    "$ per 1,000 queries",
    "$ per correct answer",
    "points over best single (95 %)",
)


_TABLE = """
<p class="quiet">{{ count }} rows, each over {{ n }} queries. Calls, tokens and dollars are means
per query; an empty cell is not known.</p>
<div class="rows" tabindex="0" role="region" aria-label="All rows">
<table><thead><tr>{% for head in heads %}<th scope="col">{{ head }}</th>{% endfor %}</tr></thead>
<tbody>
{% for name, deployable, cells in rows %}
<tr><th scope="row">{{ name }}
{%- if not deployable %} <small>needs the answers</small>{% endif %}</th>
{%- for cell in cells %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</tbody></table></div>"""


def rows_html(rows: pd.DataFrame) -> str:
    """The rows as people read them: names, percentages, sensible digits, numbers to the right."""
    shown = [
        (label_of(row["policy"]), row["deployable"], _cells(row)) for row in rows.to_dict("records")
    ]
    return html(_TABLE, count=len(rows), n=f"{rows['n'].iloc[0]:,}", heads=_HEADS, rows=shown)


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    tokens = row["prompt_tokens"] + row["completion_tokens"]
    gain = ""
    if no_difference(row, "minus_best_single"):
        gain = signed(0)
    elif not pd.isna(row["minus_best_single"]):
        gain = f"{signed(row['minus_best_single'])} ({signed_between(row, 'minus_best_single')})"
    return (
        "" if pd.isna(row["parameter"]) else f"{row['parameter']:g}",
        f"{100 * row['accuracy']:.1f}",
        between(row),
        f"{row['calls']:.2f}",
        "" if pd.isna(tokens) else f"{tokens:,.0f}",
        "" if pd.isna(row["dollars_per_1000"]) else dollars(row["dollars_per_1000"]),
        "" if pd.isna(row["dollars_per_correct"]) else dollars(row["dollars_per_correct"]),
        gain,
    )


def rows_csv(rows: pd.DataFrame) -> str:
    """The rows with all their columns as CSV text; text that a spreadsheet would run is quoted."""
    safe = rows.copy()
    for column in safe.select_dtypes(exclude="number").columns:
        safe[column] = [defused(value) for value in safe[column]]
    return safe.to_csv(index=False)
