"""Tells a published question about other persons and things, which leaves its equation true."""

import re
from random import Random

from core.embedded_training.questions import vocabulary

_WORD = re.compile(r"[A-Za-z]+")
_HE, _SHE = (
    frozenset(name.lower() for name in names)
    for names in (
        (*vocabulary.HE, *vocabulary.MORE_HE),
        (*vocabulary.SHE, *vocabulary.MORE_SHE),
    )
)
_THINGS = frozenset(one for one in vocabulary.THINGS if " " not in one and one[-1] == "s")
_ODD = ("ches", "shes", "sses", "oes", "ves")
"""Ends of plurals that are more than an s longer than the singular."""
_END = re.compile(r"(?<=[.?!]) +")
_ASIDE_CHANCE, _QUESTION_FIRST_CHANCE, _THINGS_CHANCE = 0.12, 0.06, 0.5


def varied(text: str, random: Random) -> str:
    """Exchange names by names of the same sex and things by things, everywhere alike.

    Now and then a sentence that does not matter is put before the question, or the question is
    put first.

    Args:
        text: A question with its numbers.
        random: Source of every choice.
    """
    words = {word.lower() for word in _WORD.findall(text)}
    exchanged = _names(words, random)
    if random.random() < _THINGS_CHANCE:
        exchanged |= _things(words, random)
    text = _WORD.sub(lambda match: _like(match.group(), exchanged), text)
    sentences = _END.split(text.strip())
    if len(sentences) > 1 and sentences[-1].endswith("?"):
        if random.random() < _ASIDE_CHANCE:
            sentences.insert(random.randrange(1, len(sentences)), _aside(words, random))
        elif random.random() < _QUESTION_FIRST_CHANCE:
            sentences.insert(0, sentences.pop())
    return " ".join(sentences)


def _names(words: set[str], random: Random) -> dict[str, str]:
    exchanged: dict[str, str] = {}
    for known, names in ((_HE, vocabulary.HE), (_SHE, vocabulary.SHE)):
        found = sorted(words & known)
        free = [name for name in names if name.lower() not in words]
        exchanged |= dict(zip(found, random.sample(free, len(found)), strict=True))
    return exchanged


def _things(words: set[str], random: Random) -> dict[str, str]:
    """Plural nouns and their singulars; one of a question, so that kinds stay different."""
    regular = sorted(one for one in _THINGS if not one.endswith(_ODD))
    found = [word for word in regular if word in words]
    if not found:
        return {}
    old = random.choice(found)
    new = random.choice([word for word in regular if word not in words and word[-3:] != "ies"])
    if old.endswith("ies"):
        return {old: new, f"{old[:-3]}y": new[:-1]}
    return {old: new, old[:-1]: new[:-1]}


def _like(word: str, exchanged: dict[str, str]) -> str:
    """The word put in this word's place, with a capital where this one has it."""
    new = exchanged.get(word.lower())
    if new is None:
        return word
    return new.capitalize() if word[0].isupper() else new.lower()


def _aside(words: set[str], random: Random) -> str:
    name = random.choice([one for one in vocabulary.HE if one.lower() not in words])
    thing = random.choice([one for one in vocabulary.THINGS if one not in words])
    number, place = random.randint(2, 60), random.choice(vocabulary.PLACES)
    return random.choice(
        (
            f"{name} is {number} years old.",
            f"{name} has {number} {thing}.",
            f"The {place} is {number} miles away.",
            f"There are also {number} {thing} in the {place}.",
        )
    )
