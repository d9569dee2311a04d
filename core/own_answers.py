"""What the answers of an own log say, so that votes over them can be replayed."""

import pandas as pd

from core.answers import canonical, extract

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
    given = _texts(table["predicted_answer"])
    texts = _texts(table["answer"])
    number = {text: _number(text) for text in texts[given.isna()].dropna().unique()}
    predicted = given.where(given.notna(), texts.map(number)).astype(object)
    if predicted.notna().mean() < _FEWEST_READ:
        return None
    return table.assign(
        # An answer without a text counts as one that says nothing.
        answer=texts.where(texts.notna(), ""),
        predicted_answer=predicted.where(predicted.notna(), None),
    )


def _texts(column: pd.Series) -> pd.Series:
    """Stripped texts, None where there is none."""
    texts = column.astype(object).where(column.notna(), None)
    texts = texts.map(lambda value: None if value is None else str(value).strip() or None)
    return texts.astype(object)


def _number(text: str) -> str | None:
    value = extract(text)
    return None if value is None else canonical(value)
