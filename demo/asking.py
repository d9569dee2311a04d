"""What happens when a visitor asks: rank, answer, compare; HTML out, nothing laid out here."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import gradio as gr

from core import llms
from core.artifacts import load_table
from core.ask import Answer, solve
from core.demonstrations import EMBEDDED
from core.errors import DataError
from core.policies import BestOfN, MajorityVote, Policy, policy_by_name
from core.prompts import PROMPTS, own_prompt
from core.ranking import Ranking, check_query, log_for, rank
from demo.answers import failed_card, live_card, live_comparison, waiting_card
from demo.beliefs import steps_html
from demo.common import shows_errors
from demo.live import Progress, stream
from demo.ranking import ranking_html
from demo.session import Session, expected_tokens, session_html

LLM = EMBEDDED
ONE_CALL = "Best-of-N: one call with the chosen prompt"
MOST_CALLS = len(PROMPTS)


def warm_up() -> None:
    """Load the LLM beside the page that somebody has just opened, for a prompt first answer."""
    threading.Thread(target=llms.get, args=(LLM,), daemon=True).start()


@dataclass(frozen=True)
class Asked:
    """The question that is on the page with its answer, to compare with."""

    query: str
    own: str
    answer: Answer


def ranking_of(question: str, own: str | None) -> Ranking:
    """Rank the sixteen prompts and the visitor's own for a question.

    A box in an accordion that was never opened sends None.
    """
    own = (own or "").strip()
    prompts = PROMPTS + ((own_prompt(own),) if own else ())
    return rank(question, prompts, log=log_for(LLM))


def note() -> str:
    """Who answers and how good it is, as measured."""
    table = load_table("embedded-accuracy")
    best = load_table("prompts")
    best = best[(best["llm"] == LLM) & (best["dataset"] == "all")]
    prompt_id = best.loc[best["accuracy"].idxmax(), "prompt_id"]
    mine = table[table["prompt_id"] == prompt_id].set_index("dataset")["accuracy"]
    return (
        "Answered by the embedded LLM, a very small model for trying things out: with its best "
        f"prompt it is right on {100 * mine['own']:.0f} % of our own plain questions and on "
        f"{100 * mine['mawps']:.0f} % of MAWPS questions that it never saw. Chances come from a "
        "reward model that learned from its log."
    )


def compare_label(ranking: Ranking) -> str:
    """The button with the cost of what it does, before it is spent."""
    return (
        f"Compare with exhaustive prompting: {len(ranking.prompts)} calls, about "
        f"{expected_tokens(ranking):,.0f} tokens"
    )


@shows_errors
def answer_question(
    question: str, own: str | None, calls: float, session: Session
) -> Iterator[tuple[Any, ...]]:
    """Rank the prompts at once, then let the answer appear.

    Args:
        question: As typed.
        own: A prompt of the visitor's own, if any.
        calls: How many to spend on average; one is best-of-N, more is the budget policy.
        session: What was spent before.

    Yields:
        HTML of ranking, answer and comparison, the compare button, what was asked, the session and
        its HTML.
    """
    query = check_query(question)
    ranking = ranking_of(query, own)
    shown = ranking_html(ranking, note())
    button = gr.update(value=compare_label(ranking), interactive=False)
    policy = _policy(calls, ranking)
    title = ONE_CALL if calls <= 1 else f"Budgeted: about {calls:g} calls a question"
    doing = f"“{ranking.best.label}” is answering" if calls <= 1 else "Asking prompt after prompt"
    yield shown, waiting_card(title, doing, ""), "", button, None, session, session_html(session)
    for event in stream(query, ranking, policy, llms.get(LLM)):
        steps = steps_html(event.steps, event.reason, ranking)
        if isinstance(event, Progress):
            text = list(event.texts.values())[-1] if event.texts else ""
            card = waiting_card(title, doing, text, steps)
            yield gr.skip(), card, gr.skip(), gr.skip(), gr.skip(), gr.skip(), gr.skip()
            continue
        if event.answer is None:
            session = session.with_entries(event.entries)
            failed = failed_card(title)
            yield gr.skip(), failed, "", gr.skip(), None, session, session_html(session)
            raise event.error
        session, answer = session.with_answer(event.answer, ranking), event.answer
        yield (
            gr.skip(),
            live_card(title, answer, steps),
            "",
            gr.update(interactive=True),
            Asked(query, own or "", answer),
            session,
            session_html(session),
        )


def _policy(calls: float, ranking: Ranking) -> Policy:
    if calls <= 1:
        return BestOfN()
    ids = [prompt.id for prompt in ranking.prompts]
    return policy_by_name(f"budgeted:{calls:g}", ids, log_for(LLM))


@shows_errors
def compare_answers(asked: Asked | None, session: Session) -> Iterator[tuple[Any, ...]]:
    """Run exhaustive prompting on the question that was answered last.

    Yields:
        HTML of the comparison, the session and its HTML.
    """
    if asked is None:
        raise DataError("Ask a question first; then its answer can be compared.")
    ranking = ranking_of(asked.query, asked.own)
    count = len(ranking.prompts)
    title = f"Exhaustive prompting: {count} calls and a vote"
    yield waiting_card(title, f"0 of {count} calls", ""), session, session_html(session)
    for event in stream(asked.query, ranking, MajorityVote(count), llms.get(LLM)):
        if isinstance(event, Progress):
            card = waiting_card(title, f"{event.done} of {count} calls", "")
            yield card, gr.skip(), gr.skip()
            continue
        session = session.with_entries(event.entries)
        if event.answer is None:
            yield failed_card(title), session, session_html(session)
            raise event.error
        verdict = live_comparison(asked.answer, event.answer)
        yield (
            f'<p class="verdict">{escape(verdict)}</p>{live_card(title, event.answer)}',
            session,
            session_html(session),
        )


@shows_errors
def ask_endpoint(question: str) -> dict[str, Any]:
    """Answer a question with one call of the embedded LLM, using the best-ranked prompt."""
    query = check_query(question)
    answer = solve(query, ranking_of(query, None), BestOfN(), llms.get(LLM))
    return {
        "answer": answer.value,
        "text": answer.text,
        "prompt_id": answer.prompt.id,
        "calls": len(answer.calls),
        "tokens": answer.tokens,
        "dollars": answer.dollars,
        "seconds": answer.seconds,
    }


@shows_errors
def rank_endpoint(question: str) -> list[dict[str, Any]]:
    """Rank the sixteen published prompts for a question, best first."""
    return ranking_of(question, None).rows()
