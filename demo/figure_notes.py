"""What is written into the dashboard's figure: the two ends of the story, the oracle, the arrow."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from demo.figure_look import MUTED, MUTED_TEXT
from demo.story import Message, exhaustive_row, one_row

_UNITS = {"calls": "fewer calls", "tokens": "fewer tokens", "dollars": "cheaper"}


def add_names(figure: go.Figure, frame: pd.DataFrame, column: str) -> None:
    """Name best-of-N and exhaustive prompting beyond the ends of their intervals."""
    best, exhaustive = one_row(frame, "best-of-n"), exhaustive_row(frame)
    single = one_row(frame, "best-single")
    # Keep the name off the mark of the best single prompt, which costs one call as well.
    above = single is None or best["accuracy"] >= single["accuracy"]
    _name(figure, best, column, "best-of-N", above=above, anchor="left", shift=-8)
    # Curves come to the exhaustive end from the left and above; the ground below it is free.
    _name(figure, exhaustive, column, "exhaustive", above=False, anchor="right", shift=8)


def _name(
    figure: go.Figure,
    row: pd.Series | None,
    column: str,
    name: str,
    *,
    above: bool,
    anchor: str,
    shift: int,
) -> None:
    if row is None or pd.isna(row[column]):
        return
    figure.add_annotation(
        x=np.log10(row[column]),
        y=100 * row["accuracy_high" if above else "accuracy_low"],
        text=f"<b>{name}</b>",
        showarrow=False,
        xanchor=anchor,
        yanchor="bottom" if above else "top",
        xshift=shift,
        yshift=2 if above else -2,
    )


def add_oracle(figure: go.Figure, frame: pd.DataFrame) -> None:
    """A dashed line at what no policy can reach, since it needs the answers."""
    oracle = one_row(frame, "oracle")
    if oracle is None:
        return
    figure.add_hline(
        y=100 * oracle["accuracy"],
        line={"dash": "dash", "color": MUTED, "width": 1.5},
        annotation={
            "text": f"oracle {100 * oracle['accuracy']:.0f} %: needs the answers",
            "font": {"color": MUTED_TEXT},
        },
        annotation_position="top left",
    )


def add_arrow(figure: go.Figure, said: Message, column: str, axis: str) -> None:
    """An arrow from exhaustive prompting to the policy that does as well with less."""
    if said.start is None or said.end is None or pd.isna(said.end[column]):
        return
    times = said.start[column] / said.end[column]
    start, end = np.log10(said.start[column]), np.log10(said.end[column])
    # Above the bands, so that neither hides the other.
    height = 100 * max(said.start["accuracy_high"], said.end["accuracy_high"])
    figure.add_annotation(
        x=end,
        y=height,
        ax=start,
        ay=height,
        xref="x",
        yref="y",
        axref="x",
        ayref="y",
        yshift=8,
        arrowhead=2,
        arrowwidth=2,
        arrowcolor=MUTED,
        text="",
    )
    figure.add_annotation(
        x=(start + end) / 2,
        y=height,
        yanchor="bottom",
        yshift=12,
        text=f"<b>{times:.1f}× {_UNITS[axis]}</b>",
        showarrow=False,
    )
