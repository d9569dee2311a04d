"""Makes training questions less tidy: unknown words, words that do not matter, slips of typing."""

import re
from collections.abc import Callable
from random import Random

from core.embedded_training.questions import vocabulary
from core.embedded_training.questions.grammar import filled
from core.embedded_training.questions.phrases import lines, read

_STORED = read("rewording.toml")
_STRANGE_THINGS, _STRANGE_NAMES, _STRANGE_PLACES, _KEPT = (
    tuple(_STORED[name].split()) for name in ("things", "names", "places", "kept")
)
_SCENES, _STARTS, _ASKS, _BEFORE_NUMBERS = (
    lines(_STORED[name]) for name in ("scenes", "starts", "asks", "before_numbers")
)
_NAMES = frozenset(
    name.lower()
    for names in (vocabulary.SHE, vocabulary.HE, vocabulary.MORE_SHE, vocabulary.MORE_HE)
    for name in names
)
_THINGS = frozenset(one for one in vocabulary.THINGS if " " not in one and one.endswith("s"))
_PLACES = frozenset(vocabulary.PLACES)
_WORD = re.compile(r"[A-Za-z]+")
_LONG_WORD = re.compile(r"\b[a-z]{5,}\b")
_SMALL_WORD = re.compile(r"\b(?:a|an|the|of|does|do|is|are|has|in|his|her) ")
_END = re.compile(r"(?<=[.?!]) +")
_AMOUNT = re.compile(r"(?<=[a-z] )(?=\d+ [a-z])")
_STARTED = ("A ", "An ", "The ", "There ", "He ", "She ", "They ", "We ", "It ", "Each ", "Then ")
"""Begins of sentences that are written small when something stands before them."""
_ASKED = ("How ", "What ")
_SYLLABLES = tuple(_STORED["syllables"].split())
_MADE_UP_CHANCE = 0.4
_CHANCES = (0.3, 0.12, 0.1, 0.1, 0.08, 0.08, 0.06, 0.08)


def reworded(text: str, random: Random) -> str:
    """Tell a question less tidily; its numbers and what it asks stay.

    Args:
        text: A question with its numbers.
        random: Source of every choice.
    """
    if len(text.split()) < 5:
        return text
    for change, chance in zip(_CHANGES, _CHANCES, strict=True):
        if random.random() < chance:
            text = change(text, random)
    return text


def with_strange_words(text: str, random: Random) -> str:
    """Put words that are rare or made up in place of names, things and places: everywhere alike."""
    words = {word.lower() for word in _WORD.findall(text)}
    exchanged: dict[str, str] = {}
    for known, strange in (
        (_NAMES, _STRANGE_NAMES),
        (_THINGS, _STRANGE_THINGS),
        (_PLACES, _STRANGE_PLACES),
    ):
        for old in sorted(words & known):
            if random.random() < 0.6:
                new = _strange(strange, random)
                exchanged[old] = new
                if known is _THINGS:
                    exchanged |= _singular(old, new)
    return _WORD.sub(lambda match: _like(match.group(), exchanged), text)


def _strange(words: tuple[str, ...], random: Random) -> str:
    if random.random() >= _MADE_UP_CHANCE:
        return random.choice(words).lower()
    made_up = "".join(random.choices(_SYLLABLES, k=random.choice((2, 2, 3))))
    return f"{made_up}{random.choice(('', 'n', 'r', 'k', 't'))}{'s' * (words is _STRANGE_THINGS)}"


def _singular(old: str, new: str) -> dict[str, str]:
    return {} if old.endswith(("es", "ss")) else {old[:-1]: new.removesuffix("s")}


def _like(word: str, exchanged: dict[str, str]) -> str:
    new = exchanged.get(word.lower(), word)
    return new[0].upper() + new[1:] if word[0].isupper() else new


def with_scene(text: str, random: Random) -> str:
    """Put a sentence that sets a scene before the question or after its first sentence."""
    sentences = _END.split(text)
    scene = filled(random.choice(_SCENES), random, {}, {})
    sentences.insert(random.choice((0, 0, 1)) if len(sentences) > 1 else 0, scene)
    return " ".join(sentences)


def with_start(text: str, random: Random) -> str:
    """Begin with words such as "Yesterday" where the first sentence tells something."""
    if text.startswith(_ASKED):
        return text
    return f"{random.choice(_STARTS)} {_small(text)}"


def with_asking(text: str, random: Random) -> str:
    """Put words such as "Tell me" before the last sentence."""
    *told, last = _END.split(text)
    return " ".join([*told, random.choice(_ASKS), _small(last)])


def with_filler(text: str, random: Random) -> str:
    """Put a word such as "exactly" before a number."""
    places = [match.start() for match in _AMOUNT.finditer(text)]
    if not places:
        return text
    place = random.choice(places)
    return f"{text[:place]}{random.choice(_BEFORE_NUMBERS)} {text[place:]}"


def in_one_sentence(text: str, random: Random) -> str:
    """Join the sentences with commas, at times as "If …, how many …"."""
    sentences = [sentence.rstrip(" .") for sentence in _END.split(text)]
    if len(sentences) < 2 or "?" in "".join(sentences[:-1]):
        return text
    first, *later = sentences
    if sentences[-1].startswith(_ASKED) and not first.startswith(_ASKED) and random.random() < 0.5:
        first = f"{random.choice(('If', 'if', 'When'))} {_small(first)}"
    return ", ".join([first, *map(_small, later)])


def without_small_words(text: str, random: Random) -> str:
    """Leave out articles and the like, as in notes."""
    return _SMALL_WORD.sub(lambda match: "" if random.random() < 0.6 else match.group(), text)


def with_slip(text: str, random: Random) -> str:
    """Type one or two long words with a slip."""
    words = sorted(set(_LONG_WORD.findall(text)) - set(_KEPT))
    for word in random.sample(words, min(len(words), random.choice((1, 1, 2)))):
        text = re.sub(rf"\b{word}\b", _slipped(word, random), text, count=1)
    return text


def _slipped(word: str, random: Random) -> str:
    place = random.randrange(1, len(word) - 1)
    before, one, other, after = word[:place], word[place], word[place + 1], word[place + 2 :]
    return random.choice(
        (
            f"{before}{other}{one}{after}",
            f"{before}{one}{after}",
            f"{before}{one}{one}{other}{after}",
        )
    )


def _small(sentence: str) -> str:
    """The sentence as it goes on after other words."""
    if sentence.startswith((*_STARTED, *_ASKED)):
        return sentence[0].lower() + sentence[1:]
    return sentence


_CHANGES: tuple[Callable[[str, Random], str], ...] = (
    with_strange_words,
    with_scene,
    with_start,
    with_asking,
    with_filler,
    in_one_sentence,
    without_small_words,
    with_slip,
)
