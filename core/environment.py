"""Numbers that are set in the environment; a variable that is empty counts as not set."""

import math
import os
from collections.abc import Callable

from core.errors import DataError


def number(variable: str, fits: Callable[[float], bool], allowed: str) -> float | None:
    """The number in a variable, None where it is not set.

    Args:
        variable: Its name.
        fits: Whether a number is allowed; NaN never is.
        allowed: The same in words.

    Raises:
        DataError: it holds something else; the message names it.
    """
    said = os.environ.get(variable, "").strip()
    if not said:
        return None
    try:
        value = float(said)
    except ValueError:
        value = math.nan
    if not fits(value):
        raise DataError(f"{variable} is {said!r}; allowed: {allowed}.")
    return value
