"""The project's own questions: stories put together from phrases, with their expressions.

Each story draws its numbers so that nobody gives away more than they have and whole things stay
whole. ``unseen`` takes every sentence from the phrases that training never uses.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from core.embedded_training.questions import chains, grammar, plain_sums
from core.embedded_training.questions.expressions import (
    Expression,
    Operation,
    Symbol,
    is_plain,
    steps,
)
from core.embedded_training.questions.phrases import PHRASES, Phrases
from core.embedded_training.questions.vocabulary import Cast, factor, measure, number

_MOST = 10**6
_KINDS_SHARE, _CHAINS_SHARE = 0.4, 0.25
"""Of questions by kind and of stories of several events; the rest are the stories below."""


@dataclass(frozen=True)
class Question:
    """A question and the expression whose value answers it."""

    text: str
    expression: Expression


@dataclass
class _Teller:
    """Draws phrases and fills them."""

    random: Random
    unseen: bool
    cast: Cast

    def say(self, phrase: Phrases, **numbers: Fraction) -> str:
        """One filled phrase."""
        chosen = phrase.draw(self.random, self.unseen)
        drawn = {key: grammar.Drawn(number, {}) for key, number in numbers.items()}
        return grammar.filled(chosen, self.random, self.cast.words, drawn)

    def below(self, limit: Fraction) -> Fraction:
        """A number from 2 to ``limit``, 1 where there is no such number."""
        return Fraction(self.random.randint(2, int(limit))) if limit >= 2 else Fraction(1)


Story = Callable[[_Teller], tuple[str, Expression]]


def _gain_and_lose(teller: _Teller) -> tuple[str, Expression]:
    """One to three events of getting and giving."""
    total = number(teller.random)
    told = [teller.say(PHRASES["have"], a=total)]
    expression: Expression = total
    running = total
    events = teller.random.choices((1, 2, 3), weights=(4, 5, 1))[0]
    for _ in range(events):
        if teller.random.random() < 0.45 or running < 2:
            amount = number(teller.random)
            told.append(teller.say(PHRASES["gain"], b=amount))
            expression, running = Operation("+", expression, amount), running + amount
        else:
            amount = teller.below(running - 1)
            told.append(teller.say(PHRASES["lose"], c=amount))
            expression, running = Operation("-", expression, amount), running - amount
    told.append(teller.say(PHRASES["how_many_now"]))
    return " ".join(told), expression


def _ride(teller: _Teller) -> tuple[str, Expression]:
    """People who come and go."""
    start, on = number(teller.random), number(teller.random)
    off = teller.below(start - 1)
    first = teller.say(PHRASES["ride"], a=start)
    come, leave = teller.say(PHRASES["ride_on"], b=on), teller.say(PHRASES["ride_off"], c=off)
    asked = teller.say(PHRASES["ride_question"])
    shape = teller.random.randrange(4)
    if shape == 0:
        return f"{first} {come} {asked}", Operation("+", start, on)
    if shape == 1:
        return f"{first} {leave} {asked}", Operation("-", start, off)
    if shape == 2:
        return (
            f"{first} {leave} {come} {asked}",
            Operation("+", Operation("-", start, off), on),
        )
    return f"{first} {come} {leave} {asked}", Operation("-", Operation("+", start, on), off)


def _groups(teller: _Teller) -> tuple[str, Expression]:
    """Equal groups, then perhaps some more or some fewer."""
    count, each = factor(teller.random), factor(teller.random)
    if teller.random.random() < 0.25:
        each = number(teller.random)
    told = teller.say(PHRASES["groups"], a=count, b=each)
    product = Operation("×", count, each)
    shape = teller.random.randrange(5)
    if shape < 2:
        return f"{told} {teller.say(PHRASES['how_many_total'])}", product
    asked = teller.say(PHRASES["how_many_now"])
    if shape == 2:
        more = number(teller.random)
        return f"{told} {teller.say(PHRASES['gain'], b=more)} {asked}", Operation(
            "+", product, more
        )
    fewer = teller.below(count * each - 1)
    return f"{told} {teller.say(PHRASES['lose'], c=fewer)} {asked}", Operation("-", product, fewer)


def _share(teller: _Teller) -> tuple[str, Expression]:
    """Equal shares, at times after some were lost or found."""
    among, each = factor(teller.random), factor(teller.random)
    total = among * each
    if teller.random.random() < 0.3:
        return teller.say(PHRASES["pack"], a=total, b=among), Operation("÷", total, among)
    asked = teller.say(PHRASES["each_gets"])
    return f"{teller.say(PHRASES['share'], a=total, b=among)} {asked}", Operation("÷", total, among)


def _lose_then_share(teller: _Teller) -> tuple[str, Expression]:
    among, each, change = factor(teller.random), factor(teller.random), number(teller.random)
    total = among * each
    end = teller.say(PHRASES["then_share_each"], b=among)
    asked = teller.say(PHRASES["each_gets"])
    if teller.random.random() < 0.6 or change >= total:
        have = teller.say(PHRASES["have"], a=total + change)
        event = teller.say(PHRASES["lose"], c=change)
        left: Expression = Operation("-", total + change, change)
    else:
        have = teller.say(PHRASES["have"], a=total - change)
        event = teller.say(PHRASES["gain"], b=change)
        left = Operation("+", total - change, change)
    return f"{have} {event} {end} {asked}", Operation("÷", left, among)


def _share_then_change(teller: _Teller) -> tuple[str, Expression]:
    among, each = factor(teller.random), factor(teller.random) + 1
    eaten = teller.below(each - 1)
    told = teller.say(PHRASES["share"], a=among * each, b=among)
    end = teller.say(PHRASES["then_use_each"], c=eaten)
    return f"{told} {end}", Operation("-", Operation("÷", among * each, among), eaten)


def _two_kinds(teller: _Teller) -> tuple[str, Expression]:
    first, second = number(teller.random), number(teller.random)
    told = teller.say(PHRASES["two_kinds"], a=first, b=second)
    both = Operation("+", first, second)
    if teller.random.random() < 0.65:
        return f"{told} {teller.say(PHRASES['how_many_total'])}", both
    gone = teller.below(first + second - 1)
    lose = teller.say(PHRASES["lose"], c=gone)
    return f"{told} {lose} {teller.say(PHRASES['how_many_now'])}", Operation("-", both, gone)


def _compare_then_add(teller: _Teller) -> tuple[str, Expression]:
    """A second person has more or fewer; how many do they have together?"""
    mine = number(teller.random)
    more = teller.random.random() < 0.5
    apart = number(teller.random) if more else teller.below(mine - 1)
    other = Operation("+" if more else "-", mine, apart)
    teller.cast.words["w"] = "more" if more else "fewer"
    told = teller.say(PHRASES["compare"], a=mine, b=apart)
    text = f"{told} {teller.say(PHRASES['ask_both'])}"
    return text, Operation("+", mine, other)


def _change(teller: _Teller) -> tuple[str, Expression]:
    """Money left after buying several of one thing."""
    count, price = factor(teller.random), factor(teller.random)
    paid = count * price + teller.below(Fraction(60))
    if teller.random.random() < 0.4:
        paid = (count * price // 10 + 1) * Fraction(10)
    return (
        teller.say(PHRASES["change"], a=count, b=price, c=paid),
        Operation("-", paid, Operation("×", count, price)),
    )


def _cost(teller: _Teller) -> tuple[str, Expression]:
    count = factor(teller.random)
    price = factor(teller.random)
    if teller.random.random() < 0.3:
        price = round(measure(teller.random), 1)
    return teller.say(PHRASES["cost"], a=count, b=price), Operation("×", count, price)


def _sum(phrase: Phrases, decimals: float) -> Story:
    """Two numbers added."""

    def tell(teller: _Teller) -> tuple[str, Expression]:
        draw = measure if teller.random.random() < decimals else number
        first, second = draw(teller.random), draw(teller.random)
        return teller.say(phrase, a=first, b=second), Operation("+", first, second)

    return tell


def _rest(phrase: Phrases, decimals: float = 0) -> Story:
    """A larger number less a smaller one."""

    def tell(teller: _Teller) -> tuple[str, Expression]:
        draw = measure if teller.random.random() < decimals else number
        small, large = sorted((draw(teller.random), draw(teller.random)))
        return teller.say(phrase, a=large, b=small), Operation("-", large, small)

    return tell


def _product(phrase: Phrases) -> Story:
    """Two numbers multiplied, the second at times with a decimal."""

    def tell(teller: _Teller) -> tuple[str, Expression]:
        count, each = factor(teller.random), factor(teller.random)
        if teller.random.random() < 0.2:
            each = number(teller.random)
        return teller.say(phrase, a=count, b=each), Operation("×", count, each)

    return tell


def _quotient(phrase: Phrases) -> Story:
    """A number divided by one that goes into it."""

    def tell(teller: _Teller) -> tuple[str, Expression]:
        divisor, result = factor(teller.random), factor(teller.random)
        if teller.random.random() < 0.2:
            result = number(teller.random)
        return (
            teller.say(phrase, a=divisor * result, b=divisor),
            Operation("÷", divisor * result, divisor),
        )

    return tell


def _by(phrase: Phrases, symbol: Symbol, constant: int) -> Story:
    """A number and one that a word stands for: twice, half, dozen, minutes of an hour."""

    def tell(teller: _Teller) -> tuple[str, Expression]:
        known = Fraction(constant)
        drawn = factor(teller.random) if constant > 2 else number(teller.random)
        if symbol == "÷":
            drawn *= known
        return teller.say(phrase, a=drawn), Operation(symbol, drawn, known)

    return tell


def _perimeter(teller: _Teller) -> tuple[str, Expression]:
    long, wide = number(teller.random), number(teller.random)
    return (
        teller.say(PHRASES["perimeter"], a=long, b=wide),
        Operation("×", Fraction(2), Operation("+", long, wide)),
    )


def _average(teller: _Teller) -> tuple[str, Expression]:
    first, second = number(teller.random), number(teller.random)
    if (first + second) % 2:
        second += 1
    return (
        teller.say(PHRASES["average"], a=first, b=second),
        Operation("÷", Operation("+", first, second), Fraction(2)),
    )


def _bare(teller: _Teller) -> tuple[str, Expression]:
    many = teller.random.random() < 0.25
    expression = (
        plain_sums.several_steps(teller.random) if many else plain_sums.one_step(teller.random)
    )
    return plain_sums.question(teller.random, expression, teller.unseen), expression


_STORIES: tuple[tuple[Story, float], ...] = (
    (_gain_and_lose, 14),
    (_ride, 4),
    (_groups, 9),
    (_share, 7),
    (_lose_then_share, 4),
    (_share_then_change, 2),
    (_two_kinds, 7),
    (_compare_then_add, 3),
    (_change, 6),
    (_cost, 5),
    (_sum(PHRASES["more_than"], 0), 4),
    (_sum(PHRASES["spend_two"], 0.3), 3),
    (_sum(PHRASES["add_weight"], 0.6), 2),
    (_sum(PHRASES["unknown_start"], 0), 3),
    (_rest(PHRASES["fewer_than"]), 4),
    (_rest(PHRASES["difference"]), 6),
    (_rest(PHRASES["unknown_change"]), 5),
    (_rest(PHRASES["unknown_start_gain"]), 2),
    (_rest(PHRASES["money_left"], 0.3), 4),
    (_rest(PHRASES["cut"], 0.6), 2),
    (_product(PHRASES["rate"]), 4),
    (_product(PHRASES["times"]), 3),
    (_product(PHRASES["area"]), 1),
    (_quotient(PHRASES["rate_time"]), 4),
    (_by(PHRASES["double"], "×", 2), 2),
    (_by(PHRASES["half"], "÷", 2), 2),
    (_by(PHRASES["dozen"], "×", 12), 1),
    (_by(PHRASES["clock"], "×", 60), 1),
    (_by(PHRASES["weeks"], "×", 7), 1),
    (_perimeter, 1),
    (_average, 1),
    (_bare, 26),
)
_TELL, _WEIGHTS = zip(*_STORIES, strict=True)


def question(random: Random, *, unseen: bool = False, distraction: float = 0.06) -> Question:
    """Draw a question of the project's own.

    Args:
        random: Source of every choice.
        unseen: Whether its phrases are those kept from training.
        distraction: Chance of a sentence that the answer does not need.
    """
    while True:
        teller = _Teller(random, unseen, Cast.draw(random))
        source = random.random()
        if source < _KINDS_SHARE:
            return Question(*grammar.kind(random, unseen, teller.cast))
        if source < _KINDS_SHARE + _CHAINS_SHARE:
            return Question(*chains.chain(random, unseen, teller.cast, 3 * distraction))
        text, expression = random.choices(_TELL, _WEIGHTS)[0](teller)
        if all(is_plain(step.result) and step.result < _MOST for step in steps(expression)):
            break
    sentences = text.split(". ")
    if len(sentences) > 1 and random.random() < distraction:
        sentences.insert(1, teller.say(PHRASES["distraction"], x=number(random)).rstrip("."))
        text = ". ".join(sentences)
    return Question(text, expression)
