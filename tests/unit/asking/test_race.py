"""Races and comparisons count every answer, and say no more than so few questions tell."""

import re
from random import Random

import numpy as np
import pytest
from queued_llm import QueuedLLM

from core.asking.built_in import gold_of, new_questions
from core.asking.race import Race, one_call
from core.asking.ranking import Ranking
from core.asking.solve import Answer, solve
from core.costs.lengths import TokensByLength
from core.grading.final_answer import parse_gold
from core.policies import MajorityVote
from core.prompts import PROMPTS
from demo.ask.race import draw_question
from demo.ask.session import Session
from demo.ask.views.race import race_html, stopped_html
from demo.ask.views.session import session_html
from demo.ask.views.votes import answers_html, votes_html

RIGHT, WRONG = "2 + 2 = 4. The answer is 4.", "2 + 2 = 5. The answer is 5."


def _ranking(count: int) -> Ranking:
    values = np.linspace(0.9, 0.1, count)
    return Ranking(PROMPTS[:count], *(values,) * 4, *(np.full(count, 200.0),) * 2)


def _every(*texts: str, gold: str | None = "4") -> Answer:
    count = len(texts)
    return solve("2 + 2?", _ranking(count), MajorityVote(count), QueuedLLM(texts), gold)


def test_a_race_counts_the_best_ranked_call_and_the_vote_apart() -> None:
    race = Race(None)
    race.add(_ranking(3), _every(WRONG, RIGHT, RIGHT), None, "4")
    race.add(_ranking(3), _every(RIGHT, RIGHT, WRONG), None, "4")
    one, every = race.standings()
    assert (one.calls, one.right, one.asked) == (1, 1, 2)
    assert (every.calls, every.right, every.asked) == (3, 2, 2)
    assert one.accuracy.low < 0.5 < one.accuracy.high


def test_a_policy_between_has_its_own_calls() -> None:
    race = Race("Four calls")
    race.add(_ranking(3), _every(WRONG, WRONG, RIGHT), _every(RIGHT, RIGHT), "4")
    assert [(row.label, row.calls, row.right) for row in race.standings()][1] == (
        "Four calls",
        2,
        1,
    )


def test_the_one_call_costs_what_that_call_cost() -> None:
    every = _every(RIGHT, WRONG, WRONG)
    one = one_call(_ranking(3), every, "4")
    assert (one.correct, len(one.calls), len(one.entries)) == (True, 1, 1)
    assert every.tokens == 3 * one.tokens


def test_a_race_shows_its_numbers_and_that_few_questions_tell_little() -> None:
    race = Race(None)
    race.add(_ranking(3), _every(WRONG, RIGHT, RIGHT), None, "4")
    html = race_html(race.standings(), 20, 3, "note")
    assert "After 1 of 20 questions: 0 right with 1 call each, 1 right with 3 calls each" in html
    assert "do not tell which is better" in html
    assert 'aria-busy="true"' in html
    assert 'aria-busy="true"' not in stopped_html(html)
    assert "0 of 1" in stopped_html(html)


def test_votes_are_counted_and_graded_most_first() -> None:
    html = votes_html(_every(RIGHT, WRONG, RIGHT), "4")
    assert re.findall(r'class="count">(\d+)<', html) == ["2", "1"]
    assert html.index("4 ✓") < html.index("5 ✗")


def test_nothing_is_graded_where_nobody_knows() -> None:
    every = _every(RIGHT, WRONG, RIGHT, gold=None)
    for html in (votes_html(every, None), answers_html(every, PROMPTS[:3], None)):
        assert not {"✓", "✗"} & set(html)


def test_the_table_has_every_answer_its_wrong_equation_and_its_tokens() -> None:
    html = answers_html(_every(RIGHT, WRONG, "", RIGHT), PROMPTS[:4], "4")
    assert "Show all 4 answers" in html
    assert html.count('<th scope="row">') == 4
    assert html.count("4, not 5") == 1
    assert "no answer" in html
    assert "did not answer in time" in html


def test_the_session_says_how_many_were_right_beside_exhaustive_prompting() -> None:
    session, ranking = Session(), _ranking(3)
    every = _every(WRONG, RIGHT, RIGHT)
    for entry in every.entries:
        session.add(entry)
    session.compare(session.count(one_call(ranking, every, "4"), ranking), every)
    assert "0 of 1 right, exhaustive prompting 1 of 1 compared" in session_html(session)


def test_new_questions_differ_and_have_an_answer() -> None:
    items = new_questions(20, Random(3))
    assert len({item.query for item in items}) == 20
    assert all(parse_gold(item.gold) is not None for item in items)
    assert items != new_questions(20, Random(4))


def test_a_drawn_question_keeps_its_answer_and_old_ones_go() -> None:
    known: dict[str, str] = {}
    for _ in range(60):
        query, known = draw_question(known)
        assert query in known
    assert len(known) == 50


@pytest.mark.parametrize(("query", "gold"), [("12*7+3", "87"), ("How many?", None)])
def test_bare_sums_and_examples_are_known(query: str, gold: str | None) -> None:
    assert gold_of(query) == gold


def test_a_longer_question_is_expected_to_take_more_tokens() -> None:
    line = TokensByLength.fit(["a" * 10, "a" * 20, "a" * 30], [15.0, 25.0, 35.0])
    assert line.of("a" * 50) == pytest.approx(55)
    assert TokensByLength.fit(["ab", "cd"], [10.0, 20.0]).of("x" * 99) == pytest.approx(15)
    assert np.isnan(TokensByLength.fit(["ab"], [np.nan]).of("ab"))
