"""What one visitor has spent so far, and what exhaustive prompting would have cost instead."""

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape

from core.ask import Answer
from core.ledger import COLUMNS, Entry
from core.ranking import Ranking
from demo.words import LABELS, dollars

_SHOWN = 32
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run as a formula when a cell begins with it."""


@dataclass(frozen=True)
class Session:
    """Everything that a visitor asked, newest last.

    Attributes:
        questions: Questions answered.
        calls: Calls spent on them, comparisons left out.
        exhaustive_calls: Calls that exhaustive prompting takes for the same questions.
        tokens, exhaustive_tokens: The same in tokens; for exhaustive prompting as expected from the
            log.
        entries: Every try of every call, comparisons included.
    """

    questions: int = 0
    calls: int = 0
    exhaustive_calls: int = 0
    tokens: int = 0
    exhaustive_tokens: float = 0.0
    entries: tuple[Entry, ...] = ()

    def with_answer(self, answer: Answer, ranking: Ranking) -> "Session":
        """One more question."""
        return replace(
            self,
            questions=self.questions + 1,
            calls=self.calls + len(answer.calls),
            exhaustive_calls=self.exhaustive_calls + len(ranking.prompts),
            tokens=self.tokens + (answer.tokens or 0),
            exhaustive_tokens=self.exhaustive_tokens + expected_tokens(ranking),
            entries=self.entries + answer.entries,
        )

    def with_entries(self, entries: Sequence[Entry]) -> "Session":
        """Calls that belong to no answer of their own: a comparison, or a failure."""
        return replace(self, entries=self.entries + tuple(entries))


def expected_tokens(ranking: Ranking) -> float:
    """Tokens of one call with every prompt; one that was never logged counts like the mean."""
    known = [float(count) for count in ranking.tokens if count == count]
    return len(ranking.prompts) * sum(known) / len(known) if known else 0.0


def session_html(session: Session) -> str:
    """The running totals in a line and the latest calls in a table; every text is escaped."""
    if not session.entries:
        return ""
    saved = ""
    if session.calls and session.exhaustive_calls > session.calls:
        share = 100 * (1 - session.calls / session.exhaustive_calls)
        saved = f" · <strong>{share:.0f} % of the calls saved</strong>"
    questions = "1 question" if session.questions == 1 else f"{session.questions} questions"
    calls = "1 call" if session.calls == 1 else f"{session.calls} calls"
    rows = "".join(_row(entry) for entry in reversed(session.entries[-_SHOWN:]))
    # The file travels in the page itself, so nobody else can ask the server for it.
    file = base64.b64encode(session_csv(session).encode()).decode()
    return f"""
<section class="session" aria-label="This session">
  <p><span class="quiet">This session</span> {questions} ·
  {calls} against {session.exhaustive_calls} ·
  {session.tokens:,} tokens against about {session.exhaustive_tokens:,.0f}{saved}</p>
  <details><summary>The latest calls</summary>
  <div class="scroll"><table><thead><tr><th>time, UTC</th><th>policy</th><th>prompt</th>
  <th>outcome</th><th>tokens</th><th>dollars</th><th>seconds</th></tr></thead>
  <tbody>{rows}</tbody></table></div></details>
  <p><a class="quiet" download="ledger.csv" href="data:text/csv;base64,{file}">Download every
  call as CSV</a></p>
</section>"""


def _row(entry: Entry) -> str:
    cost = "no price" if entry.dollars is None else dollars(entry.dollars)
    seconds = "recorded" if entry.seconds is None else f"{entry.seconds:.2f}"
    cells = (
        f"{entry.when:%H:%M:%S}",
        LABELS.get(entry.policy, entry.policy),
        entry.prompt_id,
        entry.outcome,
        "not counted" if entry.tokens is None else f"{entry.tokens:,}",
        cost,
        seconds,
    )
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def session_csv(session: Session) -> str:
    """Every call as CSV text; cells that a spreadsheet would run are quoted as text."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for entry in session.entries:
        writer.writerow([_cell(getattr(entry, name)) for name in COLUMNS])
    return text.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
