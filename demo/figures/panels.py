"""Figures of single prompts and of calibration: a frame in, a Plotly figure out."""

import pandas as pd
import plotly.graph_objects as go

from core.prompts import PROMPTS
from demo.figures.look import MUTED, axis, dressed, figure, whiskers
from demo.labels import between, percent

_ACCENT = "#0072B2"
_NAMES = {prompt.id: prompt.label for prompt in PROMPTS}


def prompt_accuracy(prompts: pd.DataFrame) -> go.Figure:
    """A dot with its 95 % interval per prompt, the most accurate on top.

    Args:
        prompts: Rows of the prompts table of one LLM and data set.
    """
    rows = prompts.sort_values("accuracy")
    dots = {
        "x": (100 * rows["accuracy"]).tolist(),
        "y": [_NAMES.get(name, name) for name in rows["prompt_id"]],
        "error_x": whiskers(rows, _ACCENT),
        "mode": "markers",
        "marker": {"color": _ACCENT, "size": 9},
        "text": [_hover(row) for _, row in rows.iterrows()],
        "hovertemplate": "%{text}<extra></extra>",
    }
    names = {"showgrid": False, "automargin": True}
    return figure([dots], dressed(xaxis=axis("accuracy, %"), yaxis=names))


def _hover(row: pd.Series) -> str:
    tokens = "not recorded" if pd.isna(row["tokens"]) else f"{row['tokens']:,.0f} a call"
    return (
        f"<b>{_NAMES.get(row['prompt_id'], row['prompt_id'])}</b><br>"
        f"accuracy {percent(row['accuracy'])} ({between(row)})<br>"
        f"{row['n']:,} queries · tokens {tokens}"
    )


def prompt_sentence(prompts: pd.DataFrame) -> str:
    """The text alternative of ``prompt_accuracy``."""
    rows = prompts.sort_values("accuracy")
    worst, best = rows.iloc[0], rows.iloc[-1]
    return (
        f"Always the same prompt, over the whole log: “{_NAMES[best['prompt_id']]}” is right most "
        f"often, {percent(best['accuracy'])} of {best['n']:,} queries, "
        f"“{_NAMES[worst['prompt_id']]}” least, {percent(worst['accuracy'])}. Bars are 95 % "
        "intervals."
    )


def reliability(curve: pd.DataFrame) -> go.Figure:
    """Predicted chance against observed share right, with the diagonal of perfect calibration.

    Args:
        curve: Bins of one comparison with predicted, observed (both 0..1) and n.
    """
    top = 100 * float(curve[["predicted", "observed"]].max().max())
    end = min(100.0, top * 1.08)
    diagonal = {
        "x": [0, end],
        "y": [0, end],
        "mode": "lines",
        "line": {"dash": "dash", "color": MUTED, "width": 1.5},
        "hoverinfo": "skip",
    }
    bins = {
        "x": (100 * curve["predicted"]).tolist(),
        "y": (100 * curve["observed"]).tolist(),
        "mode": "lines+markers",
        "line": {"color": _ACCENT, "width": 2},
        "marker": {"size": 8},
        "text": [
            f"predicted {percent(row.predicted)}<br>right {percent(row.observed)}<br>"
            f"{row.n:,} predictions"
            for row in curve.itertuples()
        ],
        "hovertemplate": "%{text}<extra></extra>",
    }
    layout = dressed(
        xaxis=axis("predicted chance, %", range=[0, end]),
        yaxis=axis("share right, %", range=[0, end]),
    )
    return figure([diagonal, bins], layout)


def reliability_sentence(curve: pd.DataFrame, error: float) -> str:
    """The text alternative of ``reliability``.

    Args:
        curve: As for ``reliability``.
        error: Expected calibration error (0..1).
    """
    off = (curve["predicted"] - curve["observed"]).abs()
    worst = curve.loc[off.idxmax()]
    return (
        f"Chances that the reward model gave to questions it was not trained on are off by "
        f"{100 * error:.1f} points on average; at most "
        f"{100 * off.max():.1f}, where it predicted {percent(worst['predicted'])} and "
        f"{percent(worst['observed'])} were right. On the dashed line it would be exact."
    )
