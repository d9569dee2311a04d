"""The published questions that train the embedded LLM, and those that never do."""

import re
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from core.embedded_training import splits
from core.embedded_training.accuracy import published_items
from core.embedded_training.published_templates import Template
from core.embedded_training.questions.expressions import show, steps, value
from core.embedded_training.splits import Part
from core.grading.final_answer import grade
from core.logs import published
from core.query import masked

pytestmark = [pytest.mark.published, pytest.mark.usefixtures("published_data")]

PARTS: tuple[Part, ...] = ("train", "development", "test")
SIZE = 3718


@pytest.fixture(scope="module")
def parts(published_data: object) -> dict[Part, list[Template]]:
    return splits.templates()


@pytest.fixture(scope="module")
def every(parts: dict[Part, list[Template]]) -> list[Template]:
    return [template for part in PARTS for template in parts[part]]


def _words(text: str) -> frozenset[str]:
    """The words of a question, all numbers alike."""
    return frozenset(re.findall(r"#|\w+", re.sub(r"number\d+|\d+", "#", text.lower())))


def _closeness(left: list[Template], right: list[Template]) -> np.ndarray:
    """The cosine of two questions' sets of words, for each pair."""
    sets = [[_words(one.text) for one in side] for side in (left, right)]
    place = {word: at for at, word in enumerate(sorted(set().union(*sets[0], *sets[1])))}
    matrices = []
    for side in sets:
        rows = np.repeat(np.arange(len(side)), [len(one) for one in side])
        columns = [place[word] for one in side for word in one]
        weights = np.repeat([len(one) ** -0.5 for one in side], [len(one) for one in side])
        matrices.append(csr_matrix((weights, (rows, columns)), (len(side), len(place))))
    return (matrices[0] @ matrices[1].T).toarray()


def test_every_distinct_question_is_in_one_part(
    parts: dict[Part, list[Template]], every: list[Template]
) -> None:
    assert set(parts) == set(PARTS)
    assert len(every) == SIZE
    assert len({template.text for template in every}) == SIZE
    assert {template.source for template in every} == {"mawps", "asdiv", "svamp"}


@pytest.mark.parametrize(
    ("one", "other"), [("train", "test"), ("train", "development"), ("development", "test")]
)
def test_no_two_parts_share_a_question_or_a_variant_of_one(
    parts: dict[Part, list[Template]], one: Part, other: Part
) -> None:
    assert not {masked(t.query) for t in parts[one]} & {masked(t.query) for t in parts[other]}
    assert _closeness(parts[one], parts[other]).max() < 0.8


def test_variants_of_one_question_are_there_and_stay_together(
    parts: dict[Part, list[Template]],
) -> None:
    """Else the test above would say nothing."""
    close = _closeness(parts["test"], parts["test"])
    np.fill_diagonal(close, 0)
    assert (close.max(axis=0) >= 0.8).sum() > 100


def test_a_fifth_is_kept_for_the_end_of_each_source(
    parts: dict[Part, list[Template]], every: list[Template]
) -> None:
    assert len(parts["test"]) / SIZE == pytest.approx(0.2, abs=0.02)
    assert len(parts["development"]) / SIZE == pytest.approx(0.04, abs=0.01)
    for source in ("mawps", "asdiv", "svamp"):
        of_source = sum(template.source == source for template in every)
        tested = sum(template.source == source for template in parts["test"])
        assert tested / of_source == pytest.approx(0.2, abs=0.05), source


def test_the_split_is_the_same_every_time(parts: dict[Part, list[Template]]) -> None:
    splits.templates.cache_clear()
    again = splits.templates()
    assert again is not parts
    assert again == parts
    # A changed split would let test questions into the training of a shipped model.
    assert [len(again[part]) for part in PARTS] == [2795, 149, 774]


def test_queries_have_their_numbers_in_place(every: list[Template]) -> None:
    for template in every:
        assert not re.search(r"number\d", template.query), template.query
        for number in template.numbers:
            assert show(number) in template.query


@pytest.mark.parametrize("dataset", ["mawps", "svamp"])
def test_every_logged_question_is_in_a_part(
    every: list[Template], dataset: published.Dataset
) -> None:
    logged = {masked(query) for query in published.questions(dataset)["query"]}
    assert len(logged) > 1000
    assert logged <= {masked(template.query) for template in every}


def test_the_equation_gives_the_published_answer(every: list[Template]) -> None:
    """But for a few slips of the data sets, such as 4 stamps at 34 cents for 134."""
    wrong = [
        template
        for template in every
        if not grade(value(template._fill(template.numbers).expression), template.answer)
    ]
    assert len(wrong) <= 18
    assert "34 cents" in " ".join(template.query for template in wrong)


def test_nearly_every_question_can_be_asked_about_other_numbers(every: list[Template]) -> None:
    random, changed = Random(1), 0
    for template in every:
        question = template.resampled(random)
        if question is None:
            continue
        results = [step.result for step in steps(question.expression)]
        assert results
        assert all(0 < one < 10**6 and (one * 100).denominator == 1 for one in results)
        if all(number.denominator == 1 for number in template.numbers):
            assert all(one.denominator == 1 for one in results), question
        # One question was published with numbers below zero.
        assert masked(question.text) == masked(template.query).replace("-#", "#")
        changed += question.text != template.query
    assert changed > 0.97 * SIZE


def test_published_items_are_written_as_people_write(parts: dict[Part, list[Template]]) -> None:
    for item, template in zip(published_items(parts["test"]), parts["test"], strict=True):
        assert " ." not in item.query
        assert " ?" not in item.query
        assert item.query[0] == item.query[0].upper()
        assert Fraction(item.gold) == Fraction(template.answer)
        assert re.findall(r"\d+(?:\.\d+)?", item.query) == re.findall(
            r"\d+(?:\.\d+)?", template.query
        )
