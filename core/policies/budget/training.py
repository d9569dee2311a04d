"""Learn a budget model from a log in which every query was answered with every prompt.

The training queries are dealt into folds once more: the beliefs from which the value of another
call is learned, and the mean calls that the dial promises, come from boosters that did not see the
query. The rewards that are handed in must be cross-fitted over the same folds.
"""

from importlib.metadata import version
from typing import TYPE_CHECKING, Literal

import numpy as np

from core import boosting
from core.errors import DataError
from core.logs.answers import LabelledAnswers
from core.logs.matrix import LogMatrix
from core.policies.base import as_tokens
from core.policies.budget.dial import PRICES, calls_taken
from core.policies.budget.evidence import STATE_FEATURES
from core.policies.budget.model import HORIZONS, BudgetModel, opening_gains, with_horizons
from core.policies.budget.order import greedy_order, led_by
from core.policies.budget.trajectories import States, Trajectories, trajectories
from core.policies.verifier import training as verifying

if TYPE_CHECKING:
    import lightgbm as lgb

_SHARED = {
    "max_bin": 63,
    "feature_fraction": 0.7,
}
_VOTE = _SHARED | {
    "objective": "binary",
    "learning_rate": 0.08,
    "num_leaves": 7,
    "min_data_in_leaf": 100,
    "lambda_l2": 5.0,
}
_GAIN = _SHARED | {
    "objective": "regression",
    "learning_rate": 0.05,
    "num_leaves": 4,
    "min_data_in_leaf": 300,
    "lambda_l2": 20.0,
}
"""The gains are few and noisy: trees of two or three splits, each on hundreds of states."""
_VOTE_ROUNDS, _GAIN_ROUNDS = 60, 100
_SIGNIFICANT = 1.96
"""Standard errors by which a difference has to exceed zero."""


def fit(
    log: LogMatrix,
    reward: np.ndarray,
    fold: np.ndarray,
    *,
    more: LabelledAnswers | None = None,
    seed: int = 0,
) -> BudgetModel:
    """Learn order, verifier, vote, value of computation and dial.

    Args:
        log: With answers.
        reward: P(correct) from reward models that did not see the query's fold, shape (queries,
            prompts).
        fold: Fold of each query, shape (queries,); queries of one wording share theirs.
        more: Answers to other queries, from which the verifier learns as well.
        seed: The same seed and log give the same model.

    Raises:
        DataError: the log has no answers, all queries are in one fold, or nothing can be learned
            as all labels are equal.
    """
    if log.answer is None:
        raise DataError("The budget policy compares answers; this log has labels without answers.")
    if len(np.unique(fold)) < 2:
        raise DataError("The budget policy needs queries of at least two wordings to learn from.")
    if log.correct.all() or not log.correct.any():
        raise DataError(
            "All answers of the log are right, or all wrong: there is no vote to learn."
        )
    tokens = log.total_tokens.mean(axis=0)
    if log.dollars is not None and log.is_priced:
        tokens = as_tokens(log.dollars.mean(axis=0))
    answers = verifying.Training(log, more)
    chances = answers.unseen_chances(reward, fold, seed=seed)
    order = greedy_order(log.correct, log.answer, chances, tokens, priced=log.is_priced)
    first = _first(log, reward, fold)
    orders = np.array(
        [led_by(order, one if first == "reward" else order[0]) for one in reward.argmax(axis=1)]
    )
    path = trajectories(log, reward, chances, orders)
    states = path.states(_unseen_beliefs(path, fold, seed))
    opening = _opening(states)
    return BudgetModel(
        tuple(prompt.id for prompt in log.prompts),
        order,
        first,
        answers.fit(np.ones(len(fold), dtype=bool), seed=seed),
        _fit_vote(path, np.ones(len(path.right), dtype=bool), seed),
        _fit_gain(states, np.ones(len(fold), dtype=bool), seed),
        opening,
        PRICES,
        _dial(states, opening, tokens[orders], fold, seed),
        {
            "llm": log.llm,
            "dataset": log.dataset,
            "grader": log.grader,
            "queries": len(fold),
            "seed": seed,
            "lightgbm": version("lightgbm"),
        }
        | ({"unit": "tokens"} if log.is_priced else {}),
    )


def _fit_vote(path: Trajectories, rows: np.ndarray, seed: int) -> "lgb.Booster":
    return boosting.fit(_VOTE | {"seed": seed}, path.table[rows], path.right[rows], _VOTE_ROUNDS)


