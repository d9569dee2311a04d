"""What the tab of own logs says before anything is trained, as HTML; every text is escaped."""

import base64
import csv
import io
from html import escape

from core.asking.own_log import FITS
from core.logs.own import UPLOAD_LIMITS, Inspection
from demo.labels import percent
from demo.own_logs.job import MOST_MINUTES, Stage

_FILE = UPLOAD_LIMITS.file
_COLUMNS = (
    ("query", True, "the question as the LLM got it"),
    ("prompt", True, "the words that were put after it"),
    ("correct", True, "whether the answer was right: true or false, 1 or 0"),
    (
        "answer",
        False,
        "the LLM’s text; with it votes are compared, exhaustive prompting among them",
    ),
    ("predicted_answer", False, "the final answer alone, if you have read it from the text"),
    ("prompt_tokens", False, "tokens sent, a whole number"),
    ("completion_tokens", False, "tokens that came back"),
    ("query_id", False, "tells repeated samples of one query apart"),
)
_TEMPLATE = (
    ("Mia has 3 bags with 7 marbles each. How many marbles does she have?", 21),
    ("A ferry carries 46 people and 18 get off. How many stay on board?", 28),
    ("Tom shares 36 stickers among 4 friends. How many does each get?", 9),
)
_TEMPLATE_PROMPTS = ("Let's think step by step:", "Answer with a number only:")
INTRODUCTION = """
<section class="own-log">
<h2>Learn from a log of your own</h2>
<p>Bring the results of a benchmark that you have run: your LLM, your prompts, your queries. Every
row is checked, a reward model learns which prompt to call for which query, and the choice is judged
on queries that the model never saw.</p>
</section>"""
PRIVACY = f"""
<p class="quiet">Up to {_FILE.megabytes} MB, {_FILE.rows:,} rows, {UPLOAD_LIMITS.prompts} prompts
and {UPLOAD_LIMITS.query:,} characters a query; the answers of one LLM; {MOST_MINUTES} minutes of
training. Your file is deleted as soon as it has been checked, within 40 minutes if nobody waits for
that. What was read from it, and the model, go when you select “Delete my log” or upload another, or
within an hour of closing the page.</p>"""
NOTHING = ""


def columns_html() -> str:
    """The columns of a log, and a file to fill in."""
    rows = "".join(
        f"<tr><th scope=row><code>{name}</code></th><td>{'needed' if needed else 'optional'}</td>"
        f"<td>{text}</td></tr>"
        for name, needed, text in _COLUMNS
    )
    # The file travels in the page itself; it is the same for everybody.
    file = base64.b64encode(template_csv().encode()).decode()
    return f"""
<section class="own-log">
<h3>Columns</h3>
<p class="quiet">A row is one answer: one query with one prompt. Other columns are ignored.</p>
<div class="scroll"><table class="listed">
<tbody>{rows}</tbody></table></div>
<p><a download="log-template.csv" href="data:text/csv;base64,{file}">Download a template</a>
<span class="quiet">CSV with six rows</span></p>
</section>"""


def template_csv() -> str:
    """A log of six rows to fill in."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("query", "prompt", "correct", "answer", "prompt_tokens", "completion_tokens"))
    for query, gold in _TEMPLATE:
        for prompt in _TEMPLATE_PROMPTS:
            right = prompt is _TEMPLATE_PROMPTS[0]
            value = gold if right else gold + 1
            tokens = len(query.split()) + len(prompt.split())
            writer.writerow(
                (query, prompt, str(right).lower(), f"The answer is {value}.", tokens, 5)
            )
    return text.getvalue()


def checking_html(name: str) -> str:
    """What stands there while a file is checked."""
    return f"""
<section class="notice own-log" aria-busy="true"><p>Checking {file_name(name)} …</p></section>"""


def refused_html(name: str, problem: str) -> str:
    """A file that is no log, in one sentence."""
    return f"""
<section class="notice own-log refused" aria-label="Check of the log">
<h3>{file_name(name)} was refused</h3><p>{escape(problem)}</p></section>"""


def checked_html(name: str, found: Inspection, hindrance: str = "") -> str:
    """What a log holds, or its problems.

    Args:
        name: Of the file.
        found: What was seen in it.
        hindrance: Why nothing can be learned from a log without problems, empty when it can.
    """
    if found.problems.count:
        return _problems(name, found)
    table, number = found.table, len(found.prompts)
    queries = table["query"].nunique()
    tokens = (table["prompt_tokens"] + table["completion_tokens"]).notna().mean()
    answers = (table["answer"].notna() | table["predicted_answer"].notna()).any()
    facts = (
        ("rows", f"{found.rows:,}"),
        ("queries", f"{queries:,}"),
        ("prompts", f"{number:,}"),
        ("right", percent(table["correct"].mean())),
        ("tokens", "logged" if tokens == 1 else "in part" if tokens else "not logged"),
        ("answers", "logged" if answers else "not logged"),
    )
    listed = "".join(f"<div><dt>{term}</dt><dd>{value}</dd></div>" for term, value in facts)
    verdict = (
        "<p><strong>Every row is sound, but nothing can be learned.</strong> "
        f"{escape(hindrance)}</p>"
        if hindrance
        else "<p>Every row is sound.</p>"
    )
    return f"""
<section class="notice own-log" aria-label="Check of the log"><h3>{file_name(name)}</h3>
<dl>{listed}</dl>{verdict}</section>"""


def _problems(name: str, found: Inspection) -> str:
    problems, count = found.problems.first, found.problems.count
    rows = "".join(
        f"<tr><td>{problem.row:,}</td><td>{escape(problem.column)}</td>"
        f"<td><code>{escape(problem.value)}</code></td><td>It {escape(problem.rule)}.</td></tr>"
        for problem in problems
    )
    left = f" The first {len(problems)} are listed." if count > len(problems) else ""
    return f"""
<section class="notice own-log refused" aria-label="Check of the log">
<h3>{file_name(name)} has {count:,} problem{"s" if count > 1 else ""} in {found.rows:,}
row{"s" if found.rows > 1 else ""}</h3>
<p>Correct them and upload the file again. Rows are counted from 1, without the header.{left}</p>
<div class="scroll"><table class="problems listed"><thead><tr><th>Row</th><th>Column</th>
<th>Value</th><th>What is wrong</th></tr></thead><tbody>{rows}</tbody></table></div></section>"""


def progress_html(stage: Stage) -> str:
    """How far a training is; the replay after the last model is the rest of the bar."""
    share = 100 * stage.fits / (FITS + 1)
    return f"""
<section class="notice own-log" aria-label="Training" aria-busy="true">
<p>{escape(stage.text)}</p>
<div class="track" role="progressbar" aria-label="Training" aria-valuemin="0" aria-valuemax="100"
aria-valuenow="{share:.0f}"><span class="bar" style="width:{max(share, 2):.0f}%"></span></div>
<p class="quiet">{stage.fits} of {FITS} models fitted</p></section>"""


def said_html(text: str) -> str:
    """A line about how things stand."""
    return f'<p class="own-log said" role="status">{escape(text)}</p>' if text else ""


def file_name(name: str) -> str:
    """A file's name, escaped and not too long to read."""
    return f"<span class=file>{escape(name if len(name) <= 60 else name[:57] + '…')}</span>"
