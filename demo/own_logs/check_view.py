"""What the tab of own logs says before anything is trained, as HTML."""

import base64
import csv
import io
from typing import Any

from markupsafe import Markup

from core.asking.arms import llms_of
from core.asking.own_model import MODEL_MEGABYTES, OwnModel
from core.logs.own import UPLOAD_LIMITS, Inspection
from demo.labels import percent
from demo.own_logs.job import MOST_MINUTES, Stage
from demo.templates import html, quiet

_FILE = UPLOAD_LIMITS.file
_COLUMNS = (
    ("query", True, "the question as the LLM got it"),
    ("prompt", True, "the words that were put after it, or around {{query}}"),
    ("correct", True, "whether the answer was right: true or false, 1 or 0; or gold"),
    (
        "answer",
        False,
        "the LLM’s text; with it votes are compared, exhaustive prompting among them",
    ),
    ("gold", False, "the correct answer, with which answers are graded where correct is missing"),
    ("predicted_answer", False, "the final answer alone, if you have read it from the text"),
    ("prompt_tokens", False, "tokens sent, a whole number"),
    ("completion_tokens", False, "tokens that came back"),
    ("llm", False, "who answered; of several LLMs the choice is made as well"),
    ("dollars", False, "what the call cost; or tokens, and an LLM with a list price"),
    ("query_id", False, "tells repeated samples of one query apart"),
)
_TEMPLATE = (
    ("Mia has 3 bags with 7 marbles each. How many marbles does she have?", 21),
    ("A ferry carries 46 people and 18 get off. How many stay on board?", 28),
    ("Tom shares 36 stickers among 4 friends. How many does each get?", 9),
)
_TEMPLATE_PROMPTS = ("Let's think step by step:", "Answer with a number only:")
INTRODUCTION = html("""
<section class="own-log">
<h2>Learn from a log of your own</h2>
<p>Bring the results of a benchmark that you have run: your LLM, or several, your prompts, your
queries. Every row is checked, a reward model learns which prompt to call for which query, and the
choice is judged on queries that the model never saw. Or bring a model that was trained before.</p>
</section>""")
PRIVACY = quiet(
    f"Up to {_FILE.megabytes} MB, {_FILE.rows:,} rows, {UPLOAD_LIMITS.prompts} prompts and "
    f"{UPLOAD_LIMITS.query:,} characters a query; {MOST_MINUTES} minutes of training; a model up "
    f"to {MODEL_MEGABYTES} MB. Your file is deleted when you train, delete your log or upload "
    "another, within 40 minutes at the latest; a model’s is deleted at once. What was read from it "
    "and the model go when you delete them or upload another, or within an hour of leaving."
)
NOTHING = ""
_MOST_COUNTED = 10**12


def columns_html() -> str:
    """The columns of a log, and a file to fill in."""
    return html(
        """
<section class="own-log">
<h3>Columns</h3>
<p class="quiet">A row is one answer: one query with one prompt. Usual other names, such as
question, template or is_correct, are recognised; other columns are ignored. Or a row is one query,
with a column of 1 and 0 for each prompt or LLM. Results of promptfoo,
Inspect, OpenAI’s evals, lm-evaluation-harness and lighteval are read as they are. Several files,
such as one for each prompt, become one log.</p>
<div class="scroll"><table class="listed"><tbody>
{% for name, needed, text in columns %}
<tr><th scope=row><code>{{ name }}</code></th><td>{{ "needed" if needed else "optional" }}</td>
<td>{{ text }}</td></tr>
{% endfor %}
</tbody></table></div>
<p><a download="log-template.csv" href="data:text/csv;base64,{{ file }}">Download a template</a>
<span class="quiet">CSV with six rows</span></p>
</section>""",
        columns=_COLUMNS,
        # The file travels in the page itself; it is the same for everybody.
        file=base64.b64encode(template_csv().encode()).decode(),
    )


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
    return html(
        """
<section class="notice own-log" aria-busy="true"><p>Checking {{ file }} …</p></section>""",
        file=file_name(name),
    )


