"""Everyday questions by kind, as kinds.toml lists them: numbers, an expression, ways to ask."""

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from random import Random

from core.embedded_training.questions import vocabulary
from core.embedded_training.questions.expressions import (
    Expression,
    Operation,
    Symbol,
    is_plain,
    show,
    steps,
)
from core.embedded_training.questions.expressions import value as evaluate
from core.embedded_training.questions.phrases import Phrases, phrases, read
from core.embedded_training.questions.vocabulary import Cast

_TRIES = 200
_MOST = 10**6
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_IDLE_BLANKS = re.compile(r"^ +| +(?=[ .,?!]|$)")
_FIELD = re.compile(r"\{(\w+)(?::(\w+))?\}")
_SYMBOLS: dict[type[ast.operator], Symbol] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "×",
    ast.Div: "÷",
    ast.FloorDiv: "div",
    ast.Mod: "mod",
}


@dataclass(frozen=True)
class Drawn:
    """A number, and words that stand for it, by the name after a field's colon."""

    number: Fraction
    words: Mapping[str, str]


@dataclass(frozen=True)
class _Kind:
    numbers: dict[str, ast.expr]
    answer: ast.expr
    where: ast.expr | None
    decimals: bool
    phrases: Phrases


def kind(random: Random, unseen: bool, cast: Cast) -> tuple[str, Expression]:
    """Draw an everyday question and the expression whose value answers it."""
    kinds, weights = _kinds()
    chosen = random.choices(kinds, weights)[0]
    for _ in range(_TRIES):
        drawn = _numbers(chosen, random)
        expression = _expression(chosen.answer, drawn)
        if _fits(chosen, drawn, expression):
            break
    else:
        raise RuntimeError(f"no numbers found for {chosen.phrases.seen[0]!r}")
    return filled(chosen.phrases.draw(random, unseen), random, cast.words, drawn), expression


def filled(
    phrase: str, random: Random, words: Mapping[str, str], drawn: Mapping[str, Drawn]
) -> str:
    """Decide the choices of a phrase and fill its fields.

    A choice may be of nothing, so blanks that stand alone then are left out.
    """
    while found := _CHOICE.search(phrase):
        chosen = random.choice(found.group(1).split("|"))
        phrase = f"{phrase[: found.start()]}{chosen}{phrase[found.end() :]}"
    phrase = _IDLE_BLANKS.sub("", phrase)

    def field(match: re.Match[str]) -> str:
        name, form = match.groups()
        if form == "parts":
            return parts(drawn["k"].number, drawn["w"].number, random)
        if form == "Parts":
            return _capital(parts(drawn["k"].number, drawn["w"].number, random))
        if form == "Part":
            return _capital(drawn[name].words["part"])
        if form:
            return drawn[name].words[form]
        return show(drawn[name].number) if name in drawn else words[name]

    return _FIELD.sub(field, phrase)


def parts(count: Fraction, whole: Fraction, random: Random) -> str:
    """Several parts of a whole in words or figures: "two thirds", "2/3"."""
    if random.random() < 0.3:
        return f"{count}/{whole}"
    number = vocabulary.NUMBER_WORDS[int(count)] if random.random() < 0.8 else str(count)
    part = vocabulary.PARTS[int(whole)]
    return f"{number} {part}{'s' if count > 1 else ''}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@cache
def _kinds() -> tuple[tuple[_Kind, ...], tuple[float, ...]]:
    stored = read("kinds.toml")
    kinds = []
    for one in stored.values():
        formulas = one["numbers"] | one.get("derived", {})
        kinds.append(
            _Kind(
                {name: _parsed(formula) for name, formula in formulas.items()},
                _parsed(one["answer"]),
                _parsed(one["where"]) if "where" in one else None,
                one.get("decimals", False),
                phrases(one),
            )
        )
    return tuple(kinds), tuple(one["weight"] for one in stored.values())


