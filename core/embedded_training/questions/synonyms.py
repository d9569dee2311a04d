"""Exchanges words for others of the same meaning, as synonyms.toml lists them."""

import re
from collections.abc import Mapping
from functools import cache
from random import Random

from core.embedded_training.questions.phrases import lines, read

_CHANCE = 0.35
"""Of each word that has synonyms."""
_NUMBER_FOLLOWS = r"(?= (?:\$ ?)?\d)"


def exchanged(text: str, random: Random) -> str:
    """Put synonyms for some of the words: different ones for different words, everywhere alike.

    Args:
        text: A question with its numbers.
        random: Source of every choice.
    """
    pattern, groups = _known()
    chosen: dict[str, str] = {}
    for word in dict.fromkeys(found.lower() for found in pattern.findall(text)):
        taken = text.lower() + " ".join(chosen.values())
        free = [one for one in groups[word] if one not in taken]
        if free and random.random() < _CHANCE:
            chosen[word] = random.choice(free)

    def other(match: re.Match[str]) -> str:
        word = match.group()
        new = chosen.get(word.lower(), word)
        return new[0].upper() + new[1:] if word[0].isupper() else new

    return pattern.sub(other, text)


@cache
def _known() -> tuple[re.Pattern[str], Mapping[str, tuple[str, ...]]]:
    """What finds a word with synonyms, and the synonyms of each in the form that it has."""
    stored = read("synonyms.toml")
    owning = _by_form(stored["before_numbers"])
    anywhere = _by_form(stored["verbs"] | stored["others"])
    before = "|".join(_longest_first(owning))
    others = "|".join(_longest_first(anywhere))
    pattern = re.compile(rf"(?i)\b(?:(?:{before}){_NUMBER_FOLLOWS}|(?:{others})\b)")
    return pattern, anywhere | owning


def _longest_first(words: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [re.escape(word) for word in sorted(words, key=len, reverse=True)]


def _by_form(sets: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Every word with the words of its set that have the same form; the first set has it."""
    found: dict[str, tuple[str, ...]] = {}
    for text in sets.values():
        for forms in zip(*(line.split(",") for line in lines(text)), strict=True):
            for word in forms:
                found.setdefault(word, forms)
    return found
