"""Run a policy in a thread of its own and tell the page what happens, as it happens."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import gradio as gr

from core.asking.ranking import Ranking
from core.asking.solve import Answer, Answering, solve
from core.errors import PromptOIRLError
from core.grading.equations import Equation
from core.grading.working import read_working
from core.llms import Attempt, Control, Failure, LLMError
from core.policies import Context, Policy, Reply, Request
from core.policies.budgeted import Budgeted
from core.policies.verifier.reasons import reasons
from core.prompts import Prompt
from demo.ask.session import Session, SessionLedger
from demo.background import Task, UnderWay
from demo.common import PageFaultError

_log = logging.getLogger(__name__)
RUNS = UnderWay()
"""Questions that are being answered."""


@dataclass(frozen=True)
class Step:
    """One call and what a policy believes after it.

    Attributes:
        prompt: Its position in the ranking.
        answer: The number that came back, None when there was none.
        beliefs: P(right) of each candidate answer so far.
        slip: The first equation of its text that is wrong, None when none is seen to be.
        chance: P(right) of this answer by itself, from its text; None without text or number.
        why: What of the text speaks for it or against it.
    """

    prompt: int
    answer: str | None
    beliefs: dict[str, float]
    slip: Equation | None = None
    chance: float | None = None
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class Progress:
    """Where a policy stands while it runs.

    Attributes:
        texts: What each prompt's answer reads so far, by its position in the ranking.
        done: Calls that have ended.
        steps: The calls of a policy that says what it believes.
        reason: Why it goes on or stopped, in words; empty when it does not say.
    """

    texts: dict[int, str] = field(default_factory=dict)
    done: int = 0
    steps: tuple[Step, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Finished:
    """The end of a policy: its answer, or the error that a person can read."""

    answer: Answer | None
    error: Exception | None
    steps: tuple[Step, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class Question:
    """What is to be asked and how.

    Attributes:
        query: The question.
        ranking: Its prompts and their scores.
        policy: Decides the calls.
        gold: The correct answer where it is known.
        mend: Whether miscalculations in answers are mended.
    """

    query: str
    ranking: Ranking
    policy: Policy
    gold: str | None = None
    mend: bool = False


Open = Callable[[str, Sequence[Prompt]], Answering]
"""Who answers a visitor's prompts; to open may take a while, and raise PromptOIRLError."""


class _Told(Policy):
    """A policy that tells somebody what it has seen before every decision."""

    def __init__(self, policy: Policy, tell: Callable[[Context, Sequence[Reply]], None]) -> None:
        self.name, self.parameter = policy.name, policy.parameter
        self._policy, self._tell = policy, tell

    def next_requests(self, context: Context, replies: Sequence[Reply]) -> Sequence[Request]:
        self._tell(context, replies)
        return self._policy.next_requests(context, replies)

    def choose(self, context: Context, replies: Sequence[Reply]) -> Reply:
        return self._policy.choose(context, replies)


class _Run:
    """A policy at work on one query."""

    def __init__(self, question: Question, llm: Open, session: Session, visitor: str) -> None:
        self.task: Task[Progress | Finished] = Task(self._work)
        self._open = llm
        self._question, self._session, self._visitor = question, session, visitor
        self._texts: dict[int, str] = {}
        self._done = 0
        self._steps: list[Step] = []
        self._reason = ""
        self._lock = threading.Lock()

    def _work(self, task: Task[Progress | Finished]) -> None:
        answer: Answer | None = None
        error: Exception | None = None
        # The first event tells that the visitor's Stop reaches it from here on.
        task.tell(Progress())
        try:
            answer = self._answer()
        except (PromptOIRLError, gr.Error) as problem:
            error = problem
        except Exception as fault:  # noqa: BLE001 - told to the page, which waits for an end
            _log.exception("A run ended unforeseen")
            error = PageFaultError()
            error.__cause__ = fault
        finally:
            RUNS.ended(self._visitor, task)
        task.tell(Finished(answer, error, tuple(self._steps), self._reason))

    def _answer(self) -> Answer:
        asked = self._question
        # A model for a GPU is loaded here the first time, which takes long; Stop is heard after it.
        llm = self._open(self._visitor, asked.ranking.prompts)
        if self.task.stopped:
            raise LLMError(Failure("cancelled", "Stopped before anything was asked."))
        return solve(
            asked.query,
            asked.ranking,
            _Told(asked.policy, self._on_decision),
            llm,
            asked.gold,
            ledger=SessionLedger(self._session),
            control=Control(self._on_attempt, self._on_text, lambda: self.task.stopped),
            mend=asked.mend,
        )

    def _on_decision(self, context: Context, replies: Sequence[Reply]) -> None:
        policy = self._question.policy
        if not isinstance(policy, Budgeted) or not replies:
            return
        with self._lock:
            beliefs, chances = policy.beliefs(context, replies), policy.chances(context, replies)
            for place in range(len(self._steps), len(replies)):
                self._steps.append(_step(replies[place], context.query, beliefs, chances[place]))
            self._reason = policy.reason(context, replies)
            self._report()

    def _report(self) -> None:
        self.task.tell(Progress(dict(self._texts), self._done, tuple(self._steps), self._reason))

    def _on_text(self, position: int, piece: str) -> None:
        with self._lock:
            self._texts[position] = self._texts.get(position, "") + piece
            self._report()

    def _on_attempt(self, attempt: Attempt) -> None:
        with self._lock:
            self._done += attempt.outcome == "ok"
            self._report()


def _step(reply: Reply, query: str, beliefs: dict[str, float], chance: float) -> Step:
    prompt, answer, text = reply.request.prompt, reply.answer, reply.text
    slip = read_working(text).slip if text else None
    if not text or answer is None:
        return Step(prompt, answer, beliefs, slip)
    return Step(prompt, answer, beliefs, slip, chance, tuple(reasons(query, text, answer)))


def stream(
    question: Question, llm: Open, session: Session, visitor: str = ""
) -> Iterator[Progress | Finished]:
    """Ask a question and yield the progress, at last how it ended.

    What it spent is in the session in any case. A run that is stopped by somebody else, Stop or a
    newer question, yields nothing more.
    """
    task = _Run(question, llm, session, visitor).task
    RUNS.add(visitor, task)
    yield from task.events()
