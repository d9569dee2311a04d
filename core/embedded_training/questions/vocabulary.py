"""Names, things and numbers that the project's own questions are about."""

from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from core.embedded_training.questions.phrases import read

_STORED: dict[str, Any] = read("vocabulary.toml")


def _words(name: str) -> tuple[str, ...]:
    """A list of words; its lines are divided by blanks, or by | where words have blanks."""
    text = _STORED[name]
    return tuple(text.replace("\n", "").split("|") if "|" in text else text.split())


SHE = _words("she")
HE = _words("he")
MORE_SHE = _words("more_she")
MORE_HE = _words("more_he")
"""Names that published questions have too."""
THINGS = _words("things")
CONTAINERS = _words("containers")
RELATIVES = _words("relatives")
PRICED = _words("priced")
PLACES = _words("places")
PEOPLE = _words("people")
VEHICLES = _words("vehicles")
DAYS = _words("days")
ROLES = _words("roles")
ANIMALS = _words("animals")
NUMBER_WORDS = _words("number_words")
AS = _words("as")
COLOURS = _words("colours")
PARTS = dict(enumerate(_words("parts"), start=2))
"""Words for parts of a whole by how many make it up."""
FEMALE_RELATIVES = frozenset(_words("female_relatives"))
UNITS: list[tuple[str, str, int]] = [tuple(unit) for unit in _STORED["units"]]
"""A larger unit, a smaller one, and how many of it make up the larger one."""
_ONE = {
    "mice": "mouse",
    "geese": "goose",
    "ponies": "pony",
    "butterflies": "butterfly",
    "wolves": "wolf",
    "foxes": "fox",
}


@dataclass(frozen=True)
class Cast:
    """Who and what a question is about."""

    words: dict[str, str]

    @classmethod
    def draw(cls, random: Random) -> "Cast":
        """Choose two persons, two things and everything else that a phrase may name."""
        she = random.random() < 0.5
        name = _name(she, random)
        other_she = random.random() < 0.5
        other = _name(other_she, random, name)
        things = random.sample(THINGS, 2)
        colours = random.sample(COLOURS, 2)
        days = random.sample(DAYS, 2)
        animals = random.choice(ANIMALS)
        subject, possessive, objective = ("she", "her", "her") if she else ("he", "his", "him")
        return cls(
            {
                "n": name,
                "p": subject,
                "P": subject.capitalize(),
                "pos": possessive,
                "Pos": possessive.capitalize(),
                "obj": objective,
                "m": other,
                "mp": "she" if other_she else "he",
                "Mp": "She" if other_she else "He",
                "o": things[0],
                "O": things[0].capitalize(),
                "o2": things[1],
                "box": random.choice(CONTAINERS),
                "rel": random.choice(RELATIVES),
                "item": random.choice(PRICED),
                "item2": random.choice(PRICED),
                "place": random.choice(PLACES),
                "people": random.choice(PEOPLE),
                "vehicle": random.choice(VEHICLES),
                "animals": animals,
                "animal": _ONE.get(animals, animals.removesuffix("s")),
                "day": days[0],
                "day2": days[1],
                "col": colours[0],
                "col2": colours[1],
            }
        )


def _name(she: bool, random: Random, taken: str = "") -> str:
    common, more = (SHE, MORE_SHE) if she else (HE, MORE_HE)
    names = common if random.random() < 0.5 else more
    return random.choice([one for one in names if one != taken])


def number(random: Random) -> Fraction:
    """A whole number as questions have them: mostly small, now and then in the hundreds."""
    size = random.random()
    if size < 0.45:
        return Fraction(random.randint(2, 20))
    if size < 0.85:
        return Fraction(random.randint(10, 100))
    return Fraction(random.randint(100, 999))


def factor(random: Random) -> Fraction:
    """A whole number to multiply or divide by."""
    return Fraction(random.randint(2, 12) if random.random() < 0.8 else random.randint(11, 60))


def measure(random: Random) -> Fraction:
    """A number with one or two decimals, a half more often than others."""
    size = random.random()
    if size < 0.3:
        return random.randint(1, 60) + Fraction(1, 2)
    if size < 0.7:
        return Fraction(random.randint(11, 600), 10)
    return Fraction(random.randint(101, 6000), 100)
