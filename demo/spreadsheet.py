"""Cells that a spreadsheet takes as text, whatever they begin with."""

from typing import Any

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would run as a formula when a cell begins with it."""


def defused(cell: Any) -> Any:
    """The cell, a text that a spreadsheet would run marked as text; all else as it is."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
