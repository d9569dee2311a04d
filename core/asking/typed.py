"""What can be known of a typed question before any LLM: whether it computes, and a bare sum."""

import re

from core.errors import DataError
from core.grading.equations import expression_value
from core.grading.final_answer import canonical

_NUMBER_WORDS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
    "sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety "
    "hundred thousand million billion dozen half third quarter twice double triple pair couple"
)
_NUMBER_WORD = re.compile(
    rf"(?<![^\W\d_])(?:{'|'.join(_NUMBER_WORDS.split())})s?(?![^\W\d_])", re.IGNORECASE
)
_ASKED = re.compile(
    r"^\s*(?:(?:please\s+)?(?:what(?:\s+is|['’]s)|how\s+much\s+(?:is|are)|calculate|compute|solve"
    r"|evaluate|work\s+out))?\s*[:,]?\s*(?P<expression>.*?)\s*(?:=\s*)?[?.!]*\s*$",
    re.IGNORECASE | re.DOTALL,
)


def check_computes(query: str) -> str:
    """Return a question in which there is something to compute.

    Raises:
        DataError: it has neither a number nor a number word.
    """
    if not any(sign.isnumeric() for sign in query) and not _NUMBER_WORD.search(query):
        raise DataError(
            "There is nothing to compute in this question: it has no number. No prompt was ranked "
            "and no LLM asked. Write an arithmetic question, such as “Tom has 3 boxes of 12 "
            "pencils and gives away 5. How many are left?”"
        )
    return query


def value_of(query: str) -> str | None:
    """The answer to an expression typed bare, as in "12*7+3" or "What is 15% of 80?".

    Returns:
        It as ``canonical`` writes numbers; None for any question that is more than an expression.
    """
    match = _ASKED.match(query)
    value = expression_value(match["expression"]) if match else None
    return None if value is None else canonical(value)
