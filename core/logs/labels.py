"""Whether each answer of a log is right: said by the file, by a score, or seen from the gold."""

import re

import pandas as pd

from core.errors import DataError
from core.grading.final_answer import extract, grade, parse_gold
from core.logs.checks import TRUTH, is_nothing, number_of

_CHOICE = re.compile(r"\W*(?:(?:answer|option|choice)\W+)?(?P<letter>[A-Za-z])\W*", re.IGNORECASE)


def with_labels(
    table: pd.DataFrame, correct_from: float | None, source: str
) -> tuple[pd.DataFrame, str]:
    """Fill the column ``correct`` in where a file has a score or the correct answers instead.

    Args:
        table: Rows of a log.
        correct_from: From which score on an answer is right.
        source: Name of the file, for messages.

    Returns:
        The table, and in words how it was graded; empty where the file said it.

    Raises:
        DataError: the scores are no truth and nobody said from which on an answer is right.
    """
    if "correct" in table.columns:
        return _of_scores(table, correct_from, source)
    said = next((name for name in ("predicted_answer", "answer") if name in table.columns), None)
    if said is None or "gold" not in table.columns:
        return table, ""
    pairs = list(zip(table[said].tolist(), table["gold"].tolist(), strict=True))
    read = [_is_right(answer, gold) for answer, gold in pairs]
    unread = sum(right is None for right in read)
    rest = f"; {unread:,} could not be read and count as wrong" if unread else ""
    graded = f"{said} was compared with gold, as numbers or else as texts{rest}"
    return table.assign(correct=[bool(right) for right in read]), graded


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


def _is_right(answer: object, gold: object) -> bool | None:
    """Whether an answer is the correct one; None where either cannot be read."""
    if is_nothing(gold) or is_nothing(answer):
        return None
    said, known = str(answer).strip(), str(gold).strip()
    try:
        number = parse_gold(known)
    except DataError:
        return _plain(said) == _plain(known)
    value = extract(said)
    return None if value is None else grade(value, str(number))


def _plain(text: str) -> str:
    """A short text as it is compared: A, (a) and "Answer: A." are one."""
    choice = _CHOICE.fullmatch(text)
    if choice is not None:
        return choice["letter"].lower()
    lowered = " ".join(text.lower().split()).strip(" .")
    return str(TRUTH.get(lowered, lowered))
