"""The dashboard's figure, accuracy against cost: a frame in, a Plotly figure out."""

import pandas as pd
import plotly.graph_objects as go

from demo.figure_axes import lay_out
from demo.figure_look import MUTED, STYLES, hover, whiskers
from demo.figure_notes import add_arrow, add_names, add_oracle
from demo.figure_rows import policies_as_rows
from demo.story import exhaustive_row, message, one_row, stepped_frontier
from demo.words import LABELS

CURVES = ("majority-vote", "reward-vote", "adaptive-consistency", "budgeted")
AXES: dict[str, tuple[str, str]] = {
    "calls": ("calls", "LLM calls per query"),
    "tokens": ("tokens", "tokens per query"),
    "dollars": ("dollars_per_1000", "dollars per 1,000 queries"),
}
# Between costs further apart than this nothing was measured, so a curve is not drawn across.
WIDEST_STEP = 2.5


def has_axis(frame: pd.DataFrame, axis: str) -> bool:
    """Whether the cost of an axis is known for the policies that matter, and not zero."""
    row = one_row(with_tokens(frame), "best-of-n")
    return row is not None and bool(row[AXES[axis][0]] > 0)


def with_tokens(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with prompt and completion tokens added up."""
    return frame.assign(tokens=frame["prompt_tokens"] + frame["completion_tokens"])


def accuracy_against_cost(frame: pd.DataFrame, axis: str = "calls") -> go.Figure:
    """Accuracy of every policy against its cost.

    Args:
        frame: Frontier rows of one LLM, data set, protocol and set of prompts.
        axis: ``calls``, ``tokens`` or ``dollars``.
    """
    frame = with_tokens(frame)
    if exhaustive_row(frame) is None:
        return policies_as_rows(frame, shown_policies(frame, "calls"))
    column, title = AXES[axis]
    figure = go.Figure()
    steps = stepped_frontier(frame, column)
    figure.add_scatter(
        x=steps[column],
        y=100 * steps["accuracy"],
        mode="lines",
        line={"shape": "hv", "color": MUTED, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    shown = shown_policies(frame, axis)
    for policy in shown:
        rows = frame[frame["policy"] == policy].sort_values(column)
        _add_policy(figure, policy, rows, column)
    add_names(figure, frame, column)
    add_oracle(figure, frame)
    add_arrow(figure, message(frame), column, axis)
    drawn = frame[frame["policy"].isin([*shown, "oracle"])]
    lay_out(figure, title, drawn, column)
    return figure


def shown_policies(frame: pd.DataFrame, axis: str) -> list[str]:
    """Policies that a figure of accuracy against this cost shows, in drawing order.

    Cost-aware best-of-N spends one call whatever its setting, so calls cannot tell it apart.
    """
    known = set(frame.loc[with_tokens(frame)[AXES[axis][0]].notna(), "policy"])
    return [
        policy
        for policy in STYLES
        if policy in known and not (policy == "cost-aware" and axis == "calls")
    ]


def _add_policy(figure: go.Figure, policy: str, rows: pd.DataFrame, column: str) -> None:
    colour, symbol, _ = STYLES[policy]
    curve = policy in CURVES
    if curve:
        for part in pieces(rows, column):
            _add_curve(figure, part, column, colour)
    # Whiskers of two policies that both spend one call would lie on top of each other.
    aside = 1.04 if policy == "best-single" and column == "calls" else 1.0
    figure.add_scatter(
        x=rows[column] * aside,
        y=100 * rows["accuracy"],
        mode="markers",
        marker={"symbol": symbol, "color": colour, "size": 16 if policy == "best-of-n" else 9},
        error_y=None if curve else whiskers(rows, colour),
        name=LABELS[policy],
        text=[hover(row) for _, row in rows.iterrows()],
        hovertemplate="%{text}<extra></extra>",
    )


def pieces(rows: pd.DataFrame, column: str) -> list[pd.DataFrame]:
    """Split a policy's rows, sorted by cost, where the next costs ``WIDEST_STEP`` times as much."""
    starts = rows[column] / rows[column].shift() > WIDEST_STEP
    return [part for _, part in rows.groupby(starts.cumsum())]


def _add_curve(figure: go.Figure, rows: pd.DataFrame, column: str, colour: str) -> None:
    figure.add_scatter(
        x=[*rows[column], *rows[column][::-1]],
        y=[*(100 * rows["accuracy_high"]), *(100 * rows["accuracy_low"][::-1])],
        fill="toself",
        fillcolor=_faded(colour),
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=rows[column],
        y=100 * rows["accuracy"],
        mode="lines",
        line={"color": colour, "width": 2},
        hoverinfo="skip",
    )


def _faded(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.12)"
