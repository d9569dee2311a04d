"""What happens when a visitor asks: rank, answer, compare, stop; HTML out, nothing laid out."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import gradio as gr

from core.asking.own_model import OwnModel
from core.asking.verdict import verdict
from core.errors import DataError
from core.policies import MajorityVote
from demo.ask.choices import Choices, Prepared, offer_called, open_for, prepare
from demo.ask.estimate import RACE, compare_label, race_label
from demo.ask.run import RUNS, Progress, stream
from demo.ask.session import Session
from demo.ask.views.answer import (
    COMPARISON_INVITATION,
    INVITATION,
    failed_card,
    numbered,
    stopped,
    waiting_card,
)
from demo.ask.views.asked import Asked, Compared, exhaustive_title
from demo.ask.views.race import stopped_html
from demo.ask.views.ranking import ranking_html, unranked_html
from demo.ask.views.session import session_html
from demo.ask.views.steps import steps_html
from demo.ask.views.votes import answers_html
from demo.common import shows_errors
from demo.templates import html

_STALE = ["stale"]
_NOT_ASKED = "No LLM has been asked yet."


@shows_errors
def answer_question(
    own_log: OwnModel | None,
    session: Session,
    known: Mapping[str, str],
    request: gr.Request,
    *controls: Any,
) -> Iterator[tuple[Any, ...]]:
    """Rank the prompts at once, then let the answer appear; what was under way is stopped.

    Args:
        own_log: What the visitor's own log or model knows, None without one.
        session: What was spent before; is added to.
        known: Correct answers of questions that were drawn for this visitor.
        request: Whose page it is.
        controls: The fields of ``Choices``.

    Yields:
        HTML of ranking, answer, verdict, comparison and all answers, the compare button, what was
        asked, and HTML of the session.
    """
    choices = Choices(*controls)
    ready, skip = prepare(choices, own_log, known), gr.skip()
    visitor = request.session_hash
    shown = ranking_html(ready.ranking, ready.note, ready.marks)
    label = compare_label(ready.ranking, choices.offer, ready.query, session.stand_in)
    button = gr.update(value=label, interactive=False)
    waiting = waiting_card(ready.title, _doing(ready), "")
    # An older question would write over this one, and go on spending.
    RUNS.stop(visitor)
    yield (
        shown,
        _fresh(waiting),
        _fresh(""),
        _fresh(COMPARISON_INVITATION),
        _fresh(""),
        button,
        None,
        session_html(session),
    )
    for event in stream(ready, choices.open, session, visitor):
        steps = steps_html(event.steps, event.reason, ready.ranking)
        if isinstance(event, Progress):
            text = list(event.texts.values())[-1] if event.texts else ""
            card = waiting_card(ready.title, _doing(ready), text, steps)
            yield skip, card, skip, skip, skip, skip, skip, skip
            continue
        if event.answer is None:
            yield *(skip, failed_card(ready.title)), *(skip,) * 4, None, session_html(session)
            raise event.error
        number = session.count(event.answer, ready.ranking)
        if event.answer.failures:
            # It ended because calls failed, as the card says, and not for a reason of its own.
            steps = steps_html(event.steps, "", ready.ranking)
        asked = Asked(ready, choices.llm, event.answer, steps, number)
        card = asked.card(session.stand_in)
        button = gr.update(interactive=True)
        yield *(skip, card), *(skip,) * 3, button, asked, session_html(session)


@shows_errors
def rank_anew(
    own_log: OwnModel | None, session: Session, request: gr.Request, *controls: Any
) -> tuple[Any, ...]:
    """The ranking for another LLM, where there is a question; what was under way is stopped.

    Returns:
        HTML of ranking, answer, verdict, comparison and all answers, the compare button, what was
        asked, and the button of the race.
    """
    RUNS.stop(request.session_hash)
    choices = Choices(*controls)
    try:
        ready = prepare(choices, own_log)
    except DataError:
        # Nothing was asked yet, so nothing is wrong yet: Solve will say what is missing.
        shown, button, racing = "", gr.update(interactive=False), RACE
    else:
        shown = ranking_html(ready.ranking, ready.note, ready.marks)
        bill = ready.ranking, choices.offer, ready.query, session.stand_in
        button = gr.update(value=compare_label(*bill), interactive=False)
        racing = race_label(*bill)
    cards = _fresh(INVITATION), _fresh(""), _fresh(COMPARISON_INVITATION), _fresh("")
    return shown, *cards, button, None, racing


@shows_errors
def rank_typed(
    own_log: OwnModel | None,
    session: Session,
    asked: Asked | None,
    request: gr.Request,
    *controls: Any,
) -> tuple[Any, ...]:
    """The ranking for what has been typed so far; nothing is asked and nothing stopped.

    An answer to another question steps back.

    Returns:
        HTML of the ranking, updates of answer, verdict, comparison and all answers, and of the
        compare button.
    """
    choices = Choices(*controls)
    try:
        ready = prepare(choices, own_log)
    except DataError as problem:
        text = str(problem) if choices.question.strip() else ""
        return unranked_html(text), *_old(asked, ""), gr.update(interactive=False)
    shown = ranking_html(ready.ranking, f"{ready.note} {_NOT_ASKED}", ready.marks)
    same = asked is not None and asked.question.query == ready.query
    label = compare_label(ready.ranking, choices.offer, ready.query, session.stand_in)
    return shown, *_old(asked, ready.query), gr.update(value=label, interactive=same)


def _old(asked: Asked | None, query: str) -> tuple[Any, ...]:
    """Updates of answer, verdict, comparison and all answers: old behind another question."""
    stale = asked is not None and asked.question.query != query
    return (gr.update(elem_classes=_STALE if stale else []),) * 4


def _fresh(card: str) -> Any:
    """A card that stands in front again."""
    return gr.update(value=card, elem_classes=[])


def _doing(ready: Prepared) -> str:
    """What the waiting card says."""
    if len(ready.marks) > 1:
        return f"Asking {len(ready.marks)} prompts"
    label = ready.ranking.prompts[next(iter(ready.marks))].label
    return f"“{label}” is answering" if "chosen" in ready.marks.values() else "Asking one by one"


@shows_errors
def compare_answers(
    asked: Asked | None, key: str | None, session: Session, request: gr.Request
) -> Iterator[tuple[Any, ...]]:
    """Run exhaustive prompting on the question that was answered last.

    Yields:
        HTML of the verdict, the comparison, all answers and the session, and what was compared.
    """
    if asked is None:
        raise DataError("Ask a question first; then its answer can be compared.")
    ranking, gold = asked.question.ranking, asked.question.gold
    count, title = len(ranking.prompts), exhaustive_title(ranking)
    question = replace(asked.question, policy=MajorityVote(count))
    opened = partial(open_for, offer_called(asked.llm), key)
    # Nothing is shown before the run has begun, so that a newer question finds and stops it.
    for event in stream(question, opened, session, request.session_hash):
        if isinstance(event, Progress):
            card = waiting_card(title, f"{event.done} of {count} calls", "")
            yield "", numbered(asked.number, card), "", gr.skip(), None
            continue
        if event.answer is None:
            failed = numbered(asked.number, failed_card(title))
            yield "", failed, "", session_html(session), None
            raise event.error
        found = verdict(asked.answer, event.answer, gold)
        told = html('<p class="verdict">{{ text }}</p>', text=found.text)
        session.compare(asked.number, event.answer)
        compared = Compared(asked, event.answer)
        every = answers_html(event.answer, ranking.prompts, gold)
        yield told, compared.card(session.stand_in), every, session_html(session), compared


def stop(
    answer: str | None,
    compared: str | None,
    race: str | None,
    session: Session,
    request: gr.Request,
) -> tuple[Any, ...]:
    """Stop what the visitor has under way.

    Returns:
        HTML of answer, comparison and race, and of the session with what was spent until now.
    """
    RUNS.stop(request.session_hash)
    cards = [stopped(card or "") or gr.skip() for card in (answer, compared)]
    return *cards, stopped_html(race or ""), session_html(session)


def reset(
    answer: str | None,
    compared: str | None,
    race: str | None,
    session: Session,
    request: gr.Request,
) -> tuple[Any, ...]:
    """Stop what the visitor has under way and begin the session anew; returns as ``stop`` does."""
    *cards, _ = stop(answer, compared, race, session, request)
    session.clear()
    return *cards, session_html(session)


def forget(request: gr.Request) -> None:
    """Stop what a visitor has under way who has left the page."""
    RUNS.stop(request.session_hash)
