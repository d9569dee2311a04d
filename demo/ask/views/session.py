"""The session as HTML and as a CSV file."""

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from core.costs.cost import total
from core.costs.ledger import COLUMNS, Entry
from core.costs.prices import Price
from core.policies import label_of
from demo.ask.session import KEPT, Asked, Session
from demo.labels import amount_text, as_if_text, cost_text, dollars
from demo.spreadsheet import defused
from demo.templates import html

_SHOWN = 32
_WIDTH, _HEIGHT, _EDGE = 150, 40, 4
_LABELS = 130
"""Width for the names at the ends of the lines."""


_SESSION = """
<section class="session" aria-label="This session">
  <div class="totals"><p><span class="quiet">This session</span> {{ said }}
  {%- if saved %} · <strong>{{ saved }} % fewer calls</strong>{% endif %}</p>{{ chart }}
  {% if in_all %}
  <p class="quiet">In all, comparisons and stopped questions included: {{ in_all }}.</p>
  {% endif %}</div>
  <details><summary>The latest calls</summary>
  <div class="scroll"><table><thead><tr><th>time, UTC</th><th>LLM</th><th>policy</th>
  <th>prompt</th><th>outcome</th><th>tokens</th><th>dollars</th><th>seconds</th></tr></thead>
  <tbody>
  {% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}
  </tbody></table></div></details>
  <p><a class="quiet" download="ledger.csv" href="data:text/csv;base64,{{ file }}">Download
  {{ which }} as CSV</a></p>
</section>"""


def session_html(session: Session) -> str:
    """The running totals with a chart, and the latest calls in a table."""
    if not session.entries:
        return ""
    calls = sum(asked.calls for asked in session.questions)
    every = sum(asked.exhaustive_calls for asked in session.questions)
    shown = islice(reversed(session.entries), _SHOWN)
    return html(
        _SESSION,
        said=" · ".join(_totals(session.questions, session.stand_in)),
        saved=f"{100 * (1 - calls / every):.0f}" if every > calls > 0 else "",
        chart=chart_svg(
            [asked.calls for asked in session.questions],
            [asked.exhaustive_calls for asked in session.questions],
        ),
        in_all=_in_all(session, calls),
        rows=[_cells(public(entry), session.stand_in) for entry in shown],
        # The file travels in the page itself, so nobody else can ask the server for it.
        file=base64.b64encode(session_csv(session).encode()).decode(),
        which="every call" if session.calls <= KEPT else f"the latest {KEPT} calls",
    )


def _totals(questions: Sequence[Asked], stand_in: Price | None) -> list[str]:
    """Questions, calls, tokens and dollars, each beside those of exhaustive prompting."""
    calls = sum(asked.calls for asked in questions)
    exhaustive = sum(asked.exhaustive_calls for asked in questions)
    known = [
        (asked.tokens, asked.exhaustive_tokens)
        for asked in questions
        if asked.tokens is not None and asked.exhaustive_tokens is not None
    ]
    parts = [
        "1 question" if len(questions) == 1 else f"{len(questions)} questions",
        f"{'1 call' if calls == 1 else f'{calls:,} calls'} against {exhaustive:,}",
    ]
    if known:
        tokens, expected = (sum(counts) for counts in zip(*known, strict=True))
        some = "" if len(known) == len(questions) else f" for {len(known)} with counts"
        parts.append(f"{tokens:,} tokens against about {expected:,.0f}{some}")
    parts += _money(questions, stand_in)
    if right := _right(questions):
        parts.append(right)
    return parts


def _right(questions: Sequence[Asked]) -> str:
    """How many answers were right, of those that could be graded; empty without any."""
    graded = [asked.correct for asked in questions if asked.correct is not None]
    if not graded:
        return ""
    every = [one.exhaustive_correct for one in questions if one.exhaustive_correct is not None]
    said = f"{sum(graded)} of {len(graded)} right"
    if not every:
        return said
    return f"{said}, exhaustive prompting {sum(every)} of {len(every)} compared"


