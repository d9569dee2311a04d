"""A question without anything to compute is told apart, and a bare sum is computed here."""

import pytest

from core.asking.typed import check_computes, value_of
from core.errors import DataError


@pytest.mark.parametrize(
    "query",
    ["asdfghjkl", "What is the capital of France?", "How are you today", "?", "Tell me a joke."],
)
def test_nothing_to_compute_is_said(query: str) -> None:
    with pytest.raises(DataError, match=r"nothing to compute.*no LLM asked"):
        check_computes(query)


@pytest.mark.parametrize(
    "query",
    [
        "Tom has 3 boxes.",
        "a dozen eggs cost how much",
        "Mia is twice as old as Ben",
        "twenty-one minus four",
        "٣ + ٤",
        "half of what I have",
        "½ of 8",
    ],
)
def test_any_number_or_number_word_is_enough(query: str) -> None:
    assert check_computes(query) == query


@pytest.mark.parametrize(
    ("query", "gold"),
    [
        ("12*7+3", "87"),
        ("(4+5)*3", "27"),
        ("15% of 80", "12"),
        ("What is 15% of 80?", "12"),
        ("what's 2 + 3", "5"),
        ("144 / 12 =", "12"),
        ("Calculate 3 x 14.", "42"),
        ("how much is 7 times 8", "56"),
        ("10 - 15", "-5"),
        ("1/3 + 1/6", "0.5"),
        ("1,200 + 34", "1234"),
        ("$4 + $5", "9"),
    ],
)
def test_a_bare_expression_has_its_answer(query: str, gold: str) -> None:
    assert value_of(query) == gold


@pytest.mark.parametrize(
    "query",
    [
        "Tom has 3 boxes of 12 pencils",
        "12",
        "3 apples + 4 pears",
        "x + 3 = 7",
        "2^3 + 1",
        "sqrt(9) + 1",
        "5 / 0",
        "3 4",
        "2 1/2 + 3",
        "",
        "12*7+3\nand then?",
    ],
)
def test_whatever_is_more_than_an_expression_has_none(query: str) -> None:
    assert value_of(query) is None
