"""One question: rank the prompts, spend the calls a policy asks for, return the answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core import answers, artifacts
from core.demonstrations import LLAMA2
from core.errors import DataError
from core.llms import LLM, Completion, RecordedGSM8K, Usage
from core.policies import Context, Policy, Reply, Request, run
from core.prices import price_of
from core.prompts import PROMPTS, Prompt, check_distinct, message, prompt_by_id

QUERY_LIMIT = 10_000
"""Characters; longer questions are refused where people type them."""


@dataclass(frozen=True)
class Ranking:
    """Prompts with their predicted chances for one query; arrays have shape (prompts,).

    Attributes:
        prompts: In the order they were given.
        probability, lower, upper: P(correct) with its 95 % interval.
        accuracy: Share right in the log; NaN for a prompt that was never logged.
        tokens: Expected tokens of a call, NaN where unknown.
    """

    prompts: tuple[Prompt, ...]
    probability: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    accuracy: np.ndarray
    tokens: np.ndarray

    @property
    def order(self) -> list[int]:
        """Positions of the prompts from the best to the worst."""
        return np.argsort(-self.probability, kind="stable").tolist()

    @property
    def best(self) -> Prompt:
        """The prompt that best-of-N calls."""
        return self.prompts[self.order[0]]

    def rows(self) -> list[dict[str, Any]]:
        """The ranking as plain values, best prompt first."""
        return [
            {
                "prompt_id": self.prompts[position].id,
                "label": self.prompts[position].label,
                "prompt": self.prompts[position].text,
                "probability": float(self.probability[position]),
                "lower": float(self.lower[position]),
                "upper": float(self.upper[position]),
            }
            for position in self.order
        ]

    @property
    def context(self) -> Context:
        """The same as the policies see it."""
        return Context(self.probability, self.accuracy, self.tokens)


@dataclass(frozen=True)
class CallRecord:
    """One LLM call: whose, for which policy and prompt, at what cost.

    ``dollars`` is None where the LLM has no price or its tokens are unknown.
    """

    llm: str
    policy: str
    prompt_id: str
    answer: str | None
    usage: Usage
    dollars: float | None


@dataclass(frozen=True)
class Answer:
    """What a policy returned for one query, and what it spent.

    Attributes:
        prompt: The prompt whose answer is returned.
        text: That answer as the LLM wrote it.
        value: Its final number, None when it has none.
        votes: How many of the answers gave the same number.
        calls: Every call made.
        correct: Grade against the known correct answer, None when that is unknown.
    """

    policy: str
    prompt: Prompt
    text: str
    value: str | None
    votes: int
    calls: tuple[CallRecord, ...]
    correct: bool | None

    @property
    def tokens(self) -> int | None:
        """All tokens of all calls, None when one is unknown."""
        counts = [call.usage.total for call in self.calls]
        return None if None in counts else sum(count for count in counts if count is not None)

    @property
    def dollars(self) -> float | None:
        """Cost of all calls, None when one is unknown."""
        costs = [call.dollars for call in self.calls]
        return None if None in costs else sum(cost for cost in costs if cost is not None)


def check_query(query: str) -> str:
    """Return the question without outer blanks.

    Raises:
        DataError: it is empty or longer than ``QUERY_LIMIT``.
    """
    query = query.strip()
    if not query:
        raise DataError("The question is empty. Write an arithmetic question.")
    if len(query) > QUERY_LIMIT:
        raise DataError(
            f"The question has {len(query):,} characters; at most {QUERY_LIMIT:,} are allowed."
        )
    return query


def rank(query: str, prompts: Sequence[Prompt] = PROMPTS, *, log: str = LLAMA2) -> Ranking:
    """Score prompts for a question with the shipped reward model of ``log``.

    Raises:
        DataError: the question is empty or too long, or a prompt id is given twice.
        ArtifactError: the reward model is missing or damaged.
    """
    check_distinct(prompts)
    prediction = artifacts.load_reward(log).predict([check_query(query)], prompts)
    logged = artifacts.load_table("prompts")
    logged = logged[(logged["llm"] == log) & (logged["dataset"] == "all")].set_index("prompt_id")
    logged = logged.reindex([prompt.id for prompt in prompts])
    return Ranking(
        tuple(prompts),
        prediction.probability[0],
        prediction.lower[0],
        prediction.upper[0],
        logged["accuracy"].to_numpy(dtype=float),
        logged["tokens"].to_numpy(dtype=float),
    )


def recorded_question(llm: RecordedGSM8K, number: int) -> pd.Series:
    """The recorded question ``number`` (0..999): query and gold.

    Raises:
        DataError: there is no such number.
        MissingDataError: the published files are not on this machine.
    """
    questions = llm.questions
    if not 0 <= number < len(questions):
        raise DataError(
            f"There is no recorded question {number}; allowed: 0 to {len(questions) - 1}."
        )
    return questions.iloc[number]


def rank_recorded(number: int) -> Ranking:
    """Score the sixteen prompts for a recorded question with a model that never saw it."""
    scores = artifacts.load_recorded_scores()
    return Ranking(
        tuple(prompt_by_id(name) for name in scores.prompt_ids),
        scores.probability[number],
        scores.lower[number],
        scores.upper[number],
        scores.accuracy[number],
        scores.tokens[number],
    )


@dataclass
class _Caller:
    """Asks an LLM for what a policy requests and keeps a record of each call."""

    llm: LLM
    query: str
    prompts: Sequence[Prompt]
    policy: str
    records: list[CallRecord] = field(default_factory=list)
    completions: dict[int, Completion] = field(default_factory=dict)

    def __call__(self, requests: Sequence[Request]) -> list[Reply]:
        messages = [message(self.query, self.prompts[request.prompt]) for request in requests]
        completions = self.llm.complete(messages)
        return [
            self._keep(request, completion)
            for request, completion in zip(requests, completions, strict=True)
        ]

    def _keep(self, request: Request, completion: Completion) -> Reply:
        value = answers.extract(completion.text)
        answer = None if value is None else answers.canonical(value)
        self.completions[request.prompt] = completion
        self.records.append(
            CallRecord(
                self.llm.name,
                self.policy,
                self.prompts[request.prompt].id,
                answer,
                completion.usage,
                _dollars(completion),
            )
        )
        return Reply(request, answer=answer)


def _dollars(completion: Completion) -> float | None:
    price, usage = price_of(completion.model), completion.usage
    if price is None or usage.prompt_tokens is None or usage.completion_tokens is None:
        return None
    return price.dollars(usage.prompt_tokens, usage.completion_tokens)


def solve(
    query: str, ranking: Ranking, policy: Policy, llm: LLM, gold: str | None = None
) -> Answer:
    """Answer one query with a policy.

    Args:
        query: The question.
        ranking: Its prompts and their scores.
        policy: Decides the calls.
        llm: Answers them.
        gold: The correct answer where it is known.

    Raises:
        PromptOIRLError: the LLM could not answer.
    """
    caller = _Caller(llm, query, ranking.prompts, policy.name)
    selection = run(policy, ranking.context, caller)
    completion = caller.completions[selection.chosen]
    value = answers.extract(completion.text)
    return Answer(
        policy.name,
        ranking.prompts[selection.chosen],
        completion.text,
        None if value is None else answers.canonical(value),
        selection.votes,
        tuple(caller.records),
        None if gold is None else answers.grade(value, gold),
    )
