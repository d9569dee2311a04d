"""The calls of the budget policy, with what it believes after each, as HTML."""

from collections.abc import Sequence

from markupsafe import Markup

from core.asking.ranking import Ranking
from core.asking.verdict import slip_text
from demo.ask.run import Step
from demo.templates import html

_SHOWN = 3
"""Candidates whose belief is shown after a call."""


_STEPS = """
<section aria-label="Calls one by one">
  <ol class="steps">
  {% for step in steps %}
  <li><span class="name">{{ step.label }}</span> → {{ step.answer }}
  {%- if step.slip %} <span class="quiet">({{ step.slip }})</span>{% endif %}
  {% if step.alone %}<span class="quiet alone">{{ step.alone }}</span>{% endif %}
  <span class="beliefs">
  {% for answer, chance in step.beliefs %}
  <span class="belief"><span class="bar" style="width:{{ chance }}%" aria-hidden="true"></span>
  {{- answer }} · {{ chance }} %</span>
  {% endfor %}
  </span></li>
  {% endfor %}
  </ol>
  <p class="quiet">{{ reason }}</p>
</section>"""


def steps_html(steps: Sequence[Step], reason: str, ranking: Ranking) -> Markup:
    """A line per call: its prompt, its answer and the likeliest candidates; then the reason.

    Args:
        steps: In the order of the calls.
        reason: Why the policy goes on or stopped.
        ranking: The prompts.
    """
    if not steps:
        return Markup("")
    rows = [
        {
            "label": ranking.prompts[step.prompt].label,
            "answer": step.answer or ranking.kind.none,
            "slip": "" if step.slip is None else slip_text(step.slip),
            "alone": _alone(step),
            "beliefs": [
                (answer, f"{100 * chance:.0f}")
                for answer, chance in sorted(step.beliefs.items(), key=lambda item: -item[1])
            ][:_SHOWN],
        }
        for step in steps
    ]
    return html(_STEPS, steps=rows, reason=reason)


def _alone(step: Step) -> str:
    """How likely right an answer looks by itself, and why; empty where it cannot be read."""
    if step.chance is None:
        return ""
    return f"by itself {100 * step.chance:.0f} %: {', '.join(step.why)}"
