"""The dashboard's figure, accuracy against cost: a frame in, a Plotly figure out; its legend."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup

from core.evaluation.frontier import exhaustive_row, hero, is_priced, one_row, stepped_frontier
from core.policies import entries, label_of
from demo.figures.axes import layout
from demo.figures.look import MUTED, axis, dressed, figure, hovers, styles, whiskers
from demo.figures.notes import arrow, names, oracle
from demo.templates import html

AXES: dict[str, tuple[str, str]] = {
    "calls": ("calls", "LLM calls per query"),
    "tokens": ("tokens", "tokens per query"),
    "dollars": ("dollars_per_1000", "dollars per 1,000 queries"),
}
# Between costs further apart than this nothing was measured, so a curve is not drawn across.
WIDEST_STEP = 2.5
_FADED = 0.35
"""Opacity of what is nowhere on the frontier."""
ACCURACY = ["accuracy_low", "accuracy", "accuracy_high"]
Trace = dict[str, Any]


def has_axis(frame: pd.DataFrame, axis: str) -> bool:
    """Whether the cost of an axis is known for the policies that matter, and not zero."""
    row = one_row(with_tokens(frame), "best-of-n")
    return row is not None and bool(row[AXES[axis][0]] > 0)


def has_curves(frame: pd.DataFrame) -> bool:
    """Whether accuracy is drawn against a cost: of votes, or of calls that differ in price."""
    return exhaustive_row(frame) is not None or is_priced(frame)


def with_tokens(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with prompt and completion tokens added up."""
    return frame.assign(tokens=frame["prompt_tokens"] + frame["completion_tokens"])


def accuracy_against_cost(
    frame: pd.DataFrame,
    axis: str = "calls",
    told: pd.Series | None = None,
    *,
    rivals: bool = False,
) -> go.Figure:
    """Accuracy of every policy against its cost; a row each where there is no curve to draw.

    Args:
        frame: Frontier rows of one LLM, data set, protocol and set of prompts.
        axis: ``calls``, ``tokens`` or ``dollars``.
        told: The row that the page tells of, by default the one that saves most.
        rivals: Whether further rivals are drawn as well.
    """
    frame = with_tokens(frame)
    if not has_curves(frame):
        return _as_rows(frame, shown_policies(frame, "calls"))
    column, title = AXES[axis]
    chosen = frame.loc[hero(frame).name if told is None else told.name]
    shown = shown_policies(frame, axis, rivals=rivals)
    steps = stepped_frontier(frame, column)
    traces = [_frontier(steps, column)]
    marks = frame[["policy", column, *ACCURACY]].assign(hover=hovers(frame))
    groups = dict(list(marks.sort_values(column).groupby("policy")))
    # What is nowhere on the frontier steps back.
    bright = {*steps["policy"], chosen["policy"], "best-of-n", "majority-vote"}
    bright |= {entry.name for entry in entries().values() if entry.shown == "rivals"}
    for policy in shown:
        traces += _policy(policy, groups[policy], column, faded=policy not in bright)
    traces.append(_ring(chosen, column))
    drawn = frame[frame["policy"].isin([*shown, "oracle"])]
    notes = [*names(frame, column, chosen), *arrow(frame, chosen, column, axis)]
    return figure(traces, layout(title, drawn, column, notes))


def _ring(row: pd.Series, column: str) -> Trace:
    """A ring around the mark of the row that the page tells of."""
    return {
        "x": [row[column]],
        "y": [100 * row["accuracy"]],
        "mode": "markers",
        "marker": {
            "symbol": "circle-open",
            "size": 22,
            "color": styles()[row["policy"]][0],
            "line": {"width": 3},
        },
        "hoverinfo": "skip",
    }


def _frontier(steps: pd.DataFrame, column: str) -> Trace:
    return {
        "x": steps[column].tolist(),
        "y": (100 * steps["accuracy"]).tolist(),
        "mode": "lines",
        "line": {"shape": "hv", "color": MUTED, "width": 1.5, "dash": "dot"},
        "hoverinfo": "skip",
    }


def shown_policies(frame: pd.DataFrame, axis: str, *, rivals: bool = False) -> list[str]:
    """Policies that a figure of accuracy against this cost shows, in drawing order.

    Calls do not tell the settings of a policy apart that spends one call whatever they are.
    """
    known = set(frame.loc[with_tokens(frame)[AXES[axis][0]].notna(), "policy"])
    alike = {entry.name for entry in entries().values() if not entry.single and not entry.curve}
    hidden = alike if axis == "calls" else set()
    if not rivals:
        hidden |= {entry.name for entry in entries().values() if entry.shown == "rivals"}
    return [policy for policy in styles() if policy in known - hidden]


