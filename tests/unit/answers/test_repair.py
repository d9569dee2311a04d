"""Miscalculations are mended where the reading is sure, and nothing else is touched."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.asking.mending import mends_text
from core.grading.final_answer import extract
from core.grading.repair import repair

QUERY = "Ann packs 3 boxes of 14 pens and adds 9 pens. How many pens are there?"


def mended(text: str, query: str = QUERY) -> Fraction | None:
    found = repair(text, query)
    assert bool(found.mends) == (found.value != extract(text))
    return found.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3 × 14 = 36\n36 + 9 = 45. The answer is 45.", 51),
        ("3 * 14 = 36 pens in boxes, so in all 36 + 9 = 45 pens.", 51),
        ("3 × 14 = 36, and 9 more make 36 + 9 = 44. The answer is 44.", 51),
        ("There are (3 × 14) + 9 = 50 pens.", 51),
        ("3 x 14 = 42. 42 + 9 = 52. Therefore, 52.", 51),
        ("20% of 50 = 8. The answer is 8.", 10),
        ("Each gets 10 ÷ 4 = 2.2 kg. The answer is 2.2.", Fraction(5, 2)),
        ("$1,200 - $350 = $750. The answer is $750.", 850),
    ],
)
def test_a_slip_is_mended_and_its_value_carried_forward(text: str, value: int | Fraction) -> None:
    assert mended(text) == value


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("3 × 14 = 42. 42 + 9 = 51. The answer is 51.", "all holds"),
        ("The answer is 36.", "nothing is computed"),
        ("3 × 14 = 36. But the answer is 17.", "the answer is no result of an equation"),
        ("3 + 4 = 9. The answer is 9.", "9 is a number of the question"),
        ("7 ÷ 2 = 3. The answer is 3.", "3 whole ones were meant"),
        ("5 - 8 = 3. The answer is 3.", "a difference was meant"),
        ("100 ÷ 3 = 33.3. The answer is 33.3.", "it is rounded"),
        ("10.666666666 - 9.333333333 = 1.333333332. So 1.333333332.", "it is a rounding of floats"),
        ("$80 + 10% = $88. The answer is $88.", "percents of the whole were meant"),
        ("1 hour + 45 minutes = 105 minutes. The answer is 105.", "the units differ"),
        ("2 x + 3 = 8. The answer is 8.", "an unknown stands in it"),
        ("", "there is nothing"),
    ],
)
def test_what_is_right_or_doubtful_is_left_alone(text: str, why: str) -> None:
    assert mended(text) == extract(text), why


def test_a_result_that_is_said_anew_means_the_new_one() -> None:
    text = "3 × 14 = 36. No: 6 × 6 = 36. 36 + 5 = 41. The answer is 41."
    assert mended(text) == 41


def test_what_was_mended_is_told_in_a_sentence() -> None:
    found = repair("3 * 14 = 36. 36 + 9 = 45. The answer is 45.", QUERY)
    assert mends_text(found.mends) == "3 × 14 is 42, not 36; carried forward: 51"
    assert mends_text(repair("3 * 14 = 42. The answer is 42.", QUERY).mends) == ""


@pytest.mark.parametrize(
    ("text", "sure"), [("3 × 14 = 36. The answer is 36.", True), ("7 × 25 = 32. So 32.", False)]
)
def test_a_mistaken_sign_makes_a_mending_unsure(text: str, sure: bool) -> None:
    assert repair(text, QUERY).sure is sure


@given(
    numbers=st.lists(st.integers(2, 400), min_size=3, max_size=5, unique=True),
    off=st.integers(1, 60),
    place=st.integers(0, 3),
)
def test_one_slip_in_a_chain_is_undone_wherever_it_stands(
    numbers: list[int], off: int, place: int
) -> None:
    query = f"Add up {', '.join(map(str, numbers))}."
    stated, right, lines, results = numbers[0], numbers[0], [], []
    for step, number in enumerate(numbers[1:]):
        before, stated, right = stated, stated + number, right + number
        stated += off if step == place % (len(numbers) - 1) else 0
        lines.append(f"{before} + {number} = {stated}")
        results.append(stated)
    # A result that is a number of the question, or stands there twice, can be read in two ways.
    assume(not set(results) & set(numbers) and len(set(results)) == len(results))
    assert mended("\n".join([*lines, f"The answer is {stated}."]), query) == right


@given(st.text(alphabet="0123456789+-*/=×%$.,() \nab", max_size=60))
def test_any_text_is_read_without_an_error(text: str) -> None:
    repair(text, QUERY)
