"""Readers of final numbers side by side on the answers of a log, without a new call."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np
import pandas as pd

from core.errors import DataError
from core.grading.final_answer import canonical, grade, parse_gold
from core.grading.readers import Reader


def compare_readers(
    answers: Sequence[str], golds: Sequence[object], readers: Mapping[str, Reader]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read every answer with every reader.

    Args:
        answers: Texts.
        golds: Correct answers, None where nobody noted one.
        readers: By name; the first is what the others are compared with.

    Returns:
        A row per reader: the share of answers with a number (read), the share right of those with
        a gold that is a number (right, NaN without one), how many it reads otherwise than the
        first (differs), and of these where it alone is right (gained) or the first (lost). And a
        row per answer that not all read alike: its place, gold, and a column per reader.
    """
    read = {name: [_read(reader, text) for text in answers] for name, reader in readers.items()}
    correct = [_gold(gold) for gold in golds]
    known = np.array([gold is not None for gold in correct], dtype=bool)
    right = {name: _right(found, correct) for name, found in read.items()}
    first = next(iter(readers))
    rows = []
    for name, found in read.items():
        pairs = zip(found, read[first], strict=True)
        rows.append(
            {
                "reader": name,
                "read": float(np.mean([value is not None for value in found])),
                "right": float(right[name][known].mean()) if known.any() else float("nan"),
                "differs": sum(one != other for one, other in pairs),
                "gained": int((right[name] & ~right[first]).sum()),
                "lost": int((right[first] & ~right[name]).sum()),
            }
        )
    return pd.DataFrame(rows), _differing(read, golds)


def _right(found: Sequence[Fraction | None], golds: Sequence[Fraction | None]) -> np.ndarray:
    pairs = zip(found, golds, strict=True)
    return np.array([gold is not None and grade(value, gold) for value, gold in pairs], dtype=bool)


def _differing(
    read: Mapping[str, Sequence[Fraction | None]], golds: Sequence[object]
) -> pd.DataFrame:
    places = [
        place for place in range(len(golds)) if len({found[place] for found in read.values()}) > 1
    ]
    columns: dict[str, list[object]] = {
        "row": [place + 1 for place in places],
        "gold": [golds[place] for place in places],
    }
    for name, found in read.items():
        columns[name] = [_written(found[place]) for place in places]
    return pd.DataFrame(columns)


def _read(reader: Reader, text: str) -> Fraction | None:
    return reader(text) if text else None


def _gold(gold: object) -> Fraction | None:
    if gold is None or gold != gold:
        return None
    try:
        return parse_gold(str(gold))
    except DataError:
        return None


def _written(value: Fraction | None) -> str:
    return "" if value is None else canonical(value)
