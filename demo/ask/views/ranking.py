"""The ranking of prompts as HTML."""

from collections.abc import Mapping

from core.asking.ranking import Ranking
from demo.labels import dollars
from demo.templates import html

_ORIGINS = {"training": "training prompt", "held-out": "held-out prompt", "own": "your own"}


_RANKING = """
<section class="ranking" aria-label="Prompts ranked by predicted chance of a correct answer">
  <h2>Predicted chance of a correct answer</h2>
  <p class="quiet">{{ note }}</p>
  <ol>
  {% for row in rows %}
  <li{% if row.mark %} class="chosen"{% endif %}><details><summary>
  <span class="name">{{ row.prompt.label }}</span>
  <span class="track" aria-hidden="true">
    <span class="bar" style="width:{{ "%.1f" | format(row.chance) }}%"></span>
    <span class="whisker" style="left:{{ "%.1f" | format(row.low) }}%;width:
    {{- "%.1f" | format([row.high - row.low, 0.4] | max) }}%"></span>
  </span>
  <span class="chance">{{ "%.0f" | format(row.chance) }} %
  {%- if row.mark %}<span class="mark">◀ {{ row.mark }}</span>{% endif %}</span>
  </summary>
  <p>“{{ row.prompt.text }}” <span class="quiet">{{ row.origin }}
  {%- if row.prompt.source %} · {{ row.prompt.source }}{% endif %}
  {%- if row.cost %} · {{ row.cost }} in the log{% endif %} · 95 % interval
  {{ "%.0f to %.0f" | format(row.low, row.high) }} %</span></p></details></li>
  {% endfor %}
  </ol>
  <p class="quiet">The bar is the predicted chance, the line through its end the 95 % interval of
  the estimate. Select a prompt to read its wording and source.</p>
</section>"""


def ranking_html(ranking: Ranking, note: str, marks: Mapping[int, str]) -> str:
    """Bars with predicted chances and their intervals, best first.

    Args:
        ranking: What to show.
        note: A sentence on where the scores come from.
        marks: A word beside the prompts that are asked first, by their position.
    """
    rows = [
        {
            "prompt": ranking.prompts[place],
            "origin": _ORIGINS[ranking.prompts[place].origin],
            "chance": 100 * float(ranking.probability[place]),
            "low": 100 * float(ranking.lower[place]),
            "high": 100 * float(ranking.upper[place]),
            "mark": marks.get(place, ""),
            "cost": _cost(ranking, place),
        }
        for place in ranking.order
    ]
    return html(_RANKING, note=note, rows=rows)


def _cost(ranking: Ranking, place: int) -> str:
    """What a call costs where prompts are put to LLMs with prices; else nothing."""
    if ranking.dollars is None:
        return ""
    return f"{dollars(1000 * float(ranking.dollars[place]))} per 1,000 calls"


def unranked_html(reason: str) -> str:
    """The place of the ranking while what is typed cannot be ranked.

    Args:
        reason: Why not; empty while nothing is typed.
    """
    return html(
        '<section class="ranking"><h2>Predicted chance of a correct answer</h2>'
        '<p class="quiet">{{ reason or "The prompts are ranked while you type." }}</p></section>',
        reason=reason,
    )
