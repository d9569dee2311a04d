"""The calls of the budget policy, with what it believes after each, as HTML."""

from collections.abc import Sequence
from html import escape

from core.asking.ranking import Ranking
from core.grading.equations import Equation
from core.grading.final_answer import canonical
from demo.ask.run import Step

_SHOWN = 3
"""Candidates whose belief is shown after a call."""
_LONGEST = 12
"""Characters of a number that says something beside another."""


def steps_html(steps: Sequence[Step], reason: str, ranking: Ranking) -> str:
    """A line per call: its prompt, its answer and the likeliest candidates; then the reason.

    Args:
        steps: In the order of the calls.
        reason: Why the policy goes on or stopped.
        ranking: The prompts.
    """
    if not steps:
        return ""
    rows = "".join(_row(step, ranking) for step in steps)
    return f"""
<section aria-label="Calls one by one">
  <ol class="steps">{rows}</ol>
  <p class="quiet">{escape(reason)}</p>
</section>"""


def _row(step: Step, ranking: Ranking) -> str:
    label = ranking.prompts[step.prompt].label
    likeliest = sorted(step.beliefs.items(), key=lambda item: -item[1])[:_SHOWN]
    shown = "".join(
        f'<span class="belief"><span class="bar" style="width:{100 * chance:.0f}%" '
        f'aria-hidden="true"></span>{escape(answer)} · {100 * chance:.0f} %</span>'
        for answer, chance in likeliest
    )
    return (
        f'<li><span class="name">{escape(label)}</span> → {escape(step.answer or "no number")}'
        f'{_slip(step.slip)} <span class="beliefs">{shown}</span></li>'
    )


def _slip(wrong: Equation | None) -> str:
    """What is wrong in the text of an answer, as HTML."""
    if wrong is None:
        return ""
    comes_to, written = canonical(wrong.left), canonical(wrong.right)
    shown = comes_to != written and max(len(comes_to), len(written)) <= _LONGEST
    told = f": it comes to {comes_to}, not {written}" if shown else ""
    return f' <span class="quiet">(an equation in it is wrong{told})</span>'
