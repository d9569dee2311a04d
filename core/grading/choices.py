"""Read which choice of several an answer takes: A, (b), "The answer is C."."""

import re

from core.grading.reply import reply

_LETTER = r"(?P<letter>[A-J])"
_ALONE = re.compile(rf"\W*(?:(?:final )?answer|option|choice)?\W*{_LETTER}\W*", re.IGNORECASE)
_STATED = (
    re.compile(rf"\\boxed\{{\W*{_LETTER}\W*\}}"),
    # "The answer is a number" and "Answer: I think" name none: what goes on in small letters.
    re.compile(
        r"(?i:\b(?:answer|choice|option)\b(?:\s+(?:is|would be|should be))?)\W*?"
        rf"\b{_LETTER}\b(?!['’]|\s+(?!(?:because|since|as|and)\b)[a-z])"
    ),
    re.compile(rf"\({_LETTER}\)", re.IGNORECASE),
    re.compile(rf"^\W*{_LETTER}[.):]", re.MULTILINE),
)
"""Signs of a statement, the surest first; of several the last one counts."""


def is_choice(text: str) -> bool:
    """Whether a text is a letter from A to J and nothing else: A, (b), "Answer: C."."""
    return _ALONE.fullmatch(text) is not None


def read_choice(text: str) -> str | None:
    """The choice that an answer takes, in capitals; None where it states none.

    Thoughts before the reply are left out, as they are for numbers.
    """
    said = reply(text)
    alone = _ALONE.fullmatch(said)
    if alone is not None:
        return alone["letter"].upper()
    for sign in _STATED:
        found = list(sign.finditer(said))
        if found:
            return found[-1]["letter"].upper()
    return None
