"""One row per policy, for logs without answers, where there is no curve to draw."""

import pandas as pd
import plotly.graph_objects as go

from demo.figure_look import GRID, MUTED, MUTED_TEXT, STYLES, dress, hover, whiskers
from demo.story import one_row
from demo.words import LABELS


def policies_as_rows(frame: pd.DataFrame, shown: list[str]) -> go.Figure:
    """Accuracy from left to right, policies from bottom to top.

    Args:
        frame: Frontier rows of one comparison, with tokens.
        shown: The policies to draw.
    """
    figure = go.Figure()
    for policy in sorted(shown, key=lambda name: one_row(frame, name)["accuracy"]):
        row = frame[frame["policy"] == policy]
        colour, symbol, _ = STYLES[policy]
        calls = row["calls"].iloc[0]
        figure.add_scatter(
            x=100 * row["accuracy"],
            y=[f"{LABELS[policy]}<br>{calls:.0f} call{'s' if calls > 1 else ''}"],
            error_x=whiskers(row, colour),
            mode="markers",
            marker={"symbol": symbol, "color": colour, "size": 13},
            name=LABELS[policy],
            text=[hover(item) for _, item in row.iterrows()],
            hovertemplate="%{text}<extra></extra>",
        )
    _add_oracle(figure, frame)
    figure.update_xaxes(title="accuracy, %", zeroline=False, gridcolor=GRID)
    figure.update_yaxes(showgrid=False, automargin=True)
    dress(figure)
    figure.update_layout(height=150 + 62 * len(shown))
    return figure


def _add_oracle(figure: go.Figure, frame: pd.DataFrame) -> None:
    oracle = one_row(frame, "oracle")
    if oracle is None:
        return
    figure.add_vline(
        x=100 * oracle["accuracy"],
        line={"dash": "dash", "color": MUTED, "width": 1.5},
        # Above the rows, so that it covers no whisker on a telephone.
        annotation={
            "text": f"oracle {100 * oracle['accuracy']:.0f} %: needs the answers",
            "font": {"color": MUTED_TEXT},
            "yanchor": "bottom",
            "xanchor": "right",
            "xshift": 6,
        },
        annotation_position="top left",
    )
