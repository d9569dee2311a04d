"""Axes of the dashboard's figure: doublings of calls, round numbers of tokens and dollars."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from demo.figure_look import GRID, dress

_ROOM = 0.1
"""Of the height so much is left above the highest mark, for what is written there."""


def lay_out(figure: go.Figure, title: str, drawn: pd.DataFrame, column: str) -> None:
    """Set both axes so that every mark, interval and name has room.

    Args:
        figure: With marks and names.
        title: Of the cost.
        drawn: The rows in the figure.
        column: Their cost; ``calls`` gets whole ticks.
    """
    costs = drawn.loc[drawn["deployable"], column].dropna()
    low, high = float(costs.min()), float(costs.max())
    if column == "calls":
        ticks = call_ticks(int(drawn["prompts"].iloc[0]), high)
    else:
        ticks = round_ticks(low, high)
    money = "$" if column.startswith("dollars") else ""
    margin = 0.04 * np.log10(high / low)
    figure.update_xaxes(
        title=title,
        type="log",
        tickvals=ticks,
        ticktext=[f"{money}{tick:,.6g}" for tick in ticks],
        range=[np.log10(low) - margin, np.log10(high) + margin],
        zeroline=False,
        showgrid=True,
        gridcolor=GRID,
    )
    bottom = 100 * float(drawn["accuracy_low"].min())
    top = 100 * float(drawn["accuracy_high"].max())
    room = _ROOM * (top - bottom)
    figure.update_yaxes(
        title="accuracy, %",
        range=[max(0.0, bottom - room / 2), top + room],
        zeroline=False,
        gridcolor=GRID,
    )
    dress(figure)


def call_ticks(prompts: int, high: float) -> list[float]:
    """Doublings from one call, the number of prompts, and what is spent beyond it."""
    ticks = [2.0**power for power in range(12) if 2.0**power < prompts / 1.2]
    ticks.append(float(prompts))
    return [*ticks, high] if high > 1.2 * prompts else ticks


def round_ticks(low: float, high: float) -> list[float]:
    """Ones, twos and fives of every power of ten from ``low`` to ``high``."""
    powers = range(int(np.floor(np.log10(low))), int(np.ceil(np.log10(high))) + 1)
    ticks = [digit * 10.0**power for power in powers for digit in (1, 2, 5)]
    return [tick for tick in ticks if low / 1.05 <= tick <= high * 1.05]
