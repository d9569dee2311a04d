"""Synonyms leave numbers, capitals and who does what as they are."""

import re
from random import Random

import pytest

from core.embedded_training.questions.synonyms import exchanged

TEXT = (
    "Mom bought 12 apples and Dad bought 5. Mom gave 3 away. How many did Mom and Dad buy in all?"
)


def versions(text: str) -> set[str]:
    return {exchanged(text, Random(seed)) for seed in range(200)}


def test_words_change_and_numbers_do_not() -> None:
    found = versions(TEXT)
    assert len(found) > 20
    assert {tuple(re.findall(r"\d+", one)) for one in found} == {("12", "5", "3")}


def test_one_word_has_one_synonym_and_two_words_have_two() -> None:
    for text in versions(TEXT):
        first, second = re.match(r"(\w+) \w+ 12 apples and (\w+) ", text).groups()
        assert first != second
        assert re.search(rf"{first} and {second} ", text.split(". ")[2])


def test_a_form_stays() -> None:
    past = versions("She ate 4.")
    assert past & {"She munched 4.", "She devoured 4."}
    assert not past & {"She munch 4.", "She munches 4."}


@pytest.mark.parametrize("text", ["Ben has to leave.", "Ben had given 4 away and had gone."])
def test_what_helps_another_verb_is_not_owning(text: str) -> None:
    assert not any(re.search("own|possess|hold|held", one) for one in versions(text))
