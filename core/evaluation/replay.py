"""Run a policy over a recorded log, query by query, through the loop that answers users."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from core.errors import DataError
from core.logs.matrix import LogMatrix
from core.policies.base import Context, Policy, Reply, Request, run


@dataclass(frozen=True)
class Scores:
    """What the policies are told before any call, never from the query's own row.

    Attributes:
        reward: P(correct), shape (queries, prompts).
        accuracy: Share right in the training log, shape (queries, prompts).
        tokens: Expected tokens of a call, or its dollars in the same scale, shape (queries,
            prompts), NaN where unknown; as in ``Context``.
    """

    reward: np.ndarray
    accuracy: np.ndarray
    tokens: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """Per-query results of one policy, each of shape (queries,), averaged over repetitions.

    ``dollars`` are those that the log notes of each call, NaN where it does not.
    """

    correct: np.ndarray
    calls: np.ndarray
    prompt_tokens: np.ndarray
    completion_tokens: np.ndarray
    dollars: np.ndarray


class _Row:
    """Answers the requests for one query from its row of the log."""

    def __init__(self, log: LogMatrix, row: int) -> None:
        self._log, self._row = log, row

    def __call__(self, requests: Sequence[Request]) -> list[Reply]:
        return [self._reply(request) for request in requests]

    def _reply(self, request: Request) -> Reply:
        place, log = (self._row, request.prompt), self._log
        if request.critique and log.verdict is not None:
            return Reply(request, verdict=float(log.verdict[place]))
        if log.answer is None or log.text is None:
            return Reply(request)
        return Reply(request, log.answer[place], log.text[place])


def replay(policy: Policy, log: LogMatrix, scores: Scores) -> Outcome:
    """Run ``policy`` on every query of ``log``.

    Tokens of critiques were not published, so a policy that critiques has unknown tokens.

    Raises:
        DataError: the policy compares answers, or judges them, and the log has none.
    """
    if policy.needs_answers and log.answer is None:
        raise DataError(f"{policy.name} compares answers; this log has labels without answers.")
    outcome = np.full((5, len(log.query)), np.nan)
    for row in policy.order(scores.reward):
        context = Context(
            scores.reward[row], scores.accuracy[row], scores.tokens[row], str(log.query[row])
        )
        selection = run(policy, context, _Row(log, row))
        prompts = [request.prompt for request in selection.requests]
        unknown = np.nan if any(request.critique for request in selection.requests) else 0.0
        outcome[:, row] = (
            log.correct[row, selection.chosen],
            len(prompts),
            log.prompt_tokens[row, prompts].sum() + unknown,
            log.completion_tokens[row, prompts].sum() + unknown,
            np.nan if log.dollars is None else log.dollars[row, prompts].sum() + unknown,
        )
    return Outcome(*outcome)


def average(outcomes: Sequence[Outcome]) -> Outcome:
    """Mean of the same policy's outcomes over repetitions (folds drawn anew, other seeds)."""
    return Outcome(
        *(
            np.mean([getattr(outcome, field.name) for outcome in outcomes], axis=0)
            for field in fields(Outcome)
        )
    )


def oracle(log: LogMatrix) -> Outcome:
    """One call with a prompt known to be right if there is one; nobody can deploy this."""
    right = np.asarray(log.correct.any(axis=1))
    nothing = np.full(len(right), np.nan)
    return Outcome(right.astype(float), np.ones(len(right)), nothing, nothing, nothing)


def hindsight_single(log: LogMatrix) -> Outcome:
    """The one prompt that turned out best on the judged queries themselves; not deployable."""
    best = int(log.correct.mean(axis=0).argmax())
    ones = np.ones(log.correct.shape)
    dollars = np.nan * ones if log.dollars is None else log.dollars
    columns = (log.correct, ones, log.prompt_tokens, log.completion_tokens, dollars)
    return Outcome(*(column[:, best].astype(float) for column in columns))
