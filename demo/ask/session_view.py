"""The session as HTML and as a CSV file; every text in it is escaped."""

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from itertools import islice
from pathlib import Path

from core.costs.cost import total
from core.costs.ledger import COLUMNS, Entry
from core.policies import label_of
from demo.ask.session import KEPT, Asked, Session
from demo.ask.session_chart import chart_svg
from demo.labels import cost_text, dollars
from demo.spreadsheet import defused

_SHOWN = 32


def session_html(session: Session) -> str:
    """The running totals with a chart, and the latest calls in a table."""
    if not session.entries:
        return ""
    rows = "".join(_row(_public(entry)) for entry in islice(reversed(session.entries), _SHOWN))
    # The file travels in the page itself, so nobody else can ask the server for it.
    file = base64.b64encode(session_csv(session).encode()).decode()
    return f"""
<section class="session" aria-label="This session">
  <div class="totals">{_totals(session)}</div>
  <details><summary>The latest calls</summary>
  <div class="scroll"><table><thead><tr><th>time, UTC</th><th>LLM</th><th>policy</th>
  <th>prompt</th><th>outcome</th><th>tokens</th><th>dollars</th><th>seconds</th></tr></thead>
  <tbody>{rows}</tbody></table></div></details>
  <p><a class="quiet" download="ledger.csv" href="data:text/csv;base64,{file}">Download
  {"every call" if session.calls <= KEPT else f"the latest {KEPT} calls"} as CSV</a></p>
</section>"""


def _totals(session: Session) -> str:
    questions = session.questions
    spent = [asked.calls for asked in questions]
    every = [asked.exhaustive_calls for asked in questions]
    calls, exhaustive = sum(spent), sum(every)
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
    if money := _money(questions):
        parts.append(money)
    saved = ""
    if exhaustive > calls > 0:
        share = 100 * (1 - calls / exhaustive)
        saved = f" · <strong>{share:.0f} % of the calls saved</strong>"
    return (
        f'<p><span class="quiet">This session</span> {" · ".join(parts)}{saved}</p>'
        f"{chart_svg(spent, every)}{_in_all(session, calls)}"
    )


def _in_all(session: Session, calls: int) -> str:
    """What comparisons, stopped runs and retries took as well; empty where there was none."""
    if session.calls == calls:
        return ""
    cost = f", {cost_text(session.cost)}" if session.cost.dollars else ""
    return (
        f'<p class="quiet">In all, comparisons and stopped questions included: '
        f"{session.calls:,} calls{cost}.</p>"
    )


def _money(questions: Sequence[Asked]) -> str:
    """Dollars of the questions that have a price; empty when none has."""
    priced = [
        (asked.cost, asked.exhaustive_dollars)
        for asked in questions
        if asked.exhaustive_dollars is not None
    ]
    if not priced:
        return ""
    ours = total(cost for cost, _ in priced)
    said = f"{cost_text(ours)} against about {dollars(sum(theirs for _, theirs in priced))}"
    if len(priced) == len(questions):
        return said
    return f"{said} for {len(priced)} with a price"


def _public(entry: Entry) -> Entry:
    """The entry without the folder of a model, which is the operator's affair."""
    kind, colon, model = entry.llm.partition(":")
    if not Path(model).expanduser().is_absolute():
        return entry
    name = Path(model).name
    return replace(entry, llm=f"{kind}{colon}{name}", model=name)


def _row(entry: Entry) -> str:
    seconds = "recorded" if entry.seconds is None else f"{entry.seconds:.2f}"
    cells = (
        f"{entry.when:%H:%M:%S}",
        entry.llm,
        label_of(entry.policy),
        entry.prompt_id,
        entry.outcome,
        "not counted" if entry.tokens is None else f"{entry.tokens:,}",
        cost_text(entry.cost),
        seconds,
    )
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def session_csv(session: Session) -> str:
    """Every call as CSV text; cells that a spreadsheet would run are quoted as text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in map(_public, session.entries):
        # csv writes None as an empty cell: an unknown value.
        writer.writerow([defused(getattr(entry, name)) for name in COLUMNS])
    return text.getvalue()
