import re
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import DataError
from core.evaluation.answer_report import CHOSEN, PUBLISHED, extraction_report, stated_numbers
from core.grading import final_answer
from core.grading.final_answer import (
    canonical,
    extract,
    grade,
    parse_gold,
    published_extract,
    published_grade,
)


def read(answer: str) -> str | None:
    value = extract(answer)
    return None if value is None else canonical(value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1,234", "1234"),
        ("12,345,678.5", "12345678.5"),
        ("1\u202f234", "1234"),
        ("$18", "18"),
        ("\\$18", "18"),
        ("-5", "-5"),
        ("\u22125", "-5"),
        ("-$5", "-5"),
        ("$-5", "-5"),
        ("3/4", "0.75"),
        ("1 1/2", "1.5"),
        ("1½", "1.5"),
        (r"\frac{3}{4}", "0.75"),
        (r"2\frac{1}{2}", "2.5"),
        (r"-\dfrac{3}{4}", "-0.75"),
        (r"1{,}234", "1234"),
        (".5", "0.5"),
        ("42%", "42"),
        (r"42\%", "42"),
        ("2.5 million", "2500000"),
        ("1.5e3", "1500"),
        ("42.", "42"),
        ("6th place", "6"),
        ("**42**", "42"),
        ("42 apples", "42"),
    ],
)
def test_a_number_is_read_as_it_is_meant(written: str, meant: str) -> None:
    assert read(written) == meant
    assert read(f"The answer is: {written}") == meant


@pytest.mark.parametrize("text", ["", "No idea.", "at 5:30", "version 1.2.3", "7/0", "9" * 5000])
def test_what_is_no_number_gives_none(text: str) -> None:
    assert extract(text) is None


@pytest.mark.parametrize(
    "answer",
    [
        "= 42 apples",
        "x = 42",
        "20 + 20 = 40, and 40 + 2 = 42.",
        "We get 3 + 39 = 40 + 2 = 42 in 3 days.",
        "The answer is: 42",
        "answer:42",
        "The answer is:\n\n**42**",
        "The answer is:\n\n42\n\nIt took 3 steps.",
        "The answer is $42.00 per hour for 8 hours.",
        "So 42 is the answer.",
        "#### 42",
        "6 x 7 = 42\n#### 42\nCheck: 40 + 1 = 41",
        r"\boxed{42}. Half of it is 21.",
        r"Thus \[ \boxed{x = 42 \text{ cm}^2} \] for all 3 of them.",
        "The final answer is 42. To check, 42 - 2 = 40.",
        "#### Step 3: add 5\nThe answer is 42.",
        "1. Add 40.\n2. Get 42 pens.\n",
        "Step 1: take 40.\nStep 2: you have 42.\nStep 3: done.",
        "42. I hope this helps! Let me know if you have 3 more questions.",
        "The answer is 42. I hope this helps! Let me know... 3 more questions",
        "So she pays $42 for 3 pens.",
        "6 x 7 = 42\nTherefore, in 3 days she has eaten 42 plums.",
        "Thus there are 40 red and 2 blue cups, for a total of 42 cups on 5 shelves.",
        "Therefore, she needs 42 hours (or 1 day and 18 hours).",
        "Therefore, after 3 days, Tom has 42 apples.",
        "So, if 6 boxes hold 7 pens each, there are 42 pens.",
        "So, given 1,200 people and 3 days, 42 stay.",
        "Hence in 5 years she will be 42.",
        "So if you buy 3 you pay 42 dollars.",
        "So each of the 6 children gets 42 sweets.",
        "So the price after a 20% discount is 42 dollars.",
        "The answer, after 3 days, is 42.",
        "Let x = 3. The total is 42 pens.",
        "Tom: 3 x 4 = 12 pens. Ann: 2 x 15 = 30 pens. The total number of pens is 42.",
        "6 x 7 = 42 are left. The total was 50 before.",
        "So 42 of the 50 pens are blue.",
        "Therefore, 42 apples are left after 3 days.",
        "So he earns 5 a day.\n5 x 8 + 2 = 42",
    ],
)
def test_the_stated_answer_is_found_among_other_numbers(answer: str) -> None:
    assert read(answer) == "42"