def _policy(policy: str, rows: pd.DataFrame, column: str, *, faded: bool) -> list[Trace]:
    traces = _bright(policy, rows, column)
    return [trace | {"opacity": _FADED} for trace in traces] if faded else traces


def _bright(policy: str, rows: pd.DataFrame, column: str) -> list[Trace]:
    if entries()[policy].curve:
        return _curve(policy, pieces(rows, column), column)
    # Whiskers of two policies that both spend one call would lie on top of each other.
    aside = 1.04 if policy == "best-single" and column == "calls" else 1.0
    marks = {
        "x": (rows[column] * aside).tolist(),
        "y": (100 * rows["accuracy"]).tolist(),
        "mode": "markers",
        "error_y": whiskers(rows, styles()[policy][0]),
        "text": rows["hover"].tolist(),
    }
    return [marks | _look(policy, 16 if policy == "best-of-n" else 9)]


def _look(policy: str, size: int) -> Trace:
    colour, symbol, _ = styles()[policy]
    return {
        "marker": {"symbol": symbol, "color": colour, "size": size},
        "name": label_of(policy),
        "hovertemplate": "%{text}<extra></extra>",
    }


def pieces(rows: pd.DataFrame, column: str) -> list[pd.DataFrame]:
    """Split a policy's rows, sorted by cost, where the next costs ``WIDEST_STEP`` times as much."""
    costs = rows[column].to_numpy()
    starts = 1 + np.flatnonzero(costs[1:] / costs[:-1] > WIDEST_STEP)
    edges = [0, *starts, len(rows)]
    return [rows.iloc[start:end] for start, end in pairwise(edges)]


def _curve(policy: str, parts: list[pd.DataFrame], column: str) -> list[Trace]:
    """The band of a curve's intervals, and its line with its marks.

    All pieces are one trace, parted by gaps: the browser takes milliseconds for every trace.
    """
    colour = styles()[policy][0]
    costs = [part[column].tolist() for part in parts]
    low, middle, high = ([(100 * part[name]).tolist() for part in parts] for name in ACCURACY)
    band = {
        "x": _gapped([[*cost, *cost[::-1]] for cost in costs]),
        "y": _gapped([[*up, *down[::-1]] for up, down in zip(high, low, strict=True)]),
        "fill": "toself",
        "fillcolor": _faded(colour),
        "line": {"width": 0},
        "mode": "lines",
        "hoverinfo": "skip",
    }
    line = {
        "x": _gapped(costs),
        "y": _gapped(middle),
        "mode": "lines+markers",
        "line": {"color": colour, "width": 2},
        "text": _gapped([part["hover"].tolist() for part in parts]),
    }
    return [band, line | _look(policy, 9)]


def _gapped(parts: list[list[Any]]) -> list[Any]:
    """One list of all, with a gap before each but the first."""
    return parts[0] + [value for part in parts[1:] for value in (None, *part)]


def _faded(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.12)"


def _as_rows(frame: pd.DataFrame, shown: list[str]) -> go.Figure:
    """Accuracy from left to right, policies from bottom to top, for a log without answers."""
    rows = {policy: frame[frame["policy"] == policy].head(1) for policy in shown}
    traces = []
    for policy in sorted(shown, key=lambda name: rows[name]["accuracy"].iloc[0]):
        row = rows[policy]
        calls = row["calls"].iloc[0]
        dot = {
            "x": (100 * row["accuracy"]).tolist(),
            "y": [f"{label_of(policy)}<br>{calls:.0f} call{'s' if calls > 1 else ''}"],
            "error_x": whiskers(row, styles()[policy][0]),
            "mode": "markers",
            "text": hovers(row),
        }
        traces.append(dot | _look(policy, 13))
    best = one_row(frame, "oracle")
    marked = {}
    if best is not None:
        lines, name = oracle(100 * best["accuracy"], upright=True)
        marked = {"shapes": lines, "annotations": [name]}
    names_aside = {"showgrid": False, "automargin": True}
    height = 150 + 62 * len(shown)
    ground = dressed(xaxis=axis("accuracy, %"), yaxis=names_aside, height=height, **marked)
    return figure(traces, ground)


def legend_html(rows: pd.DataFrame, axis: str, *, rivals: bool = False) -> Markup:
    """Symbols and names of the policies that are drawn against a cost, to stand below the figure.

    Where nothing is drawn against a cost the figure names its policies itself, and the legend is
    empty.
    """
    if not has_curves(rows):
        return Markup("")
    shown = reversed(shown_policies(rows, axis, rivals=rivals))
    drawn = [(label_of(name), styles()[name]) for name in shown]
    return html(
        """
<ul class="legend">
{% for label, (colour, _, glyph) in policies %}
<li><span style="color:{{ colour }}" aria-hidden="true">{{ glyph }}</span> {{ label }}</li>
{% endfor %}
</ul>""",
        policies=drawn,
    )
