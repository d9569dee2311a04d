"""Training questions made less tidy keep their numbers and what they ask."""

import re
from collections.abc import Callable
from random import Random

import pytest

from core.embedded_training.questions import rewording, stories, vocabulary
from core.embedded_training.questions.rewording import reworded

TEXT = "Tom has 12 apples in the park. Mia gives Tom 5 apples. How many apples does Tom have now?"


def versions(change: Callable[[str, Random], str], text: str = TEXT) -> set[str]:
    return {change(text, Random(seed)) for seed in range(200)}


@pytest.mark.parametrize("change", [reworded, *rewording._CHANGES])
def test_numbers_stay_in_their_order(change: Callable[[str, Random], str]) -> None:
    found = versions(change)
    assert len(found) > 3
    assert {tuple(re.findall(r"\d+", one)) for one in found} == {("12", "5")}


def test_any_question_keeps_its_numbers_and_number_words() -> None:
    random, changed = Random(3), 0
    kept = "|".join(rewording._KEPT)
    for _ in range(1500):
        text = stories.question(random).text
        other = reworded(text, random)
        changed += other != text
        for pattern in (r"\d+(?:\.\d+)?", rf"(?i)\b(?:{kept})\b"):
            needed = re.findall(pattern, text)
            assert [one.lower() for one in re.findall(pattern, other)] == [
                one.lower() for one in needed
            ], other
    assert 600 < changed < 1400


def test_strange_words_are_the_same_everywhere_and_keep_their_capitals() -> None:
    seen = set()
    for text in versions(rewording.with_strange_words):
        name, thing, place, other, again, thing2, thing3, name2 = re.fullmatch(
            r"(\S+) has 12 (\S+) in the (\S+)\. (\S+) gives (\S+) 5 (\S+)\. "
            r"How many (\S+) does (\S+) have now\?",
            text,
        ).groups()
        assert name == again == name2
        assert thing == thing2 == thing3
        assert name != other
        assert name[0].isupper()
        assert thing[0].islower()
        seen |= {thing, place.lower()}
    assert len(seen - set(vocabulary.THINGS) - set(vocabulary.PLACES)) > 100


def test_sentences_are_joined_with_commas() -> None:
    for text in versions(rewording.in_one_sentence):
        assert text.lower().endswith(
            "12 apples in the park, mia gives tom 5 apples, how many apples does tom have now?"
        )
    asked = "How many is that? Tom has 5 pens."
    assert versions(rewording.in_one_sentence, asked) == {asked}


def test_slips_spare_words_that_matter() -> None:
    text = "twice three dozen percent together before without"
    assert versions(rewording.with_slip, text) == {text}


def test_short_questions_stay() -> None:
    assert versions(reworded, "3 + 4 =") == {"3 + 4 ="}


def test_no_scene_has_a_number_or_an_open_choice() -> None:
    for text in versions(rewording.with_scene):
        assert not re.search(r"[\[\]{}|]", text)
