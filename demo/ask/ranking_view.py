"""The ranking of prompts as HTML; every text in it is escaped."""

from collections.abc import Mapping
from html import escape

from core.asking.ranking import Ranking

_ORIGINS = {"training": "training prompt", "held-out": "held-out prompt", "own": "your own"}


def ranking_html(ranking: Ranking, note: str, marks: Mapping[int, str]) -> str:
    """Bars with predicted chances and their intervals, best first.

    Args:
        ranking: What to show.
        note: A sentence on where the scores come from.
        marks: A word beside the prompts that are asked first, by their position.
    """
    rows = "".join(_row(ranking, position, marks.get(position)) for position in ranking.order)
    return f"""
<section class="ranking" aria-label="Prompts ranked by predicted chance of a correct answer">
  <h2>Predicted chance of a correct answer</h2>
  <p class="quiet">{escape(note)}</p>
  <ol>{rows}</ol>
  <p class="quiet">The bar is the predicted chance, the line through its end the 95 % interval of
  the estimate. Select a prompt to read its wording and source.</p>
</section>"""


def _row(ranking: Ranking, position: int, word: str | None) -> str:
    prompt = ranking.prompts[position]
    chance, low, high = (
        100 * float(values[position])
        for values in (ranking.probability, ranking.lower, ranking.upper)
    )
    chosen = ' class="chosen"' if word else ""
    mark = f'<span class="mark">◀ {escape(word)}</span>' if word else ""
    source = f" · {escape(prompt.source)}" if prompt.source else ""
    return f"""
<li{chosen}><details><summary>
  <span class="name">{escape(prompt.label)}</span>
  <span class="track" aria-hidden="true">
    <span class="bar" style="width:{chance:.1f}%"></span>
    <span class="whisker" style="left:{low:.1f}%;width:{max(high - low, 0.4):.1f}%"></span>
  </span>
  <span class="chance">{chance:.0f} %{mark}</span>
</summary>
<p>“{escape(prompt.text)}” <span class="quiet">{_ORIGINS[prompt.origin]}{source} ·
95 % interval {low:.0f} to {high:.0f} %</span></p></details></li>"""
