"""Run a policy in a thread of its own and tell the page what happens, as it happens."""

import contextvars
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from queue import SimpleQueue

from core.ask import Answer, solve
from core.errors import PromptOIRLError
from core.ledger import Entry, Ledger
from core.llms import LLM, Attempt, Control
from core.policies import Context, Policy, Reply, Request
from core.policies.budgeted import Budgeted
from core.ranking import Ranking
from demo.runs import RUNS


@dataclass(frozen=True)
class Step:
    """One call and what a policy believes after it.

    Attributes:
        prompt: Its position in the ranking.
        answer: The number that came back, None when there was none.
        beliefs: P(right) of each candidate answer so far.
    """

    prompt: int
    answer: str | None
    beliefs: dict[str, float]


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
    """The end of a policy: its answer or the error that a person can act on, and what it spent."""

    answer: Answer | None
    error: PromptOIRLError | None
    steps: tuple[Step, ...] = ()
    reason: str = ""
    entries: tuple[Entry, ...] = ()


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


class Run:
    """A policy at work on one query in a thread of its own.

    Its events are read by one page; what it spent is claimed once, by that page or by Stop.
    """

    def __init__(self, query: str, ranking: Ranking, policy: Policy, llm: LLM, gold: str | None):
        self.events: SimpleQueue[Progress | Finished | BaseException] = SimpleQueue()
        self._stopped = threading.Event()
        self._texts: dict[int, str] = {}
        self._done = 0
        self._steps: list[Step] = []
        self._reason = ""
        self._ledger = Ledger()
        self._claimed = False
        self._lock = threading.Lock()
        self._policy = policy
        self._arguments = (query, ranking, _Told(policy, self._on_decision), llm, gold)
        # Lent GPUs are counted by the visitor's request, which the context of this thread holds.
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._work,), daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Start no further call."""
        self._stopped.set()

    def join(self, timeout: float) -> None:
        """Wait until it ended, so many seconds at most."""
        self._thread.join(timeout)

    def claim(self) -> tuple[Entry, ...] | None:
        """What it spent, to whoever asks first; None to everyone after."""
        with self._lock:
            if self._claimed:
                return None
            self._claimed = True
            return self._ledger.entries

    def _work(self) -> None:
        control = Control(self._on_attempt, self._on_text, self._stopped.is_set)
        answer = error = None
        try:
            answer = solve(*self._arguments, ledger=self._ledger, control=control)
        except PromptOIRLError as problem:
            error = problem
        except BaseException as fault:  # noqa: BLE001 - raised again where the page waits for it
            self.events.put(fault)
            return
        self.events.put(Finished(answer, error, tuple(self._steps), self._reason))

    def _on_decision(self, context: Context, replies: Sequence[Reply]) -> None:
        policy = self._policy
        if not isinstance(policy, Budgeted) or not replies:
            return
        with self._lock:
            for reply in replies[len(self._steps) :]:
                beliefs = policy.beliefs(context, replies)
                self._steps.append(Step(reply.request.prompt, reply.answer, beliefs))
            self._reason = policy.reason(context, replies)
            self._report()

    def _report(self) -> None:
        self.events.put(Progress(dict(self._texts), self._done, tuple(self._steps), self._reason))

    def _on_text(self, position: int, piece: str) -> None:
        with self._lock:
            self._texts[position] = self._texts.get(position, "") + piece
            self._report()

    def _on_attempt(self, attempt: Attempt) -> None:
        with self._lock:
            self._done += attempt.outcome == "ok"
            self._report()


def stream(
    query: str,
    ranking: Ranking,
    policy: Policy,
    llm: LLM,
    *,
    gold: str | None = None,
    visitor: str = "",
) -> Iterator[Progress | Finished]:
    """Run ``policy`` on a query and yield its progress, at last how it ended.

    Of several steps that happened while the page was busy only the latest is yielded. Closing the
    iterator stops the run: no further call starts, and what it spent waits in ``RUNS`` for the
    visitor's Stop. A run that Stop has counted ends without a last event.

    Args:
        query: The question.
        ranking: Its prompts and their scores.
        policy: Decides the calls.
        llm: Answers them.
        gold: The correct answer where it is known.
        visitor: Whose page it is.
    """
    run = Run(query, ranking, policy, llm, gold)
    RUNS.add(visitor, run)
    run.start()
    try:
        while True:
            event = run.events.get()
            while isinstance(event, Progress) and not run.events.empty():
                event = run.events.get()
            if isinstance(event, Progress):
                yield event
                continue
            entries = run.claim()
            RUNS.ended(visitor, run)
            if isinstance(event, BaseException):
                raise event
            if entries is not None:
                yield replace(event, entries=entries)
            return
    finally:
        run.stop()
