"""Every state that a logged query passes through when its prompts are asked in order."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.logs.matrix import LogMatrix
from core.policies.budget.evidence import STATE_FEATURES, Evidence, describe
from core.policies.budget.model import as_beliefs


@dataclass(frozen=True)
class States:
    """States after 0, 1, … N calls, as the stopping rule sees them.

    Attributes:
        features: Shape (queries, prompts + 1, len(STATE_FEATURES)).
        correct: Whether the candidate with the largest belief is right, 0.0 or 1.0, shape
            (queries, prompts + 1).
    """

    features: np.ndarray
    correct: np.ndarray


@dataclass(frozen=True)
class Trajectories:
    """Candidates of all states, as the learned vote sees them; rows by query, then by calls.

    Attributes:
        table: Shape (rows, len(VOTE_FEATURES)).
        right: Whether the candidate is right, shape (rows,).
        query, calls: Position of its query and number of calls made, shape (rows,).
        difficulty: Mean reward of the prompts, shape (queries,).
        missing: Answers without a number after so many calls, shape (queries, prompts + 1).
    """

    table: np.ndarray
    right: np.ndarray
    query: np.ndarray
    calls: np.ndarray
    difficulty: np.ndarray
    missing: np.ndarray

    def states(self, chances: np.ndarray) -> States:
        """Turn chances of the candidates, shape (rows,), into states."""
        queries, steps = self.missing.shape
        features, correct = (
            np.empty((queries, steps, len(STATE_FEATURES))),
            np.zeros((queries, steps)),
        )
        # Rows are sorted by query and calls; a state without candidates has none.
        place = self.query * steps + self.calls
        bounds = np.searchsorted(place, np.arange(queries * steps + 1))
        for state, (start, end) in enumerate(pairwise(bounds)):
            query, calls = divmod(state, steps)
            beliefs = as_beliefs(chances[start:end])
            known = calls, self.difficulty[query], self.missing[query, calls]
            features[query, calls] = describe(self.table[start:end], beliefs, known)
            if len(beliefs):
                correct[query, calls] = self.right[start + int(beliefs.argmax())]
        return States(features, correct)


def trajectories(
    log: LogMatrix, reward: np.ndarray, chances: np.ndarray, orders: np.ndarray
) -> Trajectories:
    """Replay every query of a log in its order, all prompts.

    Args:
        log: With answers.
        reward: P(correct) from models that did not see the query's fold, shape (queries, prompts).
        chances: P(right) of each answer from verifiers that did not see the query, the same shape.
        orders: Positions of all prompts in the order to ask them, shape (queries, prompts).
    """
    queries, prompts = log.correct.shape
    answers, _ = log.said()
    tables, right, place = [], [], []
    difficulty, missing = np.empty(queries), np.zeros((queries, prompts + 1))
    for query in range(queries):
        evidence = Evidence(reward[query])
        difficulty[query] = evidence.difficulty
        grade = dict(zip(answers[query], log.correct[query], strict=True))
        for calls, prompt in enumerate(orders[query].tolist(), start=1):
            evidence.add(prompt, answers[query, prompt], chances[query, prompt])
            missing[query, calls] = evidence.missing
            tables.append(evidence.table())
            right += [bool(grade[answer]) for answer in evidence.candidates]
            place += [(query, calls)] * len(tables[-1])
    where = np.array(place, dtype=int).reshape(-1, 2)
    return Trajectories(
        np.vstack(tables), np.array(right), where[:, 0], where[:, 1], difficulty, missing
    )