def _unseen_beliefs(path: Trajectories, fold: np.ndarray, seed: int) -> np.ndarray:
    """Chances of all candidates in all states from boosters that did not see their query."""
    mine, chances = fold[path.query], np.empty(len(path.right))
    for number in np.unique(fold):
        held = mine == number
        chances[held] = boosting.predict(_fit_vote(path, ~held, seed), path.table[held])
    return chances


def _fit_gain(states: States, queries: np.ndarray, seed: int) -> "lgb.Booster":
    """Regress the change of correctness per call, over the next h calls, on the state and h.

    Weighting by h keeps long horizons, whose change per call is least noisy, as heavy as short.
    States before the first call are left out: their gain is large and would hide the others.
    """
    inputs, targets, weights = [], [], []
    features, correct = states.features[queries, 1:], states.correct[queries, 1:]
    for steps in HORIZONS:
        now, later = correct[:, :-steps], correct[:, steps:]
        if now.size:
            flat = features[:, : now.shape[1]].reshape(-1, features.shape[2])
            inputs.append(with_horizons(flat, [steps]))
            targets.append((later - now).ravel() / steps)
            weights.append(np.full(now.size, float(steps)))
    return boosting.fit(
        _GAIN | {"seed": seed},
        np.vstack(inputs),
        np.concatenate(targets),
        _GAIN_ROUNDS,
        weight=np.concatenate(weights),
    )


def _dial(
    states: States, opening: np.ndarray, tokens: np.ndarray, fold: np.ndarray, seed: int
) -> np.ndarray:
    """Mean calls at ``PRICES`` on queries that the boosters did not see.

    Args:
        states: Of all queries.
        opening: As in ``BudgetModel``.
        tokens: Of the prompts in the order of each query, shape (queries, prompts).
        fold: Fold of each query.
        seed: Of the boosters.

    Returns:
        Shape (units, batches, settings).
    """
    taken = []
    for number in np.unique(fold):
        held = fold == number
        gains = predicted_gains(_fit_gain(states, ~held, seed), opening, states.features[held])
        taken.append(calls_taken(gains, tokens[held]))
    # By batches a higher price may now and then lead to more calls; the dial must not turn back.
    return np.maximum.accumulate(np.concatenate(taken, axis=3).mean(axis=3), axis=2)


def predicted_gains(
    booster: "lgb.Booster", opening: np.ndarray, features: np.ndarray
) -> np.ndarray:
    """Predicted gains of all states, as ``calls_taken`` reads them.

    Args:
        booster: Of the gain.
        opening: As in ``BudgetModel``.
        features: After 0, 1, … N calls, shape (queries, N + 1, features).
    """
    queries, steps, width = features.shape
    horizons = np.array(HORIZONS)
    inputs = with_horizons(features.reshape(-1, width), horizons)
    gains = boosting.predict(booster, inputs).reshape(queries, steps, -1) * horizons
    difficulty = features[:, 0, STATE_FEATURES.index("difficulty")]
    gains[:, 0] = opening_gains(opening, difficulty[:, None], horizons)
    left = steps - 1 - np.arange(steps)
    return np.where(horizons <= left[:, None], gains, -np.inf)


def _opening(states: States) -> np.ndarray:
    """Least squares of being right after 1, 2, … N calls on difficulty, as in ``BudgetModel``."""
    difficulty = states.features[:, 0, STATE_FEATURES.index("difficulty")]
    correct = states.correct[:, 1:]
    centred = difficulty - difficulty.mean()
    slope = centred @ correct / max(float(centred @ centred), 1e-12)
    return np.column_stack([correct.mean(axis=0) - slope * difficulty.mean(), slope])


def _first(log: LogMatrix, reward: np.ndarray, fold: np.ndarray) -> Literal["accuracy", "reward"]:
    """Which prompt to ask first, judged on queries that did not choose it.

    The best-of-N prompt takes the place of the most accurate one only where it is significantly
    better: it changes with every query and reward model, so it has to earn its place. Whichever is
    right more often, or more often by a standard error, is a choice that small logs make by luck.
    """
    single = np.empty(len(fold))
    for number in np.unique(fold):
        held = fold == number
        single[held] = log.correct[held, log.correct[~held].mean(axis=0).argmax()]
    gain = log.correct[np.arange(len(fold)), reward.argmax(axis=1)] - single
    return "reward" if gain.mean() > _SIGNIFICANT * gain.std() / np.sqrt(len(gain)) else "accuracy"
