"""The verifier: what it reads off an answer, and that it tells right from wrong ones unseen."""

from dataclasses import replace

import numpy as np
import pytest
from budget_log import made_up_log, table_of
from hypothesis import given
from hypothesis import strategies as st

from core.logs.answers import answers_beside
from core.policies.verifier.features import FEATURES, read
from core.policies.verifier.reasons import reasons
from core.policies.verifier.training import Training

QUESTION = "Ann has 3 boxes with 12 pens each. She gives away 5 pens. How many pens are left?"


def _read(text: str, answer: str, question: str = QUESTION) -> dict[str, float]:
    return dict(zip(FEATURES, read(question, text, answer).tolist(), strict=True))


def test_what_is_computed_from_what_is_read() -> None:
    found = _read("3 x 12 = 36 pens. 36 - 5 = 31. So 31 pens are left.", "31")
    assert (found["equations"], found["wrong"], found["concluded"]) == (2, 0, 1)
    assert (found["sign_m"], found["sign_s"]) == (1, 1)
    assert (found["from_question"], found["from_results"], found["from_nowhere"]) == (0.75, 0.25, 0)
    assert (found["computed_with"], found["not_computed_with"], found["chained"]) == (1, 0, 0.5)
    assert (found["states_noun"], found["asks_difference"], found["given"]) == (1, 1, 3)


def test_numbers_from_nowhere_and_results_left_lying_are_seen() -> None:
    found = _read("3 x 12 = 36. 40 - 7 = 33. The answer is 33.", "33")
    assert (found["from_nowhere"], found["invented"]) == (2, 2)
    assert found["not_used_again"] == 1
    assert found["not_computed_with"] == 1
    assert found["mended"] == 0
    assert _read("3 x 12 = 34. 34 - 5 = 29.", "29")["mended"] == 2


def test_the_number_itself_is_compared_with_the_question() -> None:
    found = _read("The answer is 12.", "12")
    assert (found["in_question"], found["whole"], found["beside_largest"]) == (1, 1, 0)
    assert _read("-0.5", "-0.5")["negative"] == 1


@given(st.text(max_size=80), st.text(max_size=80), st.integers(-(10**9), 10**9))
def test_any_text_has_features_that_are_numbers(question: str, text: str, answer: int) -> None:
    row = read(question, text, str(answer))
    assert row.shape == (len(FEATURES),)
    assert np.isfinite(row).all()


def test_right_answers_to_unseen_queries_get_the_larger_chances() -> None:
    log, reward, fold = made_up_log(texts=True)
    chances = Training(log, None).unseen_chances(np.full_like(reward, 0.5), fold, seed=0)
    readable = log.answer != np.array(None)
    wrong = chances[readable & ~log.correct].mean()
    assert chances[readable & log.correct].mean() > wrong + 0.3
    # Where there is no number to judge, what was known before the call stands.
    assert (chances[~readable] == 0.5).all()


def test_without_texts_there_is_no_verifier() -> None:
    log, reward, fold = made_up_log()
    answers = Training(log, None)
    assert answers.fit(np.ones(len(fold), dtype=bool), seed=0) is None
    assert (answers.unseen_chances(reward, fold, seed=0) == reward).all()


def test_answers_to_the_judged_queries_are_not_among_those_beside() -> None:
    log, _, _ = made_up_log(texts=True)
    table = table_of(log, log.text.ravel()).assign(gold="7")
    first = log.take(np.arange(len(log.query)) < 100)
    beside = answers_beside(table, first)
    assert set(beside.query).isdisjoint(first.query)
    assert set(beside.query) == set(log.query) - set(first.query)
    # The same words with other numbers count as the same question.
    other = table.assign(query=table["query"].str.replace("5", "8"))
    assert set(answers_beside(other, first).query).isdisjoint(
        query.replace("5", "8") for query in first.query
    )


@pytest.mark.parametrize(("gold", "expected"), [("36", [True]), ("34", [False]), (None, [])])
def test_a_mended_answer_beside_is_graded_anew_or_left_out(
    gold: str | None, expected: list[bool]
) -> None:
    log, _, _ = made_up_log(texts=True)
    row = table_of(log, log.text.ravel()).head(1)
    row = row.assign(
        query="Ann has 3 boxes with 12 pens.",
        answer="3 x 12 = 34. The answer is 34.",
        predicted_answer="34",
        correct=gold == "34",
        gold=gold,
    )
    beside = answers_beside(row, replace(log, grader="project"))
    assert beside.answer.tolist() == ["34"]
    mended = beside.repaired()
    assert mended.correct.tolist() == expected
    assert mended.answer.tolist() == ["36"] * len(expected)


@pytest.mark.parametrize(
    ("text", "answer", "expected"),
    [
        ("3 x 12 = 36. 36 - 5 = 31.", "31", ["computes with 3 of 3 numbers"]),
        ("It is 31.", "31", ["shows no equation"]),
        (
            "3 x 12 = 36. 40 - 8 = 32. So 36.",
            "36",
            [
                "computes with 2 of 3 numbers",
                "2 numbers not from the question",
                "its last equation gives another number",
            ],
        ),
    ],
)
def test_reasons_say_what_to_check(text: str, answer: str, expected: list[str]) -> None:
    assert reasons(QUESTION, text, answer) == expected
