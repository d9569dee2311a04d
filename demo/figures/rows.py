"""One row per policy, for logs without answers, where there is no curve to draw."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.evaluation.frontier import one_row
from core.policies import label_of
from demo.figures.look import MUTED, MUTED_TEXT, axis, dressed, figure, hovers, styles, whiskers


def policies_as_rows(frame: pd.DataFrame, shown: list[str]) -> go.Figure:
    """Accuracy from left to right, policies from bottom to top.

    Args:
        frame: Frontier rows of one comparison, with tokens.
        shown: The policies to draw.
    """
    traces = []
    for policy in sorted(shown, key=lambda name: one_row(frame, name)["accuracy"]):
        row = frame[frame["policy"] == policy]
        colour, symbol, _ = styles()[policy]
        calls = row["calls"].iloc[0]
        traces.append(
            {
                "x": (100 * row["accuracy"]).tolist(),
                "y": [f"{label_of(policy)}<br>{calls:.0f} call{'s' if calls > 1 else ''}"],
                "error_x": whiskers(row, colour),
                "mode": "markers",
                "marker": {"symbol": symbol, "color": colour, "size": 13},
                "name": label_of(policy),
                "text": hovers(row),
                "hovertemplate": "%{text}<extra></extra>",
            }
        )
    layout = dressed(
        xaxis=axis("accuracy, %"),
        yaxis={"showgrid": False, "automargin": True},
        height=150 + 62 * len(shown),
        **_oracle(one_row(frame, "oracle")),
    )
    return figure(traces, layout)


def _oracle(oracle: pd.Series | None) -> dict[str, Any]:
    """A dashed line and its name, above the rows so that it covers no whisker on a telephone."""
    if oracle is None:
        return {}
    place = 100 * oracle["accuracy"]
    line = {"dash": "dash", "color": MUTED, "width": 1.5}
    across = {"xref": "x", "yref": "paper", "x0": place, "x1": place, "y0": 0, "y1": 1}
    name = {
        "text": f"oracle {place:.0f} %: needs the answers",
        "x": place,
        "y": 1,
        "xref": "x",
        "yref": "paper",
        "xanchor": "right",
        "yanchor": "bottom",
        "xshift": 6,
        "showarrow": False,
        "font": {"color": MUTED_TEXT},
    }
    return {"shapes": [{"type": "line", "line": line, **across}], "annotations": [name]}
