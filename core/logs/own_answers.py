"""What the answers of an own log say, so that votes over them can be replayed."""

import pandas as pd

from core.grading.final_answer import canonical, extract
from core.logs.checks import is_nothing

_FEWEST_READ = 0.5
"""With a smaller share of readable answers a vote over them means nothing."""


def read_answers(table: pd.DataFrame) -> pd.DataFrame | None:
    """Fill ``predicted_answer`` from ``answer`` where it is missing.

    A predicted answer that was logged is taken as it stands; otherwise this project's reader takes
    the final number from the answer's text.

    Args:
        table: Demonstrations with the columns answer and predicted_answer.

    Returns:
        The table with both columns filled, predicted_answer None where there was no number, or
        None when fewer than half of the rows have one.
    """
    given, texts = _texts(table["predicted_answer"]), _texts(table["answer"])
    # Equal answers are read once.
    numbers: dict[str | None, str | None] = {None: None}
    numbers |= {text: _number(text) for text in set(texts) if text is not None}
    predicted = [
        numbers[text] if answer is None else answer
        for answer, text in zip(given, texts, strict=True)
    ]
    if sum(answer is not None for answer in predicted) < _FEWEST_READ * len(table):
        return None
    columns = {
        # An answer without a text counts as one that says nothing.
        "answer": [text or "" for text in texts],
        "predicted_answer": predicted,
    }
    return table.assign(
        **{name: pd.Series(cells, table.index, object) for name, cells in columns.items()}
    )


def _texts(column: pd.Series) -> list[str | None]:
    """Stripped texts, None where there is none."""
    return [None if is_nothing(value) else str(value).strip() for value in column.tolist()]


def _number(text: str) -> str | None:
    value = extract(text)
    return None if value is None else canonical(value)