def refused_html(name: str, problem: str) -> str:
    """A file that is no log, in one sentence."""
    return html(
        """
<section class="notice own-log refused" aria-label="Check of the log">
<h3>{{ file }} was refused</h3><p>{{ problem }}</p></section>""",
        file=file_name(name),
        problem=problem,
    )


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
        *((("LLMs", f"{len(found.llms):,}"),) if found.llms else ()),
        ("prompts and LLMs" if found.llms else "prompts", f"{number:,}"),
        ("right", percent(table["correct"].mean())),
        ("tokens", "logged" if tokens == 1 else "in part" if tokens else "not logged"),
        ("answers", "logged" if answers else "not logged"),
    )
    return html(
        """
<section class="notice own-log" aria-label="Check of the log"><h3>{{ file }}</h3>
<dl>{% for term, value in facts %}
<div><dt>{{ term }}</dt><dd>{{ value }}</dd></div>{% endfor %}</dl>
{% if renamed %}
<p>Read as:
{% for theirs, ours in renamed %}
<code>{{ theirs }}</code> → {{ ours }}{{ "." if loop.last else "," }}
{% endfor %}</p>
{% endif %}
{% if arranged %}<p>A row for each query: {{ arranged }}.</p>{% endif %}
{% if graded %}<p>How it was graded: {{ graded }}.</p>{% endif %}
{% if hindrance %}
<p><strong>Every row is sound, but nothing can be learned.</strong> {{ hindrance }}</p>
{% else %}
<p>Every row is sound.</p>
{% endif %}
</section>""",
        file=file_name(name),
        facts=facts,
        renamed=found.renamed,
        arranged=found.arranged,
        graded=found.graded,
        hindrance=hindrance,
    )


def model_html(model: OwnModel) -> str:
    """What an uploaded model knows, and what is not in its file."""
    said = model.scorer.model.description
    llms = llms_of(model.prompts)
    facts = (
        *_counted("rows", said.get("demonstrations")),
        *_counted("queries", said.get("queries")),
        *((("LLMs", f"{len(llms):,}"),) if llms else ()),
        ("prompts and LLMs" if llms else "prompts", f"{len(model.prompts):,}"),
        ("tokens", "logged" if model.scorer.tokens else "not logged"),
        ("budgeted", "not with it" if model.budget is None else "learned"),
    )
    return html(
        """
<section class="notice own-log" aria-label="Check of the model"><h3>{{ file }}</h3>
<dl>{% for term, value in facts %}
<div><dt>{{ term }}</dt><dd>{{ value }}</dd></div>{% endfor %}</dl>
<p>A trained model: Ask can rank its prompts. The log is not in it, so neither its answers nor
a comparison of policies is shown.</p></section>""",
        file=file_name(model.name),
        facts=facts,
    )


def _counted(term: str, number: Any) -> tuple[tuple[str, str], ...]:
    """A number that a file says it learned from; nothing where it says none."""
    counts = isinstance(number, int) and 0 < number < _MOST_COUNTED
    return ((term, f"{number:,}"),) if counts else ()


def _problems(name: str, found: Inspection) -> str:
    count, rows = found.problems.count, found.rows
    return html(
        """
<section class="notice own-log refused" aria-label="Check of the log">
<h3>{{ file }} has {{ said }}</h3>
<p>Correct them and upload the file again. Rows are counted from 1, without the header.
{%- if more %} The first {{ problems | length }} are listed.{% endif %}</p>
<div class="scroll"><table class="problems listed"><thead><tr><th>Row</th><th>Column</th>
<th>Value</th><th>What is wrong</th></tr></thead><tbody>
{% for problem in problems %}
<tr><td>{{ "{:,}".format(problem.row) }}</td><td>{{ problem.column }}</td>
<td><code>{{ problem.value }}</code></td><td>It {{ problem.rule }}.</td></tr>
{% endfor %}
</tbody></table></div></section>""",
        file=file_name(name),
        said=f"{_many(count, 'problem')} in {_many(rows, 'row')}",
        more=count > len(found.problems.first),
        problems=found.problems.first,
    )


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count > 1 else ''}"


def progress_html(stage: Stage) -> str:
    """How far a training is; the replay after the last model is the rest of the bar."""
    share = 100 * stage.fits / (stage.of + 1)
    return html(
        """
<section class="notice own-log" aria-label="Training" aria-busy="true">
<p>{{ text }}</p>
<div class="track" role="progressbar" aria-label="Training" aria-valuemin="0" aria-valuemax="100"
aria-valuenow="{{ now }}"><span class="bar" style="width:{{ width }}%"></span></div>
<p class="quiet">{{ fits }} of {{ all }} models fitted</p></section>""",
        text=stage.text,
        now=f"{share:.0f}",
        width=f"{max(share, 2):.0f}",
        fits=stage.fits,
        all=stage.of,
    )


def said_html(text: str) -> str:
    """A line about how things stand."""
    return html(
        '{% if text %}<p class="own-log said" role="status">{{ text }}</p>{% endif %}', text=text
    )


def file_name(name: str) -> Markup:
    """A file's name, not too long to read."""
    shown = name if len(name) <= 60 else f"{name[:57]}…"
    return html("<span class=file>{{ name }}</span>", name=shown)