def _parsed(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


def _numbers(chosen: _Kind, random: Random) -> dict[str, Drawn]:
    drawn: dict[str, Drawn] = {}
    for name, formula in chosen.numbers.items():
        drawn[name] = _drawn(formula, drawn, random)
    return drawn


def _drawn(formula: ast.expr, known: Mapping[str, Drawn], random: Random) -> Drawn:
    """A number by a formula over draws ("small", "r(2,9)") and the numbers before it."""
    match formula:
        case ast.Name(name) if name in known:
            return known[name]
        case ast.Name(name):
            return DRAWS[name](random)
        case ast.Call(ast.Name("r"), [ast.Constant(int(low)), ast.Constant(int(high))]):
            return Drawn(Fraction(random.randint(low, high)), {})
        case ast.Constant(number):
            return Drawn(Fraction(str(number)), {})
        case ast.BinOp(left, sign, right):
            sides = [_drawn(side, known, random).number for side in (left, right)]
            return Drawn(evaluate(Operation(_SYMBOLS[type(sign)], *sides)), {})
    raise ValueError(f"{ast.unparse(formula)} is no formula for a number")


def _expression(formula: ast.expr, drawn: Mapping[str, Drawn]) -> Expression:
    match formula:
        case ast.Name(name):
            return drawn[name].number
        case ast.Constant(number):
            return Fraction(str(number))
        case ast.BinOp(left, sign, right):
            sides = _expression(left, drawn), _expression(right, drawn)
            return Operation(_SYMBOLS[type(sign)], *sides)
    raise ValueError(f"{ast.unparse(formula)} is no expression")


def _fits(chosen: _Kind, drawn: Mapping[str, Drawn], expression: Expression) -> bool:
    given = [one.number for one in drawn.values()]
    results = [step.result for step in steps(expression)]
    if not all(is_plain(number) and 0 < number < _MOST for number in [*given, *results]):
        return False
    whole = all(number.denominator == 1 for number in given)
    if whole and not chosen.decimals and results[-1].denominator != 1:
        return False
    match chosen.where:
        case ast.Compare(left, [sign], [right]):
            sides = [evaluate(_expression(side, drawn)) for side in (left, right)]
            return {
                ast.Lt: sides[0] < sides[1],
                ast.Eq: sides[0] == sides[1],
                ast.NotEq: sides[0] != sides[1],
            }[type(sign)]
    return True


def _plain(draw: Callable[[Random], Fraction]) -> Callable[[Random], Drawn]:
    return lambda random: Drawn(draw(random), {})


def _small(random: Random) -> Fraction:
    return Fraction(random.randint(2, 12))


def _price(random: Random) -> Fraction:
    size = random.random()
    if size < 0.6:
        return Fraction(random.randint(2, 20))
    if size < 0.85:
        return Fraction(random.randint(2, 40) * 5)
    return random.randint(1, 20) + Fraction(random.choice((25, 50, 50, 75, 20, 80)), 100)


def _money(random: Random) -> Fraction:
    if random.random() < 0.5:
        return Fraction(random.randint(1, 40))
    return random.randint(0, 30) + Fraction(random.choice((5, 10, 15, 19, 10, 10)), 20)


def _note(random: Random) -> Fraction:
    return Fraction(random.choice((5, 10, 20, 20, 50, 50, 100, 100, 200, random.randint(10, 150))))


def _percent(random: Random) -> Fraction:
    if random.random() < 0.8:
        return Fraction(random.choice((5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90)))
    return Fraction(random.randint(1, 99))


def _hundred(random: Random) -> Fraction:
    scale = random.choice((1, 2, 5, 10, 10, 20, 50, 100))
    return Fraction(random.randint(1, 30) * scale)


def _measured(random: Random) -> Fraction:
    if random.random() < 0.65:
        return Fraction(random.randint(1, 20))
    return random.randint(0, 9) + Fraction(random.choice((1, 2, 2, 2, 3)), 4)


def _part(random: Random) -> Drawn:
    whole = random.choice((2, 2, 3, 3, 4, 4, 5, 10, 6, 8))
    if whole == 2:
        return Drawn(Fraction(2), {"part": random.choice(("half", "half", "half", "one half"))})
    word = vocabulary.PARTS[whole]
    said = [f"a {word}", f"a {word}", f"one {word}", f"1/{whole}"]
    return Drawn(Fraction(whole), {"part": random.choice(said)})


def _times(random: Random) -> Drawn:
    number = random.choice((2, 2, 2, 3, 3, 4, 5))
    words = ["twice"] if number == 2 else [f"{number} times", f"{number} times"]
    if number > 2:
        words.append(f"{vocabulary.NUMBER_WORDS[number]} times")
    said = random.choice(words)
    forms = {form: f"{said} {form.replace('_', ' ')}" for form in vocabulary.AS}
    return Drawn(Fraction(number), {**forms, "twice": said})


def _unit(random: Random) -> Drawn:
    more, less, number = random.choice(vocabulary.UNITS)
    return Drawn(Fraction(number), {"more": more, "less": less})


DRAWS: dict[str, Callable[[Random], Drawn]] = {
    "number": _plain(vocabulary.number),
    "factor": _plain(vocabulary.factor),
    "small": _plain(_small),
    "price": _plain(_price),
    "money": _plain(_money),
    "note": _plain(_note),
    "percent": _plain(_percent),
    "hundred": _plain(_hundred),
    "measured": _plain(_measured),
    "part": _part,
    "times": _times,
    "unit": _unit,
}
"""What a formula may draw, by name."""
