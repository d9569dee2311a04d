"""The session's small chart: calls so far against those of exhaustive prompting, as SVG."""

from collections.abc import Sequence

_WIDTH, _HEIGHT, _EDGE = 150, 40, 4
_LABELS = 130
"""Width for the names at the ends of the lines."""


def chart_svg(spent: Sequence[int], exhaustive: Sequence[int]) -> str:
    """Two running totals over the questions of a session; empty until there are two questions.

    Args:
        spent: Calls of each question.
        exhaustive: Calls that exhaustive prompting takes for each.
    """
    if len(spent) < 2:
        return ""
    ours, theirs = _totals(spent), _totals(exhaustive)
    most = max(theirs[-1], ours[-1])
    said = (
        f"Calls so far, question by question: {ours[-1]} spent, {theirs[-1]} with exhaustive "
        "prompting."
    )
    return (
        f'<svg class="chart" role="img" aria-label="{said}" width="{_WIDTH + _LABELS}" '
        f'height="{_HEIGHT}" viewBox="0 0 {_WIDTH + _LABELS} {_HEIGHT}"><title>{said}</title>'
        f'<polyline class="exhaustive" points="{_points(theirs, most)}"/>'
        f'<polyline class="spent" points="{_points(ours, most)}"/>'
        f'<text x="{_WIDTH}" y="10">exhaustive, {theirs[-1]:,} calls</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT - 3}">spent, {ours[-1]:,} calls</text></svg>'
    )


def _totals(counts: Sequence[int]) -> list[int]:
    totals = [0]
    for count in counts:
        totals.append(totals[-1] + count)
    return totals


def _points(totals: Sequence[int], most: int) -> str:
    across = (_WIDTH - 2 * _EDGE) / (len(totals) - 1)
    up = (_HEIGHT - 2 * _EDGE) / most
    return " ".join(
        f"{_EDGE + place * across:.1f},{_HEIGHT - _EDGE - total * up:.1f}"
        for place, total in enumerate(totals)
    )
