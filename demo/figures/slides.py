"""The figure as it leaves the page: with a title and a source, on white, for a slide."""

from html import escape

import plotly.graph_objects as go

from demo.figures.look import MUTED_TEXT

WIDTH, HEIGHT = 1600, 900
SCALE = 1.5
"""Drawn at two thirds of the size and enlarged, so that text is large on a slide."""
_INK = "#22262e"
_BELOW = 176
"""Pixels below the axes for their title, the legend and the source."""


def slide(figure: go.Figure, claim: str, title: str, source: str) -> go.Figure:
    """A copy that stands alone: title, legend and source inside, light whatever the page is.

    Args:
        figure: A figure of the page.
        claim: What it says, in a sentence.
        title: What it shows, in a line.
        source: Where the numbers come from; lines parted by ``<br>``.
    """
    copy = go.Figure(figure)
    for trace in copy.data:
        trace.showlegend = trace.name is not None
    # Where policies are named on an axis there are no lines, and a legend would repeat the names.
    curves = any(trace.mode == "lines" for trace in copy.data)
    copy.update_layout(
        title={
            "text": f"<b>{claim}</b>",
            "subtitle": {"text": title, "font": {"size": 14}},
            "x": 0.02,
            "xanchor": "left",
            "font": {"size": 20},
        },
        font={"size": 14, "color": _INK},
        paper_bgcolor="white",
        plot_bgcolor="white",
        height=None,
        margin={"l": 76, "r": 40, "t": 112, "b": _BELOW},
        showlegend=curves,
        legend={
            "orientation": "h",
            "x": 0,
            "yref": "container",
            "y": 0.115,
            "yanchor": "bottom",
            "font": {"size": 14},
            "itemsizing": "constant",
            "traceorder": "reversed",
        },
    )
    copy.update_xaxes(title_standoff=8)
    copy.add_annotation(
        text=source,
        xref="paper",
        yref="paper",
        x=0,
        y=0,
        xanchor="left",
        yanchor="bottom",
        yshift=8 - _BELOW,
        showarrow=False,
        align="left",
        font={"size": 13, "color": MUTED_TEXT},
    )
    return copy


def stand_alone(figure: go.Figure, title: str) -> str:
    """A slide's figure as one HTML file that needs no network; some five megabytes.

    Equal figures give equal files.
    """
    page = figure.to_html(
        include_plotlyjs=True,
        full_html=True,
        # Plotly would draw an id by lot.
        div_id="figure",
        default_height="95vh",
        config={"displaylogo": False, "responsive": True},
    )
    return page.replace("<head>", f"<head><title>{escape(title)}</title>", 1)
