"""What is written into the dashboard's figure: the two ends of the story, and the arrow."""

from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.frontier import as_good, compared, exhaustive_row, one_row
from core.policies import label_of
from demo.figures.look import MUTED, MUTED_TEXT

Note = dict[str, Any]
_UNITS = {"calls": "fewer calls", "tokens": "fewer tokens", "dollars": "cheaper"}
_SHORTEST_ARROW = 1.3
"""Times as dear; below that the arrow is hardly longer than its head, and its words hide a name."""


def names(frame: pd.DataFrame, column: str, told: pd.Series) -> list[Note]:
    """Name best-of-N and exhaustive prompting beyond their intervals, and the row that is told."""
    best, exhaustive = one_row(frame, "best-of-n"), exhaustive_row(frame)
    single = one_row(frame, "best-single")
    # Keep the name off the mark of the best single prompt, which costs one call as well.
    above = single is None or best["accuracy"] >= single["accuracy"]
    # Against tokens the random prompt stands to the right of it, at times as high as the name.
    chance = one_row(frame, "random")
    near = chance is not None and chance["accuracy_high"] > best["accuracy_low"] - 0.01
    aside = near and not above and column != "calls"
    side, shift = ("right", (8, -4)) if aside else ("left", (14, -6))
    shift = (-8, 2) if above else shift
    if exhaustive is None:
        # Then nothing is drawn to the right of it, and there is no room.
        side, above, shift = "right", True, (8, 2)
    # Curves come to the exhaustive end from the left and above; the ground below it is free.
    return [
        *_name(best, column, "best-of-N", above, side, shift),
        *_name(exhaustive, column, "exhaustive", False, "center", (0, -14)),
        *_told(told, column),
    ]


def _told(row: pd.Series, column: str) -> list[Note]:
    """The name of the told row to the upper left of its mark, where no cheaper policy is."""
    if row["policy"] == "best-of-n" or pd.isna(row[column]):
        return []
    return [
        {
            "x": np.log10(row[column]),
            "y": 100 * row["accuracy"],
            "text": f"<b>{label_of(row['policy'])}</b>",
            "showarrow": False,
            "xanchor": "right",
            "yanchor": "bottom",
            "xshift": -10,
            "yshift": 6,
        }
    ]


def _name(
    row: pd.Series | None, column: str, name: str, above: bool, anchor: str, shift: tuple[int, int]
) -> list[Note]:
    if row is None or pd.isna(row[column]):
        return []
    note = {
        "x": np.log10(row[column]),
        "y": 100 * row["accuracy_high" if above else "accuracy_low"],
        "text": f"<b>{name}</b>",
        "showarrow": False,
        "xanchor": anchor,
        "yanchor": "bottom" if above else "top",
        "xshift": shift[0],
        "yshift": shift[1],
    }
    return [note]


def oracle(
    place: float, *, upright: bool = False, beyond: bool = False
) -> tuple[list[dict[str, Any]], Note]:
    """A dashed line at an accuracy that no policy can reach, since it needs the answers.

    Args:
        place: Accuracy in percent.
        upright: Whether accuracy goes from left to right.
        beyond: Whether it lies above the figure, which then says so without a line.

    Returns:
        The line as a shape where it is drawn, and its name.
    """
    dash = {"dash": "dash", "color": MUTED, "width": 1.5}
    if upright:
        ends = {"xref": "x", "yref": "paper", "x0": place, "x1": place, "y0": 0, "y1": 1}
        # Above the rows, so that it covers no whisker on a telephone.
        at = {"xref": "x", "yref": "paper", "x": place, "y": 1, "xanchor": "right", "xshift": 6}
    else:
        ends = {"xref": "paper", "yref": "y", "x0": 0, "x1": 1, "y0": place, "y1": place}
        at = {"xref": "paper", "x": 0, "y": place, "xanchor": "left"}
    name = {
        "text": f"oracle {place:.0f} %: needs the answers",
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"color": MUTED_TEXT},
    }
    if beyond:
        # In the margin, where no arrow comes.
        above = {"yref": "paper", "y": 1, "xshift": 30}
        edge = above | {"text": f"↑ {name['text']}"}
        return [], name | at | edge
    return [{"type": "line", "line": dash} | ends], name | at


def arrow(frame: pd.DataFrame, told: pd.Series, column: str, axis: str) -> list[Note]:
    """An arrow from exhaustive prompting to the told policy where that does as well with less."""
    exhaustive = exhaustive_row(frame)
    if exhaustive is None or pd.isna(told[column]) or told.name not in as_good(frame).index:
        return []
    times = exhaustive[column] / told[column]
    if not times > _SHORTEST_ARROW:
        return []
    start, end = np.log10(exhaustive[column]), np.log10(told[column])
    # Above all bands on its way, so that neither hides the other.
    drawn = frame[compared(frame) & frame[column].between(told[column], exhaustive[column])]
    height = 100 * drawn["accuracy_high"].max()
    line = {
        "x": end,
        "y": height,
        "ax": start,
        "ay": height,
        "xref": "x",
        "yref": "y",
        "axref": "x",
        "ayref": "y",
        "yshift": 8,
        "arrowhead": 2,
        "arrowwidth": 2,
        "arrowcolor": MUTED,
        "text": "",
    }
    words = {
        # It may be longer than the arrow on a telephone; to the left there is room.
        "x": start,
        "y": height,
        "xanchor": "right",
        "yanchor": "bottom",
        "yshift": 12,
        "text": f"<b>{times:.1f}× {_UNITS[axis]}</b>",
        "showarrow": False,
    }
    return [line, words]
