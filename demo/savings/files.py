"""Files that leave the Savings tab, made when they are asked for: CSV, HTML, PNG, SVG."""

import hashlib
import json
import os
import shutil
import threading
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from core.evaluation.frontier import exhaustive_row
from demo.figures import accuracy
from demo.figures.slides import HEIGHT, SCALE, WIDTH, slide, stand_alone
from demo.findings import headline
from demo.savings.comparisons import View, told
from demo.savings.drawing import axis_of, rows_at
from demo.savings.rows_table import rows_csv
from demo.savings.text import slide_source, slide_title
from demo.savings.typed_prices import Money

MOST_FILES = 20
"""Files of all visitors that stay on the disk; at five megabytes each, 100 MB."""
_FOLDER = "savings"
_ONE_AT_A_TIME = threading.Lock()


def file_name(view: View) -> str:
    """A file name that says what is inside, without its ending."""
    return "-".join(("prompt-oirl", *view.key))


def csv_file(view: View, paid: Money, served: Path) -> str:
    """Write the rows of a view, dollars at the price in the fields; returns the path.

    Args:
        view: The comparison.
        paid: Prices.
        served: Folder from which the page serves files; what is there is not copied again.
    """
    return _written(served, f"{file_name(view)}.csv", rows_csv(rows_at(view, paid)))


def html_file(view: View, paid: Money, served: Path) -> str:
    """Write the figure as one HTML file that needs no network; arguments as of ``csv_file``."""
    figure, title = _slide(view, rows_at(view, paid))
    return _written(served, f"{file_name(view)}.html", stand_alone(figure, title))


def picture(view: View, paid: Money, kind: str) -> dict[str, Any]:
    """What the browser needs to draw the figure as a picture: ``Plotly.toImage``'s arguments.

    Args:
        view: The comparison.
        paid: Prices.
        kind: ``png`` or ``svg``.
    """
    figure, _ = _slide(view, rows_at(view, paid))
    return {
        "figure": json.loads(figure.to_json()),
        "name": file_name(view),
        "format": kind,
        "width": round(WIDTH / SCALE),
        "height": round(HEIGHT / SCALE),
        "scale": SCALE,
    }


def _slide(view: View, rows: pd.DataFrame) -> tuple[go.Figure, str]:
    axis = axis_of(rows, view)
    title = slide_title(view, axis, curves=exhaustive_row(rows) is not None)
    row = told(rows, view.calls)
    figure = accuracy.accuracy_against_cost(rows, axis, row, rivals=view.draws_rivals)
    # The claim itself tells no volume.
    claim = headline(rows, row, Money().volume).claim
    return slide(figure, claim, title, slide_source(rows, view)), title


def _written(served: Path, name: str, text: str) -> str:
    """Write a file in a folder named by its text, so that no visitor's file replaces another's.

    The oldest files make room.
    """
    folder = served / _FOLDER / hashlib.sha256(text.encode()).hexdigest()
    path = folder / name
    with _ONE_AT_A_TIME:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.write_text(text, "utf-8")
        # Its age counts from the latest wish for it.
        os.utime(path)
        os.utime(folder)
        made = sorted(folder.parent.iterdir(), key=lambda old: old.stat().st_mtime_ns)
        for old in made[:-MOST_FILES]:
            shutil.rmtree(old)
    return str(path)