def test_a_minus_between_two_numbers_is_no_sign() -> None:
    assert read("20 - 12") == "12"
    assert read("from 3-4") == "4"


def test_a_plain_space_does_not_join_thousands() -> None:
    assert read("1 234") == "234"


integers = st.integers(-(10**12), 10**12)


@given(integers)
def test_thousands_separators_round_trip(value: int) -> None:
    assert extract(f"So the answer is {value:,}.") == value
    assert parse_gold(f"{value:,}") == value


@given(st.integers(-(10**9), 10**9), st.integers(0, 6))
def test_decimals_round_trip(digits: int, places: int) -> None:
    value = Fraction(digits, 10**places)
    assert extract(f"She pays ${canonical(value)} in total.") == value
    assert parse_gold(canonical(value)) == value


@given(st.integers(-999, 999), st.integers(1, 999))
def test_fractions_round_trip(above: int, below: int) -> None:
    assert extract(f"The answer is {above}/{below}.") == Fraction(above, below)


@given(st.fractions(), st.integers(1, 50))
def test_equal_values_have_one_canonical_text(value: Fraction, factor: int) -> None:
    again = Fraction(value.numerator * factor, value.denominator * factor)
    assert canonical(again) == canonical(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(18), "18"),
        (Fraction(1800), "1800"),
        (Fraction("18.0"), "18"),
        (Fraction(-3, 4), "-0.75"),
        (Fraction(1, 3), "0.333333"),
        (Fraction(-1, 10**9), "0"),
        (Fraction(10**20), "1" + "0" * 20),
    ],
)
def test_canonical_text(value: Fraction, text: str) -> None:
    assert canonical(value) == text


pieces = st.sampled_from(
    [
        *(
            "1",
            ",234",
            ".",
            "/",
            "=",
            "-",
            "$",
            "(",
            "½",
            "٣",
            "²",
            "\n",
            " ",
            ":",
            "e99",
            "million",
        ),
        *("####", "\\boxed{", "\\frac{", "}", "So ", "answer ", "final answer", "for a total"),
    ]
)


@given(st.text() | st.lists(pieces).map("".join))
@example("\\boxed{" * 3)
@example("answer \u0663/0")
def test_no_text_raises(text: str) -> None:
    value = extract(text)
    assert value is None or Fraction(canonical(value)) == round(value, 6)
    published_grade(text, text)
    stated_numbers(text)


@pytest.mark.parametrize(
    "unit",
    [
        *("1,", "111,", "1 ", "1/", "1:", "1", "1e", "1.", "-", "$", " ", "\n", ":\n", "#", "# "),
        *("=", "= 3 ", "so ", "so. ", "So the answer (", "answer ", "for a total ", "I hope "),
        *("the answer is 5 ", "the answer is 5. ", "\\boxed{", "\\text{", "\\frac{1", "((5"),
        *("step 1", "a-"),
    ],
)
@pytest.mark.parametrize("end", ["", "1111"])
@pytest.mark.timeout(5)
def test_long_repetitions_are_read_in_linear_time(unit: str, end: str) -> None:
    """Within seconds; at this length quadratic time takes up to minutes for each of them."""
    text = unit * (100_000 // len(unit)) + end
    value = extract(text)
    assert value is None or Fraction(canonical(value)) == round(value, 6)
    assert len(stated_numbers(text)) <= 3


@pytest.mark.parametrize(
    ("predicted", "gold", "correct"),
    [
        ("1234", "1,234", True),
        ("18", "18.0", True),
        ("18", 18, True),
        ("0.1", 0.1, True),
        ("-5", "-5", True),
        ("5", "-5", False),
        ("0.75", "3/4", True),
        ("0.333333", "0.3333333333333333", True),
        ("0.33", "0.3333333333333333", False),
        ("18", "12 + 6 = 18\n#### 18", True),
        ("18.01", "18", False),
        ("1000000000", "1000000001", True),
    ],
)
def test_grading(predicted: str, gold: str | float, correct: bool) -> None:
    assert grade(Fraction(predicted), gold) is correct


def test_no_number_is_never_correct() -> None:
    assert grade(None, "0") is False


@pytest.mark.parametrize("gold", ["", "many", "3 or 4", "7/0", float("nan"), float("inf")])
def test_a_correct_answer_that_is_not_one_number_is_refused(gold: str | float) -> None:
    with pytest.raises(DataError, match="not one number"):
        parse_gold(gold)


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ("It is 1,234.", "234"),
        ("minus -5", "5"),
        ("3 of .5", ".5"),
        ("2 pens, 1 day", "1"),
        ("?", None),
    ],
)
def test_the_published_grader_takes_the_last_digits(answer: str, number: str | None) -> None:
    assert published_extract(answer) == number


