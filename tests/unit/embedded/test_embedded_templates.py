"""Published questions about other numbers: the words stay, the equation keeps answering them."""

import re
from collections.abc import Callable
from fractions import Fraction
from random import Random

import pytest

from core.embedded_training import published_templates
from core.embedded_training.published_templates import Template, read_equation
from core.embedded_training.questions.expressions import inline, leaves, steps, value
from core.logs.published import with_numbers


def _template(text: str, numbers: str, equation: str, answer: str = "1") -> Template:
    values = tuple(Fraction(number) for number in numbers.split())
    return Template(text, values, read_equation(equation), answer, "mawps")


LEFT = _template("tom has number0 pens and loses number1 .", "8.0 3.0", "- number0 number1", "5")
SHARED = _template("number0 nuts for number1 friends ?", "24.0 4.0", "/ number0 number1")
REST_SHARED = _template(
    "of number0 eggs number1 broke , number2 friends share the rest .",
    "20 5 3",
    "/ - number0 number1 number2",
)
PRICED = _template("number1 pens cost $ number0 each .", "2.5 3", "* number0 number1")
DOZEN = _template(
    "number0 dozen eggs and number1 more , so number0 boxes", "2 7", "+ * 12 number0 number1"
)
EQUATIONS: list[tuple[Template, Callable[..., Fraction]]] = [
    (LEFT, lambda a, b: a - b),
    (SHARED, lambda a, b: a / b),
    (REST_SHARED, lambda a, b, c: (a - b) / c),
    (PRICED, lambda a, b: a * b),
    (DOZEN, lambda a, b: 12 * a + b),
]

every_template = pytest.mark.parametrize(("template", "answer"), EQUATIONS)


def _numbers_in(template: Template, text: str) -> list[Fraction]:
    """The numbers of a filled template by their position; every other word must be the same."""
    pattern, known = "", set()
    for part in re.split(r"(number\d+)", template.text):
        if part in known:
            pattern += f"(?P={part})"
        elif re.fullmatch(r"number\d+", part):
            known.add(part)
            pattern += rf"(?P<{part}>\d+(?:\.\d+)?)"
        else:
            pattern += re.escape(part)
    match = re.fullmatch(pattern, text)
    assert match, text
    return [Fraction(match[f"number{place}"]) for place in range(len(template.numbers))]


@every_template
def test_other_numbers_keep_the_words_and_are_answered_by_the_equation(
    template: Template, answer: Callable[..., Fraction]
) -> None:
    random, seen = Random(1), set()
    for _ in range(200):
        question = template.resampled(random)
        assert question is not None
        numbers = _numbers_in(template, question.text)
        assert value(question.expression) == answer(*numbers)
        seen.add(tuple(numbers))
    assert len(seen) > 60


@every_template
def test_other_numbers_are_possible_ones(
    template: Template, answer: Callable[..., Fraction]
) -> None:
    random = Random(2)
    for _ in range(200):
        question = template.resampled(random)
        assert question is not None
        results = [step.result for step in steps(question.expression)]
        for number in (*leaves(question.expression), *results):
            assert 0 < number < 10**6
            assert (number * 100).denominator == 1
            if template is not PRICED:
                assert number.denominator == 1


def test_numbers_keep_their_decimals_and_size() -> None:
    random = Random(3)
    drawn = [_numbers_in(PRICED, PRICED.resampled(random).text) for _ in range(200)]
    assert all((price * 10).denominator == count.denominator == 1 for price, count in drawn)
    assert sum(price.denominator > 1 for price, _ in drawn) > 120
    assert max(max(pair) for pair in drawn) <= 100
    large = _template("number0 and number1", "900 800", "+ number0 number1")
    sums = [value(large.resampled(random).expression) for _ in range(200)]
    assert sum(total > 300 for total in sums) > 120


@pytest.mark.parametrize("template", [SHARED, REST_SHARED])
def test_what_is_divided_is_made_to_come_out_even_at_once(
    template: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(published_templates, "_TRIES", 1)
    random = Random(6)
    assert all(template.resampled(random) is not None for _ in range(100))


def test_the_same_randomness_draws_the_same_numbers() -> None:
    first, again = ([LEFT.resampled(Random(seed)) for seed in range(20)] for _ in range(2))
    assert first == again


@pytest.mark.parametrize(
    ("numbers", "equation"),
    [
        pytest.param("5", "* number0 0.001", id="three decimals whatever is drawn"),
        pytest.param("5", "/ number0 0", id="division by zero"),
        pytest.param("5", "- 1 number0", id="negative whatever is drawn"),
        pytest.param("5", "number0", id="nothing to work out"),
    ],
)
def test_a_question_without_other_possible_numbers_is_left_out(numbers: str, equation: str) -> None:
    assert _template("number0 things", numbers, equation).resampled(Random(4)) is None


def test_the_published_question_has_its_own_numbers() -> None:
    assert LEFT.query == "tom has 8 pens and loses 3 ."
    assert PRICED.query == "3 pens cost $ 2.5 each ."
    assert DOZEN.query == "2 dozen eggs and 7 more , so 2 boxes"
    assert [one.operations for one in (LEFT, REST_SHARED, DOZEN)] == [1, 2, 2]


@pytest.mark.parametrize(
    ("prefix", "usual"),
    [
        ("- + number0 number1 number2", "90 + 80 - 70"),
        ("- number0 + number1 number2", "90 - (80 + 70)"),
        ("* number2 - number0 number1", "70 × (90 - 80)"),
        ("/ * number0 2.0 0.5", "90 × 2 ÷ 0.5"),
        ("+ number10 number1", "11 + 80"),
    ],
)
def test_prefix_notation_is_read_over_positions_and_constants(prefix: str, usual: str) -> None:
    numbers = "90 80 70 4 5 6 7 8 9 10 11"
    template = _template(" ".join(f"number{place}" for place in range(11)), numbers, prefix)
    assert inline(template._fill(template.numbers).expression) == usual


@pytest.mark.parametrize(
    "prefix",
    ["", "+", "+ number0", "- number0 spam", "number", "number0x", "^ number0 number1", "x"],
)
def test_what_is_no_equation_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="Fraction"):
        read_equation(prefix)


def test_an_equation_that_goes_on_after_its_end_is_refused() -> None:
    with pytest.raises(ValueError, match="goes on after its end: 'number2'"):
        read_equation("+ number0 number1 number2")


def test_placeholders_are_replaced_by_their_own_numbers() -> None:
    numbers = [str(number) for number in range(100, 112)]
    text = "number1 of number11, number10% of (number1) and number0."
    assert with_numbers(text, numbers) == "101 of 111, 110% of (101) and 100."
    assert with_numbers("a number of things", []) == "a number of things"


def test_a_number_that_holds_a_placeholder_s_name_is_not_replaced_again() -> None:
    assert with_numbers("number0 number1", ["number1", "2"]) == "number1 2"
