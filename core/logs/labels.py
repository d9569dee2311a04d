"""Whether each answer of a log is right: said by the file, by a score, or seen from the gold."""

from collections.abc import Callable

import pandas as pd

from core.errors import DataError
from core.grading.choices import is_choice, read_choice
from core.grading.final_answer import canonical, extract, parse_gold
from core.logs.checks import TRUTH, is_nothing, number_of

_LONGEST_LABEL = 60
"""Characters of an answer that is compared as a text; a longer one is talk."""
Reader = Callable[[str], str | None]


def with_labels(
    table: pd.DataFrame, correct_from: float | None, source: str
) -> tuple[pd.DataFrame, str]:
    """Fill in what a file leaves out: ``correct`` from a score or from gold, and short answers.

    Where gold is a choice or a label, answers are read as such, so that they can be voted on.

    Args:
        table: Rows of a log.
        correct_from: From which score on an answer is right.
        source: Name of the file, for messages.

    Returns:
        The table, and in words how it was graded; empty where the file said it.

    Raises:
        DataError: the scores are no truth and nobody said from which on an answer is right.
    """
    graded, golds = "", _texts(table, "gold")
    kind = None if golds is None else _kind(golds)
    said = _texts(table, "predicted_answer") or _texts(table, "answer")
    read = None
    if kind is not None and said is not None:
        word, reader = kind
        read = [None if text is None else reader(text) for text in said]
    if "correct" in table.columns:
        table, graded = _of_scores(table, correct_from, source)
    elif read is not None and golds is not None:
        right = [
            answer is not None and gold is not None and answer == reader(gold)
            for answer, gold in zip(read, golds, strict=True)
        ]
        unread = sum(answer is None for answer in read)
        rest = f"; {unread:,} could not be read and count as wrong" if unread else ""
        graded = f"answers were compared with gold, as {word}{rest}"
        table = table.assign(correct=right)
    if read is not None and word != "numbers":
        table = table.assign(predicted_answer=pd.Series(read, table.index, dtype=object))
    return table, graded


def _texts(table: pd.DataFrame, column: str) -> list[str | None] | None:
    """The cells of a column as texts, None where there is no such column or nothing in it."""
    if column not in table.columns:
        return None
    cells = [None if is_nothing(cell) else str(cell).strip() for cell in table[column].tolist()]
    return cells if any(cell is not None for cell in cells) else None


def _kind(golds: list[str | None]) -> tuple[str, Reader]:
    """What the correct answers of a log are, in words, and what reads an answer of that kind."""
    known = {gold for gold in golds if gold is not None}
    if all(map(_is_number, known)):
        return "numbers", _read_number
    if all(map(is_choice, known)):
        return "choices", read_choice
    return "texts", _read_label


def _is_number(gold: str) -> bool:
    try:
        parse_gold(gold)
    except DataError:
        return False
    return True


def _read_number(text: str) -> str | None:
    # A correct answer may be a whole solution, which ends in its number.
    value = parse_gold(text) if _is_number(text) else extract(text)
    return None if value is None else canonical(value)


def _read_label(text: str) -> str | None:
    """A short text as it is compared: in small letters, without what stands around it."""
    lowered = " ".join(text.lower().split()).strip(" .\"'")
    if len(lowered) > _LONGEST_LABEL:
        return None
    return str(TRUTH.get(lowered, lowered)).lower()


def _of_scores(
    table: pd.DataFrame, correct_from: float | None, source: str
) -> tuple[pd.DataFrame, str]:
    scores = [number_of(value) for value in table["correct"].tolist()]
    if correct_from is not None:
        right = [None if score is None else score >= correct_from for score in scores]
        cells = table["correct"].tolist()
        labelled = [cell if one is None else one for cell, one in zip(cells, right, strict=True)]
        return table.assign(correct=labelled), f"a score from {correct_from:g} on counts as right"
    between = [score for score in scores if score is not None and score not in (0, 1)]
    if between:
        raise DataError(
            f"{source} has scores such as {between[0]:g} where true or false is needed. Say from "
            "which score on an answer is right: `--correct-from 0.5`."
        )
    return table, ""
