"""What changes on the Savings tab, packed for the browser, which puts it in place.

Gradio makes every output of an event anew, changed or not, which takes it about two milliseconds
each, and draws a plot that changes twice, the first time into the one that it throws away. So all
that is only shown travels in one output, and the browser draws a figure where the last one stood.
"""

from typing import Any

import plotly.graph_objects as go
from gradio.components.plot import PlotData

FIGURES = ("plot", "prompt_plot", "reliability_plot")
"""The dashboard's figure comes first; it is drawn first."""
TEXTS = (
    "notice",
    "headline",
    "protocol_note",
    "cards",
    "caption",
    "source",
    "message",
    "price_note",
    "bill",
    "prompt_note",
    "reliability_note",
    "rows",
)


def place(name: str, html: str) -> str:
    """HTML in an element that the browser finds by the name of the part."""
    return f'<div data-part="{name}">{html}</div>'


def figure_id(name: str) -> str:
    """The id of the element in which a figure is drawn."""
    return f"savings-{name.replace('_', '-')}"


def drawn(figure: go.Figure) -> PlotData:
    """A figure as Gradio sends it, turned to text once however often it is asked for."""
    return PlotData(type="plotly", plot=figure.to_json())


def packed(parts: dict[str, Any]) -> dict[str, Any]:
    """The parts of the page with those that are only shown as one, ``parcel``.

    Args:
        parts: By name, those that change.
    """
    figures: dict[str, PlotData] = {name: parts[name] for name in FIGURES if name in parts}
    parcel = {
        "address": parts.get("address", {}),
        "texts": {name: parts[name] for name in TEXTS if name in parts},
        # As text: Gradio would look for files in every number of a figure.
        "figures": [[figure_id(name), figure.plot] for name, figure in figures.items()],
    }
    shown = {"address", *TEXTS, *FIGURES}
    kept = {name: part for name, part in parts.items() if name not in shown}
    return kept | {"parcel": parcel}
