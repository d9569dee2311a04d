"""Ways in which people and data sets write the same question."""

import re
from random import Random

_NUMBER_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six",
    "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip
_SMALL_NUMBER = re.compile(r"(?<![\d.$,])(?:[2-9]|1[0-2])(?![\d.,]*\d)(?= [a-z])")
_WHOLE = re.compile(r"(?<![\d.])\d+(?![\d.]*\d)")
_MARKS = re.compile(r"\s*([.,?!])(?=\s|$)")


def vary(text: str, random: Random) -> str:
    """Write a question as someone might type it or a data set might print it."""
    if random.random() < 0.12:
        text = _spell_one(text, random)
    style = random.random()
    if style < 0.15:
        text = text.lower()
    elif style < 0.3:
        text = spaced(text)
        if random.random() < 0.5:
            text = _WHOLE.sub(lambda match: f"{match.group()}.0", text)
        if random.random() < 0.6:
            text = text.lower()
    if random.random() < 0.1:
        text = text.rstrip(" ?.")
    return text


def spaced(text: str) -> str:
    """Put a blank before every punctuation mark, as tokenised data sets do."""
    return _MARKS.sub(r" \1", text)


def plain(text: str) -> str:
    """The usual typography of a tokenised question: no blank before marks, a capital first."""
    text = re.sub(r" (?=[.,?!'%])", "", text)
    return re.sub(r"(^|[.?!] )([a-z])", lambda match: match.group(1) + match.group(2).upper(), text)


def _spell_one(text: str, random: Random) -> str:
    """Write one small number as a word."""
    found = list(_SMALL_NUMBER.finditer(text))
    if not found:
        return text
    match = random.choice(found)
    word = _NUMBER_WORDS[int(match.group())]
    return f"{text[: match.start()]}{word}{text[match.end() :]}"
