"""Figures of the dashboard: a frame in, a Plotly figure out, nothing else touched."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from demo.story import Message, exhaustive_row, message, one_row, stepped_frontier
from demo.words import LABELS, dollars

# Okabe and Ito's palette, safe for colour-blind readers; symbols say the same once more.
# The glyph stands for the symbol in the legend below the figure. Later ones are drawn on top.
STYLES: dict[str, tuple[str, str, str]] = {
    "random": ("#808590", "circle-open", "○"),
    "self-critique": ("#8C6D1F", "x", "✖"),
    "cost-aware": ("#56B4E9", "cross", "✚"),
    "majority-vote": ("#D55E00", "circle", "●"),
    "adaptive-consistency": ("#CC79A7", "triangle-up", "▲"),
    "reward-vote": ("#009E73", "square", "■"),
    "budgeted": ("#8A5BB5", "hexagon", "⬢"),
    "best-single": ("#E69F00", "diamond", "◆"),
    "best-of-n": ("#0072B2", "star", "★"),
}
CURVES = ("majority-vote", "reward-vote", "adaptive-consistency", "budgeted")
AXES: dict[str, tuple[str, str]] = {
    "calls": ("calls", "LLM calls per query"),
    "tokens": ("tokens", "tokens per query"),
    "dollars": ("dollars_per_1000", "dollars per 1,000 queries"),
}
HEIGHT = 480
# Between costs further apart than this nothing was measured, so a curve is not drawn across.
WIDEST_STEP = 2.5
_MUTED = "#808590"
_MUTED_TEXT = "#5b6270"


def has_axis(frame: pd.DataFrame, axis: str) -> bool:
    """Whether the cost of an axis is known for the policies that matter."""
    row = one_row(with_tokens(frame), "best-of-n")
    return row is not None and not pd.isna(row[AXES[axis][0]])


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
        return _policies_as_rows(frame)
    column, title = AXES[axis]
    figure = go.Figure()
    steps = stepped_frontier(frame, column)
    figure.add_scatter(
        x=steps[column],
        y=100 * steps["accuracy"],
        mode="lines",
        line={"shape": "hv", "color": _MUTED, "width": 1.5, "dash": "dot"},
        hoverinfo="skip",
    )
    for policy in shown_policies(frame, axis):
        rows = frame[frame["policy"] == policy].sort_values(column)
        _add_policy(figure, policy, rows, column)
    _add_labels(figure, frame, column)
    _add_oracle(figure, frame)
    _add_arrow(figure, message(frame), column)
    _lay_out(figure, title, frame[column], whole=axis == "calls")
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


def _add_labels(figure: go.Figure, frame: pd.DataFrame, column: str) -> None:
    """Name the two ends of the story where they stand."""
    best, exhaustive = one_row(frame, "best-of-n"), exhaustive_row(frame)
    single = one_row(frame, "best-single")
    # Keep the name off the mark of the best single prompt, which costs one call as well.
    above = best is not None and (single is None or best["accuracy"] >= single["accuracy"])
    for row, name, shift in (
        (best, "best-of-N", 12 if above else -14),
        (exhaustive, "exhaustive", -12),
    ):
        if row is not None and not pd.isna(row[column]):
            figure.add_annotation(
                x=np.log10(row[column]),
                y=100 * row["accuracy"],
                text=f"<b>{name}</b>",
                showarrow=False,
                xanchor="left",
                xshift=10,
                yshift=shift,
            )


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
        error_y=None if curve else _whiskers(rows, colour),
        name=LABELS[policy],
        text=[_hover(row) for _, row in rows.iterrows()],
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


def _whiskers(rows: pd.DataFrame, colour: str) -> dict[str, Any]:
    return {
        "type": "data",
        "symmetric": False,
        "array": 100 * (rows["accuracy_high"] - rows["accuracy"]),
        "arrayminus": 100 * (rows["accuracy"] - rows["accuracy_low"]),
        "color": colour,
        "thickness": 1.2,
        "width": 4,
    }


def _hover(row: pd.Series) -> str:
    setting = "" if pd.isna(row["parameter"]) else f" ({row['parameter']:g})"
    tokens = "not recorded" if pd.isna(row["tokens"]) else f"{row['tokens']:,.0f}"
    return (
        f"<b>{LABELS[row['policy']]}</b>{setting}<br>"
        f"accuracy {100 * row['accuracy']:.1f} % "
        f"({100 * row['accuracy_low']:.1f} to {100 * row['accuracy_high']:.1f})<br>"
        f"{row['calls']:.2f} calls · {tokens} tokens<br>"
        f"{dollars(row['dollars_per_1000'])} per 1,000 queries<br>"
        f"{row['n']:,} queries, recorded"
    )


def _add_oracle(figure: go.Figure, frame: pd.DataFrame) -> None:
    oracle = one_row(frame, "oracle")
    if oracle is None:
        return
    figure.add_hline(
        y=100 * oracle["accuracy"],
        line={"dash": "dash", "color": _MUTED, "width": 1.5},
        annotation={
            "text": f"oracle {100 * oracle['accuracy']:.0f} %: needs the answers",
            "font": {"color": _MUTED_TEXT},
        },
        annotation_position="top right",
    )


def _add_arrow(figure: go.Figure, said: Message, column: str) -> None:
    """An arrow from exhaustive prompting to the policy that does as well with less."""
    if said.start is None or said.end is None or pd.isna(said.end[column]):
        return
    times = said.start[column] / said.end[column]
    figure.add_annotation(
        x=np.log10(said.end[column]),
        y=100 * said.end["accuracy"] + 0.6,
        ax=np.log10(said.start[column]),
        ay=100 * said.start["accuracy"] + 0.6,
        xref="x",
        yref="y",
        axref="x",
        ayref="y",
        arrowhead=2,
        arrowwidth=2,
        arrowcolor=_MUTED,
        text="",
    )
    figure.add_annotation(
        x=(np.log10(said.end[column]) + np.log10(said.start[column])) / 2,
        y=100 * said.start["accuracy"],
        yshift=24,
        text=f"<b>{times:.1f}× fewer</b>",
        showarrow=False,
    )


def _lay_out(figure: go.Figure, title: str, costs: pd.Series, *, whole: bool) -> None:
    low, high = costs.min(), costs.max()
    ticks = 2.0 ** np.arange(np.floor(np.log2(low)), np.ceil(np.log2(high)) + 1)
    if whole:
        ticks = np.append(ticks[ticks < high], high)
    figure.update_xaxes(
        title=title,
        type="log",
        # Doublings read more naturally than powers of ten over one to sixteen calls.
        tickvals=ticks,
        ticktext=[f"{tick:g}" if tick >= 1 else f"{tick:.3g}" for tick in ticks],
        zeroline=False,
        showgrid=True,
        gridcolor="rgba(128,133,144,0.2)",
    )
    figure.update_yaxes(title="accuracy, %", zeroline=False, gridcolor="rgba(128,133,144,0.2)")
    _dress(figure)


def _dress(figure: go.Figure) -> None:
    figure.update_layout(
        height=HEIGHT,
        autosize=True,
        margin={"l": 56, "r": 16, "t": 24, "b": 56},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "system-ui, sans-serif", "size": 13, "color": "#41464f"},
        # The legend stands below the figure as text, where it can wrap on a telephone.
        showlegend=False,
        hoverlabel={"align": "left"},
    )


def _policies_as_rows(frame: pd.DataFrame) -> go.Figure:
    """One row per policy, for logs without answers, where there is no curve to draw."""
    figure = go.Figure()
    shown = shown_policies(frame, "calls")
    shown.sort(key=lambda name: one_row(frame, name)["accuracy"])
    for policy in shown:
        row = frame[frame["policy"] == policy]
        colour, symbol, _ = STYLES[policy]
        whiskers = _whiskers(row, colour)
        calls = row["calls"].iloc[0]
        figure.add_scatter(
            x=100 * row["accuracy"],
            y=[f"{LABELS[policy]}<br>{calls:.0f} call{'s' if calls > 1 else ''}"],
            error_x=whiskers,
            mode="markers",
            marker={"symbol": symbol, "color": colour, "size": 13},
            text=[_hover(item) for _, item in row.iterrows()],
            hovertemplate="%{text}<extra></extra>",
        )
    oracle = one_row(frame, "oracle")
    if oracle is not None:
        figure.add_vline(
            x=100 * oracle["accuracy"],
            line={"dash": "dash", "color": _MUTED, "width": 1.5},
            # Above the rows, so that it covers no whisker on a telephone.
            annotation={
                "text": "oracle: needs the answers",
                "font": {"color": _MUTED_TEXT},
                "yanchor": "bottom",
            },
            annotation_position="top left",
        )
    figure.update_xaxes(title="accuracy, %", zeroline=False, gridcolor="rgba(128,133,144,0.2)")
    figure.update_yaxes(showgrid=False, automargin=True)
    _dress(figure)
    figure.update_layout(height=150 + 62 * len(shown))
    return figure
