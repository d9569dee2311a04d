"""Questions as numbers: masked, described the same way everywhere, finite whatever is typed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from core.query import masked
from core.reward.features import ARITHMETIC, DIMENSIONS, Describer, arithmetic, tokens

NAMES = ("Ann", "Bob", "Cleo", "Dan")
THINGS = ("pens", "cups", "hats", "coins", "maps")
VERBS = ("buys", "finds", "loses", "packs")


def _questions(count: int) -> list[str]:
    random = np.random.default_rng(0)
    return [
        f"{random.choice(NAMES)} {random.choice(VERBS)} {random.integers(2, 90)} "
        f"{random.choice(THINGS)} and {random.choice(VERBS)} {random.integers(2, 90)} "
        f"{random.choice(THINGS)}. How many {random.choice(THINGS)} are there?"
        for _ in range(count)
    ]


def _feature(query: str, name: str) -> float:
    return arithmetic(query)[ARITHMETIC.index(name)]


@pytest.fixture(scope="module")
def describer() -> Describer:
    return Describer.fit(_questions(300), seed=0)


def _describe(describer: Describer, *queries: str) -> np.ndarray:
    return describer.describe(queries, describer.index())


@pytest.mark.parametrize(
    "same",
    [
        "ann has 7 pens.",
        "Ann has 1,250 pens.",
        "Ann has 3.5 pens.",
        "  Ann  has\n40\tpens. ",
        "ANN HAS 7 PENS.",
    ],
)
def test_numbers_case_and_blanks_do_not_tell_questions_apart(same: str) -> None:
    assert masked(same) == masked("Ann has 3 pens.")


@pytest.mark.parametrize("other", ["Bob has 3 pens.", "Ann has pens.", "Ann has 3 4 pens."])
def test_other_words_are_another_question(other: str) -> None:
    assert masked(other) != masked("Ann has 3 pens.")


@given(st.text())
def test_masking_twice_changes_nothing(query: str) -> None:
    assert masked(masked(query)) == masked(query)


@pytest.mark.parametrize(
    ("query", "name", "value"),
    [
        ("A car of $25,000 loses 10% a year.", "numbers", 2),
        ("A car of $25,000 loses 10% a year.", "log-largest", np.log1p(25000)),
        ("A car of $25,000 loses 10% a year.", "percentages", 1),
        ("A car of $25,000 loses 10% a year.", "dollar-signs", 1),
        ("A rope of 2.5 feet and one of 3.", "decimals", 1),
        ("Bo has 3.0 pens.", "decimals", 0),
        ("Bo ate 1/2 of it.", "slashes", 1),
        ("Bo has 4 pens and 4 cups.", "distinct-numbers", 1),
        ("Nobody has any.", "numbers", 0),
        ("Nobody has any.", "log-largest", 0),
        ("How many remain after half are split?", "divide", 2),
        ("How many remain after half are split?", "how-many", 1),
    ],
)
def test_arithmetic_reads_what_its_name_says(query: str, name: str, value: float) -> None:
    assert _feature(query, name) == pytest.approx(value)


def test_spaces_before_punctuation_do_not_change_a_question() -> None:
    # Data sets differ in this; a typed question must not look like one of them for it.
    assert arithmetic("Bo has 3 pens , and 4 cups . How many ?") == arithmetic(
        "Bo has 3 pens, and 4 cups. How many?"
    )


def test_a_serial_number_is_no_quantity() -> None:
    assert _feature("Parcel 12345678901234567890 holds 3 cups.", "log-largest") == np.log1p(3)


@given(st.text(max_size=400))
def test_arithmetic_is_finite_for_any_text(query: str) -> None:
    values = arithmetic(query)
    assert len(values) == len(ARITHMETIC)
    assert np.isfinite(values).all()


@given(st.lists(st.text(max_size=100), min_size=1, max_size=5))
def test_any_text_is_described_by_finite_numbers(describer: Describer, queries: list[str]) -> None:
    features = _describe(describer, *queries)
    assert features.shape == (len(queries), describer.width)
    assert np.isfinite(features).all()


@pytest.mark.parametrize(
    "query", ["7" * 10_000, "pen " * 2_500, "😀🎲", "مرحبا كيف الحال", "猫は何匹ですか", "\ud800"]
)
def test_unusual_questions_are_described(describer: Describer, query: str) -> None:
    assert np.isfinite(_describe(describer, query)).all()


def test_other_numbers_change_the_arithmetic_alone(describer: Describer) -> None:
    small, large = _describe(
        describer, "Ann buys 3 pens and finds 4 cups.", "Ann buys 9,000 pens and finds 4 cups."
    )
    dimensions = describer.components.shape[1]
    np.testing.assert_array_equal(small[:dimensions], large[:dimensions])
    assert not np.array_equal(small[dimensions:], large[dimensions:])


def test_words_never_seen_leave_the_semantic_part_empty(describer: Describer) -> None:
    dimensions = describer.components.shape[1]
    assert not _describe(describer, "Zyx qwv!")[0, :dimensions].any()


def test_a_question_is_described_alike_alone_and_among_others(describer: Describer) -> None:
    queries = _questions(40)
    together = _describe(describer, *queries)
    for row, query in enumerate(queries):
        np.testing.assert_array_equal(_describe(describer, query)[0], together[row])


def test_the_semantic_part_agrees_with_scikit_learn(describer: Describer) -> None:
    queries = _questions(50)
    reference = TfidfVectorizer(analyzer=tokens, vocabulary=describer.terms, sublinear_tf=True)
    reference.idf_ = describer.idf
    expected = reference.transform(queries) @ (describer.components * describer.component_scale)
    dimensions = describer.components.shape[1]
    np.testing.assert_allclose(
        _describe(describer, *queries)[:, :dimensions], expected, rtol=1e-4, atol=1e-5
    )


def test_arithmetic_is_on_the_scale_of_the_training_log() -> None:
    queries = _questions(300)
    describer = Describer.fit(queries, seed=0)
    values = _describe(describer, *queries)[:, describer.components.shape[1] :]
    varied = values.std(axis=0) > 1e-4
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(values.std(axis=0)[varied], 1, atol=1e-4)


def test_a_feature_constant_in_the_log_stays_small_elsewhere() -> None:
    # Eleven words each: the spread of their logarithm is a rounding error, not zero.
    queries = [f"Ann buys {i} pens and finds {i + 5} cups. Have fun." for i in range(3, 303)]
    describer = Describer.fit(queries, seed=0)
    assert np.abs(_describe(describer, "Ann buys 3 pens today. How many in all?")).max() < 1000


def test_the_same_questions_teach_the_same_description() -> None:
    queries = _questions(200)
    first, second = Describer.fit(queries, seed=3), Describer.fit(queries[::-1], seed=3)
    assert first.terms == second.terms
    assert list(first.terms) == sorted(first.terms)
    np.testing.assert_array_equal(first.components, second.components)


def test_repeated_questions_weigh_no_more_than_others() -> None:
    queries = _questions(100)
    once, often = Describer.fit(queries, seed=0), Describer.fit(queries + queries[:5] * 50, seed=0)
    np.testing.assert_array_equal(once.idf, often.idf)


@pytest.mark.parametrize(
    "queries",
    [["Ann has 3 pens."], ["Ann has 3 pens.", "Bob has 4 cups."], ["😀", "😡"], ["7", "8"]],
)
def test_a_tiny_log_is_described(queries: list[str]) -> None:
    describer = Describer.fit(queries, seed=0)
    features = _describe(describer, *queries, "Something else with 12 words?")
    assert features.shape == (len(queries) + 1, describer.width)
    assert np.isfinite(features).all()
    assert describer.components.shape[1] <= DIMENSIONS
