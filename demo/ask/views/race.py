"""A race of policies over questions with known answers, as HTML."""

from collections.abc import Sequence
from math import log2

from markupsafe import Markup

from core.asking.race import Standing
from demo.templates import html

_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 560, 190, 44, 20, 12, 40
_BUSY = ' aria-busy="true"'
_RACE = """
<section class="race" aria-label="Race"{% if asked < wanted %} aria-busy="true"{% endif %}>
  <p class="verdict">{{ said }}</p>
  <svg role="img" aria-label="{{ said }}" viewBox="0 0 {{ width }} {{ height }}">
  {% for line in lines %}
  <line class="grid" x1="{{ left }}" x2="{{ width - 20 }}" y1="{{ line.y }}" y2="{{ line.y }}"/>
  <text x="{{ left - 8 }}" y="{{ line.y + 4 }}" text-anchor="end">{{ line.percent }} %</text>
  {% endfor %}
  {% for tick in ticks %}
  <text x="{{ tick.x }}" y="{{ height - 14 }}" text-anchor="middle">{{ tick.calls }}</text>
  {% endfor %}
  <text x="{{ left }}" y="{{ height - 1 }}">LLM calls per question</text>
  {% for mark in marks %}
  <g class="mark m{{ loop.index0 }}"><line x1="{{ mark.x }}" x2="{{ mark.x }}" y1="{{ mark.low }}"
  y2="{{ mark.high }}"/><circle cx="{{ mark.x }}" cy="{{ mark.y }}" r="6"/></g>
  {% endfor %}
  </svg>
  <table><thead><tr><th scope="col">way of asking</th><th scope="col" class="number">right</th>
  <th scope="col" class="number">95 % interval</th>
  <th scope="col" class="number">calls per question</th></tr></thead><tbody>
  {% for row in rows %}
  <tr><th scope="row"><span class="dot m{{ loop.index0 }}" aria-hidden="true">●</span>
  {{ row.label }}</th><td class="number">{{ row.right }} of {{ row.asked }}</td>
  <td class="number">{{ "%.0f to %.0f" | format(100 * row.accuracy.low, 100 * row.accuracy.high) }}
  %</td><td class="number">{{ "%.1f" | format(row.calls) }}</td></tr>
  {% endfor %}
  </tbody></table>
  <p class="quiet">{{ note }}</p>
</section>"""


def race_html(standings: Sequence[Standing], wanted: int, prompts: int, note: str) -> Markup:
    """Accuracy against calls with intervals, and the same as a table.

    Args:
        standings: One for each way of asking.
        wanted: Questions of the whole race.
        prompts: Calls of exhaustive prompting.
        note: Where the questions come from.
    """
    return html(
        _RACE,
        said=_said(standings, wanted),
        asked=standings[0].asked,
        wanted=wanted,
        width=_WIDTH,
        height=_HEIGHT,
        left=_LEFT,
        lines=[{"y": _down(share), "percent": round(100 * share)} for share in (0, 0.5, 1)],
        ticks=[{"x": _across(calls, prompts), "calls": calls} for calls in _ticks(prompts)],
        marks=[
            {
                "x": _across(one.calls, prompts),
                "y": _down(one.accuracy.value),
                "low": _down(one.accuracy.low),
                "high": _down(one.accuracy.high),
            }
            for one in standings
        ],
        rows=standings,
        note=note,
    )


def _said(standings: Sequence[Standing], wanted: int) -> str:
    """How it stands, with no more certainty than so few questions give."""
    one, every = standings[0], standings[-1]
    asked = f"After {one.asked} of {wanted} questions: " if one.asked < wanted else ""
    parts = [f"{row.right} right with {_calls(row.calls)} each" for row in standings]
    overlap = one.accuracy.high >= every.accuracy.low and every.accuracy.high >= one.accuracy.low
    doubt = " The intervals overlap: so few questions do not tell which is better."
    return f"{asked}{', '.join(parts)}, of {one.asked}.{doubt if overlap else ''}"


def _calls(mean: float) -> str:
    return "1 call" if mean == 1 else f"{mean:.2g} calls"


def _ticks(prompts: int) -> list[int]:
    doubled = [2**power for power in range(int(log2(prompts)) + 1)] if prompts else []
    return sorted({*doubled, prompts})


def _across(calls: float, prompts: int) -> float:
    share = log2(max(calls, 1)) / log2(prompts) if prompts > 1 else 0.5
    return round(_LEFT + 12 + share * (_WIDTH - _LEFT - _RIGHT - 24), 1)


def _down(share: float) -> float:
    return round(_TOP + (1 - share) * (_HEIGHT - _TOP - _BOTTOM), 1)


def begun_html() -> Markup:
    """A race before its first question is answered."""
    return html(
        '<section class="race" aria-label="Race" aria-busy="true">'
        "<p>The first question is being answered.</p></section>"
    )


def stopped_html(shown: str) -> Markup:
    """What stays of a race that was stopped: the questions that were answered."""
    if "<table>" not in shown:
        return Markup("")
    return Markup(shown.replace(_BUSY, ""))
