"""What the answers to a log's queries are, and how those of each kind are read and compared."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from fractions import Fraction

from core.errors import DataError, UnknownNameError
from core.grading.choices import is_choice, read_choice
from core.grading.final_answer import canonical, extract, grade, parse_gold

TRUTH = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
_LONGEST_TEXT = 60
"""Characters of an answer that is compared as a text; a longer one is talk."""
_MOST = 0.5
"""With a larger share of correct answers of a kind the others are slips."""
Reader = Callable[[str], str | None]


@dataclass(frozen=True)
class Kind:
    """A kind of answer.

    Attributes:
        name: Of several, in words.
        one: Of one.
        gold, answer: Read a correct answer and an LLM's; None where it is none of the kind.
    """

    name: str
    one: str
    gold: Reader
    answer: Reader

    @property
    def none(self) -> str:
        """What is said of an answer without one."""
        return f"no {self.one.removeprefix('a ')}"

    def is_right(self, answer: str | None, gold: str) -> bool | None:
        """Whether an answer that was read is right, None where gold is none of the kind."""
        right = self.gold(gold)
        if right is None:
            return None
        if self is NUMBERS:
            return grade(None if answer is None else Fraction(answer), gold)
        return answer == right


def _number(text: str) -> str | None:
    """A correct answer, which may be a whole solution that ends in its number."""
    try:
        return canonical(parse_gold(text))
    except DataError:
        return None


def _last_number(text: str) -> str | None:
    value = extract(text)
    return None if value is None else canonical(value)


def _choice(text: str) -> str | None:
    return read_choice(text) if is_choice(text) else None


def _text(text: str) -> str | None:
    """A short text as it is compared: in small letters, without what stands around it."""
    lowered = " ".join(text.lower().split()).strip(" .\"'")
    if not lowered or len(lowered) > _LONGEST_TEXT:
        return None
    return str(TRUTH.get(lowered, lowered)).lower()


NUMBERS = Kind("numbers", "a number", _number, _last_number)
CHOICES = Kind("choices", "a choice", _choice, read_choice)
TEXTS = Kind("texts", "a short text", _text, _text)
_KINDS = {kind.name: kind for kind in (NUMBERS, CHOICES, TEXTS)}


def kind_of(golds: Collection[str]) -> Kind:
    """The kind of most correct answers, each counted once."""
    known = set(golds)
    for kind in (NUMBERS, CHOICES):
        if sum(kind.gold(gold) is not None for gold in known) > _MOST * len(known):
            return kind
    return TEXTS


def kind_called(name: str) -> Kind:
    """The kind of a name.

    Raises:
        UnknownNameError: there is none.
    """
    if name not in _KINDS:
        raise UnknownNameError("kind of answers", name, tuple(_KINDS))
    return _KINDS[name]
