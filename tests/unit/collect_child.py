"""Fake LLMs for the tests of collecting, and a child process that is killed while it collects."""

import json
import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from core.collect import Job, collect
from core.llms import Attempt, Completion, Control, Failure, Sampling, Usage
from core.llms.base import NO_CONTROL, UNKNOWN_USAGE, FinishReason, now
from core.llms.local.random_numbers import Draws
from core.prompts import PROMPTS

SAMPLING = Sampling(max_tokens=50)
SEEDED = Sampling(max_tokens=50, seed=7)
PRICED = "https://api.openai.com/v1"


class FakeLLM:
    """Answers without a model: the text follows from a seed, the message and how often it came.

    ``failures`` maps a message to the failures that it gets before it is answered. ``before`` is
    called before each answer with their number so far.
    """

    def __init__(
        self,
        base_url: str | None = PRICED,
        failures: dict[str, list[Failure]] | None = None,
        before: Callable[[int], None] = lambda number: None,
        usage: Callable[[str], Usage] = lambda message: Usage(len(message) // 4, 20),
        finish: FinishReason = "stop",
    ) -> None:
        self.name, self.model = "openai:fake", "gpt-3.5-turbo"
        if base_url is None:
            self.name = self.model = "fake"
        self.base_url = base_url
        self.max_tokens = SAMPLING.max_tokens
        self.asked: list[str] = []
        self.batches: list[int] = []
        self._failures = failures or {}
        self._before = before
        self._usage = usage
        self._finish = finish
        self._draws = Draws(7)

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        self.batches.append(len(messages))
        return [self._answer(place, message, control) for place, message in enumerate(messages)]

    def _answer(self, place: int, message: str, control: Control) -> Completion | Failure:
        if control.cancelled():
            return Failure("cancelled", "Stopped.")
        self._before(len(self.asked))
        self.asked.append(message)
        waiting = self._failures.get(message)
        result: Completion | Failure
        if waiting:
            result = waiting.pop(0)
            outcome, usage = result.kind, UNKNOWN_USAGE
        else:
            drawn = self.base_url is None
            number = int(1000 * self._draws.take(message, 1)[0]) if drawn else len(message)
            usage = self._usage(message)
            result = Completion(f"So the answer is {number}.", usage, self.model, 0.5, self._finish)
            outcome = "ok"
        control.on_attempt(Attempt(place, now(), self.model, outcome, usage, 0.5))
        return result


def questions(count: int) -> pd.DataFrame:
    """Queries with correct answers."""
    rows = range(count)
    return pd.DataFrame({"query": [f"How many is {i} + 1? " for i in rows], "gold": rows})


MANY = 20
"""Queries that twenty kills do not get through."""


def job(llm: FakeLLM, queries: int = 8, prompts: int = 3) -> Job:
    """A small job; two samples of each call, drawn with a seed where the LLM is a local one."""
    sampling = SEEDED if llm.base_url is None else SAMPLING
    return Job(llm, questions(queries), PROMPTS[:prompts], sampling, samples=2)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def collect_and_die(out: Path, base_url: str | None, answers: int, torn: bool) -> None:
    """Collect, and be killed before another answer or while the journal is written.

    Args:
        out: The log.
        base_url: Of the fake LLM.
        answers: How many come before.
        torn: Whether to die within the next transaction of the journal then.
    """
    dumps = json.dumps

    def die_within(content: object) -> str:
        # A transaction of the journal has begun and is not yet whole.
        _die()
        return dumps(content)

    def before(number: int) -> None:
        if number >= answers and torn:
            json.dumps = die_within
        elif number >= answers:
            _die()

    collect(job(FakeLLM(base_url, before=before), MANY), out, concurrency=3, batch_size=4)
