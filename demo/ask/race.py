"""New questions whose answers are known, and a race of policies over twenty of them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from random import SystemRandom
from typing import Any

import gradio as gr

from core.asking.built_in import new_questions
from core.asking.own_model import OwnModel
from core.asking.race import Race, one_call
from core.asking.solve import Answer
from core.errors import DataError
from core.grading.kinds import NUMBERS
from core.policies import MajorityVote, Policy
from demo.ask.choices import OWN, RECORDED, Choices, Prepared, prepare
from demo.ask.estimate import RACE_QUESTIONS
from demo.ask.recorded import draw_numbers
from demo.ask.run import RUNS, Finished, stream
from demo.ask.session import Session
from demo.ask.views.race import begun_html, race_html
from demo.ask.views.session import session_html
from demo.common import shows_errors

_RANDOM = SystemRandom()
_KEPT = 50
"""Drawn questions whose answers are remembered for a visitor."""
_BUILT_IN = "The questions are the project’s own, in phrases that no training used."
_PLAYED = "The questions are recorded ones, ranked by a model that never saw them."


def draw_question(known: dict[str, str]) -> tuple[str, dict[str, str]]:
    """Draw a question whose answer is known.

    Args:
        known: Answers of those drawn before.

    Returns:
        The question, and the answers with its own.
    """
    item = new_questions(1, _RANDOM)[0]
    kept = dict(list(known.items())[1 - _KEPT :])
    return item.query, {**kept, item.query: item.gold}


@shows_errors
def run_race(
    own_log: OwnModel | None, session: Session, request: gr.Request, *controls: Any
) -> Iterator[tuple[str, str]]:
    """Answer twenty questions with one call, the chosen policy and all prompts.

    Args:
        own_log: What the visitor's own log or model knows, None without one.
        session: What was spent before; is added to.
        request: Whose page it is.
        controls: The fields of ``Choices``.

    Yields:
        HTML of the race and of the session, after each question.
    """
    RUNS.stop(request.session_hash)
    choices = Choices(*controls)
    _check_kind(choices, own_log)
    note = _PLAYED if choices.llm == RECORDED else _BUILT_IN
    race: Race | None = None
    yield begun_html(), session_html(session)
    for ready in _drawn(choices, own_log):
        race = race or Race(None if ready.one_call else ready.title)
        ask = partial(_answer, ready, choices, session, request.session_hash)
        every = ask(MajorityVote(len(ready.ranking.prompts)))
        answer = None if ready.one_call or every is None else ask(ready.policy)
        if every is None or (answer is None and not ready.one_call):
            return
        gold = ready.gold or ""
        spent = answer or one_call(ready.ranking, every, gold)
        session.compare(session.count(spent, ready.ranking), every)
        race.add(ready.ranking, every, answer, gold)
        shown = race_html(race.standings(), RACE_QUESTIONS, len(ready.ranking.prompts), note)
        yield shown, session_html(session)


def _check_kind(choices: Choices, own_log: OwnModel | None) -> None:
    """Raise DataError where answers would be read as other than the numbers that they are."""
    if own_log is None or choices.llm == RECORDED or choices.scored_by != OWN:
        return
    kind = own_log.scorer.kind
    if kind is not NUMBERS:
        raise DataError(
            f"The questions of a race have numbers for answers; those of your {own_log.noun} have "
            f"{kind.name}. Choose another log where chances come from."
        )


def _drawn(choices: Choices, own_log: OwnModel | None) -> Iterator[Prepared]:
    """Questions with known answers, ready to be asked as the controls say."""
    if choices.llm == RECORDED:
        for number in draw_numbers(RACE_QUESTIONS):
            yield prepare(replace(choices, number=number), own_log)
        return
    for item in new_questions(RACE_QUESTIONS, _RANDOM):
        asked = replace(choices, question=item.query)
        yield prepare(asked, own_log, {item.query: item.gold})


def _answer(
    ready: Prepared, choices: Choices, session: Session, visitor: str, policy: Policy
) -> Answer | None:
    """What a policy makes of a question, None when the visitor stopped it.

    Raises:
        PromptOIRLError: no call brought an answer.
    """
    for event in stream(replace(ready, policy=policy), choices.open, session, visitor):
        if isinstance(event, Finished):
            if event.error is not None:
                raise event.error
            return event.answer
    return None