def test_the_published_grader_confuses_thousands_in_answer_and_gold_alike() -> None:
    assert published_grade("So 9,234.", "1,234")
    assert published_grade("So 5.0", "-5")
    assert not published_grade("So 5 apples for 2 dollars", "5")
    assert not published_grade("None", "5")


@pytest.mark.parametrize(
    ("answer", "offered"),
    [
        ("2 + 3 = 5", set()),
        ("So she has 5. Then 5 + 1 = 6", {5}),
        ("Therefore, 2 + 3 = 5.", {5}),
        ("The answer is 5 (or 3 more).", {5}),
        ("Thus 5 pens cost $6.", {5, 6}),
        (r"\boxed{5}", {5}),
    ],
)
def test_stated_numbers(answer: str, offered: set[int]) -> None:
    assert stated_numbers(answer) == offered


def _recorded(answers: list[str]) -> pd.DataFrame:
    rows = [
        {"query_id": query, "prompt_id": prompt, "answer": text, "gold": "5"}
        for query in range(20)
        for prompt, text in enumerate(answers)
    ]
    return pd.DataFrame(rows)


def test_the_report_compares_each_rule_with_the_published_grader() -> None:
    answers = _recorded(["So she buys 5 pens in 2 days.", "The answer is 6. Or 5"])
    report = extraction_report(answers).set_index("rule")
    assert list(report.index) == [PUBLISHED, "last number", "after last equals", CHOSEN]
    published, chosen = report.loc[PUBLISHED], report.loc[CHOSEN]
    assert published[["accuracy_report", "difference", "false_credit_rate"]].tolist() == [0.5, 0, 1]
    assert chosen[["accuracy_selection", "false_credit_rate", "several_rate"]].tolist() == [
        0.5,
        0,
        1,
    ]


def test_the_report_tells_missed_and_unstated_answers_apart() -> None:
    report = extraction_report(_recorded(["The answer is 5. 7 days!", "5"])).set_index("rule")
    assert report.loc[PUBLISHED, ["missed_rate", "unstated_rate"]].tolist() == [1, 1]
    assert report.loc[CHOSEN, ["missed_rate", "unstated_rate"]].tolist() == [0, 0.5]
    assert (
        report.loc[CHOSEN, ["difference", "difference_low", "difference_high"]].tolist()
        == [0.5] * 3
    )


def test_the_report_is_the_same_for_the_same_seed() -> None:
    answers = _recorded(["So 5.", "2 + 2 = 4"])
    pd.testing.assert_frame_equal(extraction_report(answers, 1), extraction_report(answers, 1))


def test_no_pattern_repeats_a_group_possessively() -> None:
    """Python before 3.11.5 matches such a pattern wrongly, and then no number is found at all."""
    possessive = re.compile(r"(?<!\\)\)(?:[*+?]|\{\d*,?\d*\})\+")
    folder = Path(final_answer.__file__).parents[1]
    found = [
        f"{path.name}:{number}"
        for path in folder.rglob("*.py")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if possessive.search(line)
    ]
    assert found == []
