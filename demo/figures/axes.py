"""Axes of the dashboard's figure: doublings of calls, round numbers of tokens and dollars."""

from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.frontier import exhaustive_row, one_row
from demo.figures.look import axis, dressed
from demo.figures.notes import oracle

_ROOM = 0.1
"""Of the height so much is left above the highest mark, for what is written there."""


def layout(
    title: str, drawn: pd.DataFrame, column: str, notes: list[dict[str, Any]]
) -> dict[str, Any]:
    """Axes on which every mark, interval and name has room, and the oracle's line.

    Args:
        title: Of the cost.
        drawn: The rows in the figure.
        column: Their cost; ``calls`` gets whole ticks.
        notes: What is written into the figure.
    """
    costs = drawn.loc[drawn["deployable"], column].dropna()
    low, high = float(costs.min()), float(costs.max())
    if column == "calls":
        ticks = call_ticks(int(drawn["prompts"].iloc[0]), high)
    else:
        ticks = round_ticks(low, high)
    money = "$" if column.startswith("dollars") else ""
    span = max(np.log10(high / low), 0.5)
    exhaustive = exhaustive_row(drawn)
    last = high if exhaustive is None else float(exhaustive[column])
    # Half of the name below the exhaustive end stands to its right.
    right = max(0.04 * span, 0.12 * span - np.log10(high / last))
    # What nobody can run takes no height from what everybody can.
    deployable = drawn[drawn["deployable"]]
    bottom = 100 * float(deployable["accuracy_low"].min())
    top = 100 * float(deployable["accuracy_high"].max())
    room = _ROOM * (top - bottom)
    best = one_row(drawn, "oracle")
    shapes: list[dict[str, Any]] = []
    if best is not None:
        line, name = oracle(100 * best["accuracy"], beyond=100 * best["accuracy"] > top + room)
        shapes, notes = line, [*notes, name]
    return dressed(
        xaxis=axis(
            title,
            type="log",
            tickvals=ticks,
            ticktext=[f"{money}{tick:,.6g}" for tick in ticks],
            range=[np.log10(low) - 0.04 * span, np.log10(high) + right],
        ),
        yaxis=axis("accuracy, %", range=[max(0.0, bottom - room / 2), top + room]),
        shapes=shapes,
        annotations=notes,
    )


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
