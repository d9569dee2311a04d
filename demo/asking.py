"""What happens when a visitor asks: rank, answer, compare, stop; HTML out, nothing laid out."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from core import llms
from core.ask import Answer
from core.demonstrations import EMBEDDED
from core.errors import DataError, PromptOIRLError
from core.own_training import OwnLog
from core.policies import MajorityVote
from core.ranking import Ranking
from demo.answers import (
    COMPARISON_INVITATION,
    answer_card,
    comparison,
    failed_card,
    stopped,
    waiting_card,
)
from demo.beliefs import steps_html
from demo.choices import Choices, Prepared, offer_called, open_for, prepare
from demo.common import shows_errors
from demo.estimate import compare_label
from demo.live import Progress, stream
from demo.ranking import ranking_html
from demo.runs import RUNS
from demo.session import Session
from demo.session_view import session_html


def warm_up() -> None:
    """Load the LLM beside the page that somebody has just opened, for a prompt first answer."""
    threading.Thread(target=llms.get, args=(EMBEDDED,), daemon=True).start()


@dataclass(frozen=True)
class Asked:
    """The question that is on the page with its answer, to compare with.

    Attributes:
        query: The question.
        gold: Its correct answer where it was recorded.
        ranking: The prompts that were considered.
        llm: Who was asked.
        answer: What came of it.
    """

    query: str
    gold: str | None
    ranking: Ranking
    llm: str
    answer: Answer


@shows_errors
def answer_question(
    own_log: OwnLog | None, session: Session, request: gr.Request, *controls: Any
) -> Iterator[tuple[Any, ...]]:
    """Rank the prompts at once, then let the answer appear.

    Args:
        own_log: What the visitor's own log taught, None without one.
        session: What was spent before.
        request: Whose page it is.
        controls: The fields of ``Choices``.

    Yields:
        HTML of ranking, answer, verdict and comparison, the compare button, what was asked, the
        session and its HTML.
    """
    choices = Choices(*controls)
    ready = prepare(choices, own_log)
    shown = ranking_html(ready.ranking, ready.note, ready.marks)
    button = gr.update(value=compare_label(ready.ranking, choices.offer), interactive=False)
    card = waiting_card(ready.title, _doing(ready), "")
    yield shown, card, "", COMPARISON_INVITATION, button, None, session, session_html(session)
    skip = gr.skip()
    try:
        # The first time a local LLM is loaded here, so the ranking is shown before.
        llm = choices.open(request.session_hash)
    except PromptOIRLError:
        yield skip, failed_card(ready.title), skip, skip, skip, skip, skip, skip
        raise
    for event in stream(
        ready.query,
        ready.ranking,
        ready.policy,
        llm,
        gold=ready.gold,
        visitor=request.session_hash,
    ):
        steps = steps_html(event.steps, event.reason, ready.ranking)
        if isinstance(event, Progress):
            text = list(event.texts.values())[-1] if event.texts else ""
            card = waiting_card(ready.title, _doing(ready), text, steps)
            yield skip, card, skip, skip, skip, skip, skip, skip
            continue
        if event.answer is None:
            session = session.with_entries(event.entries)
            failed = failed_card(ready.title)
            yield skip, failed, skip, skip, skip, None, session, session_html(session)
            raise event.error
        session = session.with_answer(event.answer, ready.ranking)
        asked = Asked(ready.query, ready.gold, ready.ranking, choices.llm, event.answer)
        card = answer_card(ready.title, event.answer, steps, ready.gold)
        button = gr.update(interactive=True)
        yield skip, card, skip, skip, button, asked, session, session_html(session)


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
        HTML of the verdict and the comparison, the session and its HTML.
    """
    if asked is None:
        raise DataError("Ask a question first; then its answer can be compared.")
    count = len(asked.ranking.prompts)
    title = f"Exhaustive prompting: {count} calls and a vote"
    llm = open_for(offer_called(asked.llm), key, request.session_hash)
    yield "", waiting_card(title, f"0 of {count} calls", ""), session, session_html(session)
    for event in stream(
        asked.query,
        asked.ranking,
        MajorityVote(count),
        llm,
        gold=asked.gold,
        visitor=request.session_hash,
    ):
        if isinstance(event, Progress):
            card = waiting_card(title, f"{event.done} of {count} calls", "")
            yield gr.skip(), card, gr.skip(), gr.skip()
            continue
        session = session.with_entries(event.entries)
        if event.answer is None:
            yield "", failed_card(title), session, session_html(session)
            raise event.error
        verdict = f'<p class="verdict">{escape(comparison(asked.answer, event.answer))}</p>'
        card = answer_card(title, event.answer, gold=asked.gold)
        yield verdict, card, session, session_html(session)


def stop(answer: str, compared: str, session: Session, request: gr.Request) -> tuple[Any, ...]:
    """Stop what the visitor has under way, and count what it spent.

    Returns:
        HTML of answer and comparison, the session and its HTML.
    """
    session = session.with_entries(RUNS.stop(request.session_hash))
    cards = [stopped(card) or gr.skip() for card in (answer, compared)]
    return *cards, session, session_html(session)


def forget(request: gr.Request) -> None:
    """Stop what a visitor has under way who has left the page."""
    RUNS.stop(request.session_hash)
