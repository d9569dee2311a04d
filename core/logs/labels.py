"""Whether each answer of a log is right: said by the file, by a score, or seen from the gold."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.errors import DataError
from core.grading.kinds import NUMBERS, Kind, kind_of
from core.logs.checks import codes_of, is_nothing, number_of
from core.logs.problems import Fault


@dataclass(frozen=True)
class Labelled:
    """Rows whose answers are graded.

    Attributes:
        table: The rows.
        graded: In words how; empty where the file said it.
        faults: Correct answers that are not of the kind of most, where they are needed.
    """

    table: pd.DataFrame
    graded: str = ""
    faults: tuple[Fault, ...] = ()


def with_labels(table: pd.DataFrame, correct_from: float | None, source: str) -> Labelled:
    """Fill in what a file leaves out: ``correct`` from a score or from gold, and short answers.

    Where gold is a choice or a label, answers are read as such, so that they can be voted on.

    Args:
        table: Rows of a log.
        correct_from: From which score on an answer is right.
        source: Name of the file, for messages.

    Raises:
        DataError: the scores are no truth and nobody said from which on an answer is right.
    """
    golds = _texts(table, "gold")
    labelled = Labelled(table)
    if "correct" in table.columns:
        labelled = _of_scores(table, correct_from, source)
    if golds is None:
        return labelled
    said = _texts(table, "predicted_answer") or _texts(table, "answer")
    if said is None:
        return labelled
    kind = kind_of([gold for gold in golds if gold is not None])
    read = [None if text is None else kind.answer(text) for text in said]
    if "correct" not in table.columns:
        labelled = _of_gold(table, golds, read, kind)
    if kind is NUMBERS:
        return labelled
    column = pd.Series(read, table.index, dtype=object)
    return replace(labelled, table=labelled.table.assign(predicted_answer=column))


def _texts(table: pd.DataFrame, column: str) -> list[str | None] | None:
    """The cells of a column as texts, None where there is no such column or nothing in it."""
    if column not in table.columns:
        return None
    cells = [None if is_nothing(cell) else str(cell).strip() for cell in table[column].tolist()]
    return cells if any(cell is not None for cell in cells) else None


def _of_gold(
    table: pd.DataFrame, golds: list[str | None], read: list[str | None], kind: Kind
) -> Labelled:
    """Rows graded by their correct answers."""
    known = [None if gold is None else kind.gold(gold) for gold in golds]
    right = [gold is not None and gold == answer for gold, answer in zip(known, read, strict=True)]
    unread = sum(answer is None for answer in read)
    rest = f"; {unread:,} could not be read and count as wrong" if unread else ""
    bad = np.array([gold is None for gold in known], dtype=bool)
    rule = f"must be one of the {kind.name}, as most correct answers are"
    fault = Fault("gold", bad, golds, rule)
    return Labelled(
        table.assign(correct=right),
        f"answers were compared with gold, as {kind.name}{rest}",
        (fault,) if bad.any() else (),
    )


def _of_scores(table: pd.DataFrame, correct_from: float | None, source: str) -> Labelled:
    """Rows whose file says what is right, by a truth or a score."""
    codes, cells = codes_of(table["correct"])
    scores = [number_of(value) for value in cells]
    if correct_from is not None:
        right = [None if score is None else score >= correct_from for score in scores]
        labelled = [cell if one is None else one for cell, one in zip(cells, right, strict=True)]
        graded = f"a score from {correct_from:g} on counts as right"
        column = pd.Series(labelled, dtype=object).take(codes).set_axis(table.index)
        return Labelled(table.assign(correct=column), graded)
    between = [score for score in scores if score is not None and score not in (0, 1)]
    if between:
        raise DataError(
            f"{source} has scores such as {between[0]:g} where true or false is needed. Say from "
            "which score on an answer is right: in the terminal `--correct-from 0.5`, on the page "
            "under Columns."
        )
    return Labelled(table)
