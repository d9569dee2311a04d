"""Texts that were sent whole, taken apart into what all of them share and the question in each."""

import re
from collections.abc import Sequence
from itertools import takewhile

from core.prompts import SLOT

_FEWEST = 5
"""Different texts that show what they share by more than chance."""
_MOST_REPEATED = 0.5
"""Of prompts without their queries only a few differ."""
_ENDS = re.compile(r"\n|:\s|(?<=[.?!])\s")
"""Where a question may begin in what texts begin with alike."""
_BEGINS = re.compile(r"\n|(?<=[.?!])\s")
"""Where it may end in what they end with alike."""


def are_rendered(texts: Sequence[str]) -> bool:
    """Whether texts are what was sent, each with its question, and not a few prompts."""
    return len(set(texts)) >= max(_FEWEST, _MOST_REPEATED * len(texts))


def taken_apart(texts: Sequence[str]) -> tuple[str, list[str]] | None:
    """Part texts into one template and their questions.

    Template and question part at the end of a line or sentence, so that words with which all
    questions happen to begin stay with them.

    Args:
        texts: What was sent, one for each row.

    Returns:
        The template with ``SLOT`` in it and the questions in order; None where they share no whole
        line or sentence.
    """
    distinct = list(dict.fromkeys(texts))
    begun = _beginning(distinct)
    ends = [match.end() for match in _ENDS.finditer(begun)]
    before = begun[: ends[-1]] if ends else ""
    rest = [text[len(before) :] for text in distinct]
    ended = _beginning([text[::-1] for text in rest])[::-1]
    begins = _BEGINS.search(ended)
    after = ended[begins.start() :] if begins else ""
    if not (before.strip() or after.strip()):
        return None
    queries = [text[len(before) : len(text) - len(after)] for text in texts]
    return f"{before}{SLOT}{after}", queries


def _beginning(texts: Sequence[str]) -> str:
    """What all texts begin with; of sorted texts the first and the last share no more."""
    pairs = zip(min(texts), max(texts), strict=False)
    return "".join(sign for sign, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
