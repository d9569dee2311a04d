"""What a question gives and asks for, as far as its answers are compared with it."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from core.grading.numbers import numbers
from core.grading.spelling import spelled_out

_SENTENCE = re.compile(r"(?<=[.?!])\s+")
_ASKED = re.compile(r"how (?:many|much)(?: more| fewer| less| total)?\s+(\w+)", re.IGNORECASE)
_MONEY = re.compile(
    r"[$€£]|\b(?:dollars?|cents?|cost|price|pay|spend|spent|earn\w*|money|profit)\b", re.IGNORECASE
)
_COMPARED = re.compile(r"\bmore|less|fewer|left|remain|difference", re.IGNORECASE)
_RATE = re.compile(r"\b(?:each|per|every)\b", re.IGNORECASE)
_SHARE = re.compile(r"\bhalf|twice|third|double|triple|times|quarter", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """Read from a question's text.

    Attributes:
        given: Its numbers.
        count: How many numbers it has.
        smallest, largest: Sizes of its numbers, 1 without any.
        noun: The thing that it asks for, singular, empty where that is not seen.
        money, much, compared: Whether it asks for money, "how much", or for a difference.
        rates, shares: How often it has "each" and such, and "half" and such.
        characters, sentences: Its length.
    """

    given: frozenset[Fraction]
    count: int
    smallest: float
    largest: float
    noun: str
    money: bool
    much: bool
    compared: bool
    rates: int
    shares: int
    characters: int
    sentences: int


@lru_cache(maxsize=4096)
def read_question(text: str) -> Question:
    """Read a question; recent ones are remembered."""
    given = [number.value for number in numbers(spelled_out(text))]
    sizes = [abs(float(value)) for value in given] or [1.0]
    sentences = [part for part in _SENTENCE.split(text) if part.strip()] or [text]
    asked = next((part for part in reversed(sentences) if "?" in part), sentences[-1])
    noun = _ASKED.search(asked)
    return Question(
        frozenset(given),
        len(given),
        min(sizes),
        max(sizes),
        "" if noun is None else _singular(noun[1].lower()),
        _MONEY.search(asked) is not None,
        "how much" in asked.lower(),
        _COMPARED.search(asked) is not None,
        len(_RATE.findall(text)),
        len(_SHARE.findall(text)),
        len(text),
        len(sentences),
    )


def _singular(noun: str) -> str:
    return noun[:-1] if noun.endswith("s") and len(noun) > 3 else noun
