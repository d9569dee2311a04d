"""What the figures share: colours, symbols, whiskers, what a mark tells, and the frame."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.policies import entries, label_of
from demo.labels import between, dollars, percent, signed, signed_between

# Okabe and Ito's palette, safe for colour-blind readers; symbols say the same once more.
# The glyph stands for the symbol in the legend below the figure. Later ones are drawn on top.
_STYLES: dict[str, tuple[str, str, str]] = {
    "capped-consistency": ("#A64D79", "triangle-right", "▶"),
    "checked-consistency": ("#B5651D", "triangle-left", "◀"),
    "early-stopping": ("#2A8C8C", "triangle-down", "▼"),
    "difficulty-adaptive": ("#5F7FC4", "diamond-open", "◇"),
    "confidence-vote": ("#C0504D", "square-open", "□"),
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
_SPARE = ("#6B7F2A", "pentagon", "⬟")
"""Of a policy that has no style of its own."""
HEIGHT = 480
MUTED = "#808590"
MUTED_TEXT = "#5b6270"
GRID = "rgba(128,133,144,0.2)"
# What is left is zooming; the page has its own buttons for pictures, with a title and a source.
_NO_BUTTONS = ["pan", "select", "lasso", "autoScale", "toImage"]


def styles() -> dict[str, tuple[str, str, str]]:
    """Colour, symbol and glyph of every policy that is drawn, in drawing order."""
    others = [
        entry.name
        for entry in entries().values()
        if entry.shown != "tables" and entry.deployable and entry.name not in _STYLES
    ]
    return dict.fromkeys(others, _SPARE) | _STYLES


def whiskers(rows: pd.DataFrame, colour: str) -> dict[str, Any]:
    """Error bars in percent from a frame's accuracy, accuracy_low and accuracy_high."""
    return {
        "type": "data",
        "symmetric": False,
        "array": (100 * (rows["accuracy_high"] - rows["accuracy"])).tolist(),
        "arrayminus": (100 * (rows["accuracy"] - rows["accuracy_low"])).tolist(),
        "color": colour,
        "thickness": 1.2,
        "width": 4,
    }


def hovers(rows: pd.DataFrame) -> list[str]:
    """A hover label per frontier row, tokens included."""
    return [_hover(row) for row in rows.to_dict("records")]


def _hover(row: Mapping[str, Any]) -> str:
    """Everything that is known of a frontier row, as lines for a hover label."""
    setting = "" if pd.isna(row["parameter"]) else f" ({row['parameter']:g})"
    tokens = "tokens not recorded"
    if not pd.isna(row["tokens"]):
        tokens = (
            f"{row['tokens']:,.0f} tokens ({row['prompt_tokens']:,.0f} in, "
            f"{row['completion_tokens']:,.0f} out)"
        )
    lines = [
        f"<b>{label_of(row['policy'])}</b>{setting}",
        f"accuracy {percent(row['accuracy'])} ({between(row)})",
    ]
    for column, name in (("minus_exhaustive", "exhaustive"), ("minus_best_single", "best single")):
        if not pd.isna(row[column]) and row[f"{column}_low"] != row[f"{column}_high"]:
            interval = signed_between(row, column)
            lines.append(f"{signed(row[column])} points against {name} ({interval})")
    lines.append(f"{row['calls']:.2f} calls · {tokens}")
    if pd.isna(row["dollars_per_1000"]):
        lines.append("dollars not known")
    else:
        lines.append(
            f"{dollars(row['dollars_per_1000'])} per 1,000 queries, "
            f"{dollars(row['dollars_per_1000'] / 1000 / row['accuracy'])} per correct answer"
        )
    return "<br>".join([*lines, f"{row['n']:,} queries, recorded"])


def figure(traces: list[dict[str, Any]], layout: dict[str, Any]) -> go.Figure:
    """A figure whose properties are not checked, which would take a third of its making.

    A test checks them for every comparison that is shipped.
    """
    return go.Figure(traces, layout, _validate=False)


def dressed(**layout: Any) -> dict[str, Any]:
    """A layout with the page's font, margins and transparent ground; what is given comes first."""
    return {
        "template": {},
        "height": HEIGHT,
        "autosize": True,
        "margin": {"l": 56, "r": 16, "t": 24, "b": 56},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": 13, "color": "#41464f"},
        # The legend stands below the figure as text, where it can wrap on a telephone.
        "showlegend": False,
        "hoverlabel": {"align": "left"},
        # A finger that moves over the figure scrolls the page.
        "dragmode": False,
        "modebar": {"remove": _NO_BUTTONS, "orientation": "v", "bgcolor": "rgba(0,0,0,0)"},
    } | layout


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with a quiet grid."""
    return {"title": {"text": title}, "zeroline": False, "showgrid": True, "gridcolor": GRID} | more
