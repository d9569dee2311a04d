"""The equations of an answer are found and checked; what cannot be read is left alone."""

import time
from fractions import Fraction

import pandas as pd
import pytest

from core.evaluation.equation_report import KINDS, equation_report
from core.grading.equations import equations
from core.grading.working import read_working


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("3 + 4 = 7", "7"),
        ("3 boxes x $4 each = $12.", "12"),
        ("So she pays $1,250 - $250 = $1,000 in all.", "1000"),
        ("20% of 50 = 10", "10"),
        ("30/60 = 50%", "0.5"),
        ("0.3 * 100 = 30%", "30"),
        ("7 ÷ 3 = 2.33", "7/3"),
        ("22 / 3 = 7 full rows", "22/3"),
        ("2(5 + 3) = 16", "16"),
        ("(2 + 3) × 4 = 20", "20"),
        ("2 + (-3) = -1", "-1"),
        (r"\(6 \times 7 = 42\)", "42"),
        ("4 times 25 = 100", "100"),
        ("252 eggs/day x 7 days/week = 1,764 eggs", "1764"),
        ("$400 (rent) + $80 (food) = $480", "480"),
        ("4 pens x 50 cents = $2", "200"),
        ("- 8 + 5 = 13", "13"),
        ("1. 8 + 5 = 13", "13"),
        ("One-third of the 60-page book is 60 / 3 = 20 pages", "20"),
        ("5 - 8 = 3 less than before", "-3"),
        ("With 4 friends, each pays ($30 + $10) / 4 = $10.", "10"),
        ("For the 3 tests, the average is (80 + 90 + 100) / 3 = 90.", "90"),
        ("He works 8 hours, so he earns (8 x $5) + $10 = $50", "50"),
        ("He has $5. ($3 + $2) x 2 = $10", "10"),
        ("There are 12 of them. (12 - 2) / 5 = 2", "2"),
        ("2 x $3 = $6 -> so $6", "6"),
        ("$40 after 10% off: ($50 - $10) + $0 = $40", "40"),
    ],
)
def test_a_right_equation_holds(text: str, left: str) -> None:
    (equation,) = equations(text)
    assert equation.holds
    assert equation.left == Fraction(left)


@pytest.mark.parametrize(
    ("text", "left", "right"),
    [
        ("60 + 180 + 126 = 466", 366, 466),
        ("$504/day x 7 days/week = $3,520/week", 3528, 3520),
        ("6 feet x 4 feet x 3 feet = 96", 72, 96),
        ("9 / 3 = 4", 3, 4),
        ("1.5 + 1.5 = 3.06", 3, "3.06"),
        ("2 × (3 + 4) = 12", 14, 12),
    ],
)
def test_a_wrong_equation_does_not_hold(text: str, left: int, right: int | str) -> None:
    (equation,) = equations(text)
    assert not equation.holds
    assert (equation.left, equation.right) == (left, Fraction(right))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "She has 12 apples.",
        "x = 5",
        "2x + 3 = 7",
        "3n = 12",
        "4 x (boxes - 7) = 56",
        "total - 5 = 10",
        "Cost of 2 notebooks = $8",
        "He has 3 times as many = 60",
        "5 / 0 = 7",
        "3 + = 4",
        "1 + 2 = many",
        "1/2 of the students = 15 students",
        "1/3 of the crust's calories = 200",
        "2½ x 4 = 10",
        "2 1/2 x 4 = 10",
        "$2.5 million / 5 = $500,000",
        "80 - 25% = 60",
        "$10 + 8% tax = $10.80",
        "5 x -3 = -15",
        "12 + 5 >= 15",
        "5 + 3 != 9",
        "5^2 + 3 = 28",
        "5! - 20 = 100",
        r"\sqrt{16} + 2 = 6",
        "[5 + 3] x 2 = 16",
        "$5 - 50 cents = $4.50",
        "1 hour + 45 minutes = 105 minutes",
        "25¢ x 4 = $1.00",
        "12 ÷ 3/4 = 16",
        "half of 10 + 3 = 8",
        "twice 5 + 3 = 13",
        "2 x Bob + 3 = 13",
        "12 - 3 - age = 2",
        "4 (3 + 2) = 5",
        "= = =",
    ],
)
def test_what_cannot_be_read_is_left_out(text: str) -> None:
    assert equations(text) == []


def test_each_link_of_a_chain_is_checked() -> None:
    assert [equation.holds for equation in equations("2 + 3 * 4 = 2 + 12 = 15")] == [True, False]


def test_a_run_on_chain_is_no_mistake() -> None:
    assert all(equation.holds for equation in equations("5 people x 2 tires = 10 tires x $3 = $30"))


def test_what_only_begins_with_a_number_is_no_side() -> None:
    (equation,) = equations("Cost of 2 notebooks = 2 x $4 = $8")
    assert (equation.left, equation.holds) == (8, True)


@pytest.mark.parametrize(
    "unit",
    [
        "1 + ",
        "(",
        "1 = ",
        "9",
        "(1 + 2) = ",
        "x ",
        "- ",
        "1 (a) ",
        "% of 1",
        "1/",
        "=(",
        "\n",
        "1 (",
    ],
)
def test_long_repetitions_come_to_an_end(unit: str) -> None:
    start = time.process_time()
    for end in ("", "= 3", ")", "n = 5"):
        equations(unit * 200_000 + end)
    assert time.process_time() - start < 30


def test_the_working_says_what_an_answer_shows() -> None:
    working = read_working("3 + 4 = 7. Then 7 x 2 = 15. The answer is 15 of 20.")
    assert (working.equations, working.wrong, working.sound) == (2, 1, False)
    assert (working.slip.left, working.slip.right) == (14, 15)
    assert (working.last, working.results) == ("15", {"7", "15"})
    assert working.numbers == {"3", "4", "7", "2", "15", "20"}


def test_an_answer_without_equations_is_not_called_sound() -> None:
    assert not read_working("The answer is 7.").sound
    assert read_working("3 + 4 = 7").sound


def test_the_report_tells_right_equations_from_wrong_ones() -> None:
    texts = ["3 + 4 = 7", "3 + 4 = 8. So 7.", "3 + 4 = 8", "7", "The total is 3 + 4 = 7."]
    answers = pd.DataFrame({"query_id": range(5), "answer": texts, "gold": "7"})
    report = equation_report(answers).set_index("kind")
    assert report["answers"].to_dict() == dict(zip(KINDS, (2, 2, 1), strict=True))
    assert report["accuracy"].to_dict() == dict(zip(KINDS, (1, 0.5, 1), strict=True))
