"""Ways in which people and data sets write the same question."""

import re
from random import Random

from core.embedded_training.questions.vocabulary import NUMBER_WORDS

_SMALL_NUMBER = re.compile(r"(?<![\d.$,/])(?:[2-9]|1\d|20)(?![\d.,/]*\d)(?=[.,]? [a-z])")
_DOLLARS = re.compile(r"\$ ?(\d+(?:\.\d+)?)")
_TENTHS = re.compile(r"(?<=[$€£])(\d+\.\d)(?!\d)")
_AS_MONEY = ("{} dollars", "{} dollars", "{} euros", "{} euro", "€{}", "£{}", "{} pounds", "{}$")
_WHOLE = re.compile(r"(?<![\d.])\d+(?![\d.]*\d)")
_MARKS = re.compile(r"\s*([.,?!])(?=\s|$)")


def vary(text: str, random: Random) -> str:
    """Write a question as someone might type it or a data set might print it."""
    if random.random() < 0.3:
        money = random.choice(_AS_MONEY)
        text = _DOLLARS.sub(lambda match: money.format(match.group(1)), text)
    if random.random() < 0.7:
        text = _TENTHS.sub(r"\g<1>0", text)
    if random.random() < 0.2:
        text = _spell(text, random)
    style = random.random()
    if style < 0.2:
        text = text.lower()
    elif style < 0.34:
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


def _spell(text: str, random: Random) -> str:
    """Write one small number as a word, or all of them."""
    found = list(_SMALL_NUMBER.finditer(text))
    if not found:
        return text
    chosen = found if random.random() < 0.4 else [random.choice(found)]
    for match in reversed(chosen):
        word = NUMBER_WORDS[int(match.group())]
        text = f"{text[: match.start()]}{word}{text[match.end() :]}"
    return text