def _in_all(session: Session, calls: int) -> str:
    """What comparisons, stopped runs and retries took as well; empty where there was none."""
    if session.calls == calls:
        return ""
    costs = [session.cost]
    if session.stand_in is not None:
        costs.append(session.unpriced.cost(session.stand_in))
    return ", ".join(
        [f"{session.calls:,} calls", *(cost_text(one) for one in costs if one.dollars)]
    )


def _money(questions: Sequence[Asked], stand_in: Price | None) -> list[str]:
    """Dollars of the questions that have a price, and apart from them of those it stands in for."""
    known = [pair for asked in questions if (pair := asked.against(stand_in)) is not None]
    said = []
    for model in dict.fromkeys(cost.as_if for cost, _ in known):
        pairs = [(cost, theirs) for cost, theirs in known if cost.as_if == model]
        ours = amount_text(total(cost for cost, _ in pairs))
        some = f" for {len(pairs)} with{'out' if model else ''} a price"
        theirs = dollars(sum(theirs for _, theirs in pairs))
        said.append(
            f"{ours} against about {theirs}{'' if len(pairs) == len(questions) else some}"
            f"{as_if_text(model)}"
        )
    return said


def public(entry: Entry) -> Entry:
    """The entry without the folder of a model, which is the operator's affair."""
    kind, colon, model = entry.llm.partition(":")
    if not Path(model).expanduser().is_absolute():
        return entry
    name = Path(model).name
    return replace(entry, llm=f"{kind}{colon}{name}", model=name)


def _cells(entry: Entry, stand_in: Price | None) -> tuple[str, ...]:
    return (
        f"{entry.when:%H:%M:%S}",
        entry.llm,
        label_of(entry.policy),
        entry.prompt_id,
        entry.outcome,
        "not counted" if entry.tokens is None else f"{entry.tokens:,}",
        cost_text(entry.cost_at(stand_in)),
        "recorded" if entry.seconds is None else f"{entry.seconds:.2f}",
    )


def session_csv(session: Session) -> str:
    """Every call as CSV text; cells that a spreadsheet would run are quoted as text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in map(public, session.entries):
        # csv writes None as an empty cell: an unknown value.
        writer.writerow([defused(getattr(entry, name)) for name in COLUMNS])
    return text.getvalue()


_CHART = """
{% set said = "Calls so far, question by question: " ~ spent ~ " spent, " ~ exhaustive
  ~ " with exhaustive prompting." %}
<svg class="chart" role="img" aria-label="{{ said }}" width="{{ whole }}" height="{{ height }}"
viewBox="0 0 {{ whole }} {{ height }}"><title>{{ said }}</title>
<polyline class="exhaustive" points="{{ theirs }}"/><polyline class="spent" points="{{ ours }}"/>
<text x="{{ width }}" y="10">exhaustive, {{ exhaustive }} calls</text>
<text x="{{ width }}" y="{{ height - 3 }}">spent, {{ spent }} calls</text></svg>"""


def chart_svg(spent: Sequence[int], exhaustive: Sequence[int]) -> str:
    """Two running totals over the questions of a session; empty until there are two questions.

    Args:
        spent: Calls of each question.
        exhaustive: Calls that exhaustive prompting takes for each.
    """
    if len(spent) < 2:
        return ""
    ours, theirs = _running(spent), _running(exhaustive)
    most = max(theirs[-1], ours[-1])
    return html(
        _CHART,
        width=_WIDTH,
        whole=_WIDTH + _LABELS,
        height=_HEIGHT,
        theirs=_points(theirs, most),
        ours=_points(ours, most),
        spent=f"{ours[-1]:,}",
        exhaustive=f"{theirs[-1]:,}",
    )


def _running(counts: Sequence[int]) -> list[int]:
    totals = [0]
    for count in counts:
        totals.append(totals[-1] + count)
    return totals


def _points(totals: Sequence[int], most: int) -> str:
    across = (_WIDTH - 2 * _EDGE) / (len(totals) - 1)
    up = (_HEIGHT - 2 * _EDGE) / most
    return " ".join(
        f"{_EDGE + place * across:.1f},{_HEIGHT - _EDGE - total * up:.1f}"
        for place, total in enumerate(totals)
    )
