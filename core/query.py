"""What a query may be, and which queries are alike but for their numbers."""

import re

from core.errors import DataError

QUERY_LIMIT = 10_000
"""Characters; longer questions are refused where people type them."""

_MASKABLE = re.compile(r"\d+(?:[.,]\d+)*")
_BLANKS = re.compile(r"\s+")


def is_text(value: str) -> bool:
    """Whether a text can be written down; halves of a character, which JSON lets pass, cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def check_query(query: str) -> str:
    """Return the question without outer blanks.

    Raises:
        DataError: it is no text, empty or longer than ``QUERY_LIMIT``.
    """
    if not isinstance(query, str) or not is_text(query):
        raise DataError(f"The question is {str(query)[:40]!r}; it must be a text.")
    query = query.strip()
    if not query:
        raise DataError("The question is empty. Write an arithmetic question.")
    if len(query) > QUERY_LIMIT:
        raise DataError(
            f"The question has {len(query):,} characters; at most {QUERY_LIMIT:,} are allowed."
        )
    return query


def masked(query: str) -> str:
    """The question in lower case with numbers as "#" and single blanks.

    Questions that differ in their numbers alone get the same text, so it tells which belong
    together when a log is split.
    """
    return _BLANKS.sub(" ", _MASKABLE.sub("#", query.lower())).strip()
