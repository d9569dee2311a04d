"""All answers of a comparison: how they voted, and each with what is known of it, as HTML."""

from collections import Counter

from markupsafe import Markup

from core.asking.mending import mends_text
from core.asking.solve import Answer, CallRecord
from core.asking.verdict import slip_short
from core.grading.kinds import Kind
from core.grading.working import read_working
from core.llms import Completion
from core.prompts import Prompt
from demo.templates import html

_VOTES = """
<ul class="votes" aria-label="Votes">
{% for vote in votes %}
<li{% if vote.kind %} class="{{ vote.kind }}"{% endif %}><span class="name">{{ vote.answer }}
{%- if vote.kind %} {{ "✓" if vote.kind == "right" else "✗" }}{% endif %}</span>
<span class="track" aria-hidden="true"><span class="bar" style="width:{{ vote.share }}%"></span>
</span><span class="count">{{ vote.count }}</span></li>
{% endfor %}
</ul>"""
_ALL = """
<details class="all"><summary>Show all {{ rows | length }} answers</summary>
<div class="scroll"><table><thead><tr><th scope="col">prompt</th><th scope="col">answer</th>
<th scope="col">wrong equation</th>
<th scope="col" class="number">tokens</th></tr></thead><tbody>
{% for row in rows %}
<tr><th scope="row">{{ row.label }}</th><td>{{ row.answer }}</td><td>{{ row.wrong }}</td>
<td class="number">{{ row.tokens }}</td></tr>
{% endfor %}
</tbody></table></div></details>"""
_NO_ANSWER = "no answer"
_MARKS = {"right": " ✓", "wrong": " ✗", "": ""}


def votes_html(answer: Answer, gold: str | None) -> Markup:
    """Bars of votes, most first.

    Args:
        answer: Of exhaustive prompting.
        gold: The correct answer where it is known.
    """
    said = [_shown(call, answer.kind) for call in answer.calls]
    counted = Counter(said)
    # Of the calls with one answer each stands for all.
    first = dict(zip(reversed(said), reversed(answer.calls), strict=True))
    votes = [
        {
            "answer": shown,
            "kind": _graded(first[shown], answer.kind, gold),
            "share": round(100 * count / max(counted.values())),
            "count": count,
        }
        for shown, count in counted.most_common()
    ]
    return html(_VOTES, votes=votes)


def answers_html(answer: Answer, prompts: tuple[Prompt, ...], gold: str | None) -> Markup:
    """A table of all answers, those that agree one below the other.

    Args:
        answer: Of exhaustive prompting.
        prompts: Those that were asked.
        gold: The correct answer where it is known.
    """
    labels = {prompt.id: prompt.label for prompt in prompts}
    kind = answer.kind
    order = [
        shown for shown, _ in Counter(_shown(call, kind) for call in answer.calls).most_common()
    ]
    rows = [
        {
            "label": labels[call.prompt_id],
            "answer": f"{_shown(call, kind)}{_MARKS[_graded(call, kind, gold)]}",
            "wrong": _wrong(call),
            "tokens": _tokens(call),
        }
        for call in sorted(answer.calls, key=lambda call: order.index(_shown(call, kind)))
    ]
    return html(_ALL, rows=rows)


def _shown(call: CallRecord, kind: Kind) -> str:
    if not isinstance(call.result, Completion):
        return _NO_ANSWER
    return call.answer or kind.none


def _graded(call: CallRecord, kind: Kind, gold: str | None) -> str:
    """``right`` or ``wrong``; empty where there is no answer to grade, or nobody knows."""
    if gold is None or not isinstance(call.result, Completion):
        return ""
    right = kind.is_right(call.answer, gold)
    return "" if right is None else "right" if right else "wrong"


def _wrong(call: CallRecord) -> str:
    """What the first equation that does not hold comes to, or why there is no answer."""
    if not isinstance(call.result, Completion):
        return call.result.message
    if call.mends:
        return f"mended: {mends_text(call.mends)}"
    slip = read_working(call.result.text).slip
    return "" if slip is None else slip_short(slip)


def _tokens(call: CallRecord) -> str:
    """Of message and answer together, empty where nobody counted them."""
    tokens = call.result.usage.total if isinstance(call.result, Completion) else None
    return "" if tokens is None else f"{tokens:,}"
