"""The legend below a figure of policies, as HTML."""

from html import escape

import pandas as pd

from core.evaluation.frontier import exhaustive_row
from core.policies import label_of
from demo.figures.accuracy import shown_policies
from demo.figures.look import styles


def legend_html(rows: pd.DataFrame, axis: str) -> str:
    """Symbols and names of the policies that are drawn against a cost.

    Without exhaustive prompting the figure names its policies itself, and the legend is empty.
    """
    if exhaustive_row(rows) is None:
        return ""
    entries = "".join(
        f'<li><span style="color:{styles()[policy][0]}" aria-hidden="true">'
        f"{styles()[policy][2]}</span> {escape(label_of(policy))}</li>"
        for policy in reversed(shown_policies(rows, axis))
    )
    return f'<ul class="legend">{entries}</ul>'
