"""Stories of several events, each told as a sentence of its own or many in one sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from core.embedded_training.questions import vocabulary
from core.embedded_training.questions.expressions import Expression, Operation, Symbol, value
from core.embedded_training.questions.grammar import DRAWS, Drawn, filled
from core.embedded_training.questions.phrases import phrases, read
from core.embedded_training.questions.vocabulary import Cast

_TRIES = 100
_EVENTS = {"gain": 4, "lose": 6, "gain_packs": 2, "lose_packs": 3, "lose_part": 2, "double": 0.3}


@dataclass(frozen=True)
class _Subject:
    """Who acts.

    Attributes:
        name: At the start of the story.
        again: In later sentences.
        does: For questions.
        singular: Whether the first form of a phrase fits, as with he and she.
    """

    name: str
    again: str
    does: str
    singular: bool


class _Story:
    """What has been told so far, and the expression for how many there are now."""

    def __init__(self, random: Random, unseen: bool, cast: Cast) -> None:
        self.random, self.unseen, self.cast = random, unseen, dict(cast.words)
        self.subject = _subject(random, self.cast)
        if self.subject.name != cast.words["n"]:
            self.cast["pos"] = _POSSESSIVES.get(self.subject.again, self.cast["pos"])
        self.past = not self.subject.singular or random.random() < 0.55
        self.deeds: list[str] = []
        self.now: Expression = Fraction(0)

    def do(self, name: str, **numbers: Drawn | Fraction) -> None:
        """Tell an event."""
        present, past = self._both(name)
        self.deeds.append(self._fill(past if self.past else present, numbers))

    def ask(self, name: str) -> str:
        """A question about the end."""
        return self._fill(self._draw(name), {})

    def aside(self) -> str:
        """A sentence that does not matter."""
        number = Fraction(self.random.randint(2, 60))
        words = {"year": str(self.random.randint(1980, 2030))}
        return self._fill(
            self._draw("aside").replace("{s:Cap}", self.subject.again), {"x": number}, words
        )

    def _both(self, name: str) -> tuple[str, str]:
        phrase = self._draw(name)
        depth = 0
        for place, sign in enumerate(phrase):
            depth += (sign == "[") - (sign == "]")
            if sign == "|" and not depth:
                return phrase[:place], phrase[place + 1 :]
        raise ValueError(f"{phrase!r} has one form only")

    def _draw(self, name: str) -> str:
        return _PHRASES[name].draw(self.random, self.unseen)

    def _fill(
        self,
        phrase: str,
        numbers: Mapping[str, Drawn | Fraction],
        more: Mapping[str, str] | None = None,
    ) -> str:
        drawn = {
            key: one if isinstance(one, Drawn) else Drawn(one, {}) for key, one in numbers.items()
        }
        again = self.subject.again
        said = again if again == "I" else again.lower()
        words = {**self.cast, "s": self.random.choice((said, said, self._name())), **(more or {})}
        words["does"] = self.subject.does
        return filled(phrase, self.random, words, drawn)

    def _name(self) -> str:
        name = self.subject.name
        common = name.split()[0] in ("A", "The", "My", "We")
        return name[0].lower() + name[1:] if common else name

    def told(self) -> str:
        """All events, in one sentence or in several."""
        first, *later = self.deeds
        style = self.random.random()
        begin = f"{self.subject.name} {first}"
        if style < 0.4 and later:
            middle = "".join(f", {deed}" for deed in later[:-1])
            joint = self.random.choice((" and", " and then", ", then", " and"))
            return f"{begin}{middle}{joint} {later[-1]}."
        again = self.subject.again
        sentences = [f"{begin}."]
        for deed in later:
            start = self.random.choice((again, again, again, "Then", "Later", "After that"))
            said = again if again == "I" else again.lower()
            sentences.append(f"{start} {deed}." if start == again else f"{start} {said} {deed}.")
        return " ".join(sentences)


_POSSESSIVES = {"I": "my", "We": "our", "They": "their", "She": "her", "He": "his"}


def _subject(random: Random, cast: Mapping[str, str]) -> _Subject:
    style = random.random()
    if style < 0.55:
        return _Subject(cast["n"], cast["P"], "does", True)
    if style < 0.72:
        return _Subject("I", "I", "do", False)
    if style < 0.82:
        return _Subject("We", "We", "do", False)
    if style < 0.88:
        return _Subject(f"{cast['n']} and {cast['m']}", "They", "do", False)
    if style < 0.95:
        role = random.choice(vocabulary.ROLES)
        return _Subject(role, cast["P"], "does", True)
    again = "She" if cast["rel"] in vocabulary.FEMALE_RELATIVES else "He"
    return _Subject(f"My {cast['rel']}", again, "does", True)


_PHRASES = {name: phrases(table) for name, table in read("chains.toml").items()}


def chain(random: Random, unseen: bool, cast: Cast, distraction: float) -> tuple[str, Expression]:
    """Tell a story of one to four events; returns it and the expression that answers it."""
    story = _Story(random, unseen, cast)
    _begin(story)
    for _ in range(random.choices((0, 1, 2, 3), (2, 6, 4, 1))[0]):
        _event(story)
    ask = _end(story)
    if story.now == value(story.now):
        # Nothing has been computed yet.
        _event(story, ("gain", "lose"))
    question = story.ask(ask)
    told = story.told()
    if random.random() < distraction:
        told = f"{told} {story.aside()}" if random.random() < 0.6 else f"{story.aside()} {told}"
    return f"{told} {question}", story.now


def _begin(story: _Story) -> None:
    random = story.random
    shape = random.choices(("have", "packs", "kinds"), (4, 5, 2))[0]
    if shape == "have":
        count = _count(random)
        story.do("have", a=count)
        story.now = count
        return
    small = DRAWS["small"](random).number
    first = small if shape == "packs" else _count(random)
    second = vocabulary.factor(random) if shape == "packs" else _count(random)
    story.do(shape, a=first, b=second)
    story.now = Operation("×" if shape == "packs" else "+", first, second)


def _event(story: _Story, among: tuple[str, ...] = tuple(_EVENTS)) -> None:
    random, now = story.random, value(story.now)
    for _ in range(_TRIES):
        name = random.choices(among, [_EVENTS[one] for one in among])[0]
        if name == "gain":
            count = _count(random)
            story.do(name, c=count)
            story.now = Operation("+", story.now, count)
            return
        if name == "lose" and now > 2:
            count = Fraction(random.randint(1, min(int(now) - 1, 99)))
            story.do(name, c=count)
            story.now = Operation("-", story.now, count)
            return
        if name in ("gain_packs", "lose_packs"):
            packs, each = DRAWS["small"](random).number, Fraction(random.randint(2, 20))
            if name == "gain_packs" or packs * each < now:
                story.do(name, c=packs, d=each)
                symbol: Symbol = "+" if name == "gain_packs" else "-"
                story.now = Operation(symbol, story.now, Operation("×", packs, each))
                return
        if name == "lose_part":
            part = DRAWS["part"](random)
            if now % part.number == 0 and now > part.number:
                story.do(name, w=part)
                story.now = _less_part(story.now, part.number)
                return
        if name == "double":
            story.do(name)
            story.now = Operation("×", story.now, Fraction(2))
            return


def _count(random: Random) -> Fraction:
    """A number of things: of a hundred and more only seldom."""
    count = vocabulary.number(random)
    return count if count < 100 or random.random() < 0.2 else Fraction(random.randint(2, 60))


def _less_part(now: Expression, whole: Fraction) -> Expression:
    if whole == 2:
        return Operation("÷", now, whole)
    return Operation("-", now, Operation("÷", now, whole))


def _end(story: _Story) -> str:
    """Perhaps share, pack or sell what is there; returns the name of the question to ask."""
    random, now = story.random, value(story.now)
    shape = random.choices(("left", "share", "pack", "sell"), (6, 1.5, 1, 1.5))[0]
    if shape == "sell":
        price = Fraction(random.randint(2, 12))
        story.do("sell", d=price)
        story.now = Operation("×", story.now, price)
        return "ask_sell"
    divisors = [each for each in range(2, 21) if now % each == 0 and now > each]
    if shape == "left" or not divisors:
        return "ask_left"
    among = Fraction(random.choice(divisors))
    story.do(shape, d=among)
    story.now = Operation("÷", story.now, among)
    return f"ask_{shape}"
