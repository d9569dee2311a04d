"""Learn a budget model from a log in which every query was answered with every prompt.

The training queries are dealt into folds once more: the beliefs from which the value of another
call is learned, and the mean calls that the dial promises, come from boosters that did not see the
query. The rewards that are handed in must be cross-fitted over the same folds.
"""

from importlib.metadata import version

import lightgbm as lgb
import numpy as np

from core.budget.model import HORIZONS, BudgetModel, predict, with_horizons
from core.budget.order import greedy_order
from core.budget.trajectories import States, Trajectories, trajectories
from core.errors import DataError
from core.evaluation.matrix import LogMatrix

_SHARED = {
    "max_bin": 63,
    "feature_fraction": 0.7,
    "num_threads": 1,
    "verbose": -1,
    "deterministic": True,
    "force_row_wise": True,
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
"""The gains are few and noisy: trees of two or three splits, each on hundreds of states.

More leaves (7, 15) or rounds (200) explained less of the gain on inner folds of the training
queries (R² for 8 calls ahead .037 with 4 leaves, .031 with 15) and gave a lower curve there."""
_VOTE_ROUNDS, _GAIN_ROUNDS = 60, 100
PRICES = np.concatenate([np.geomspace(1.0, 1e-5, 80), -np.geomspace(1e-5, 1.0, 30)])
"""Settings of the dial, in probability of a right answer per call. No gain is worth the first, so
that the dial starts at exactly one call; those below zero go on though further calls are expected
to harm, up to all prompts."""


def fit(log: LogMatrix, reward: np.ndarray, fold: np.ndarray, *, seed: int = 0) -> BudgetModel:
    """Learn order, vote, value of computation and dial.

    Args:
        log: With answers.
        reward: P(correct) from reward models that did not see the query's fold, shape (queries,
            prompts).
        fold: Fold of each query, shape (queries,); queries of one wording share theirs.
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
    order = greedy_order(log.correct, log.answer, log.total_tokens.mean(axis=0))
    path = trajectories(log, reward, fold, order)
    states = path.states(_unseen_beliefs(path, fold, seed))
    prices, calls = _dial(states, fold, seed)
    return BudgetModel(
        tuple(prompt.id for prompt in log.prompts),
        order,
        _fit_vote(path, np.ones(len(path.right), dtype=bool), seed),
        _fit_gain(states, np.ones(len(fold), dtype=bool), seed),
        states.correct[:, 1:].mean(axis=0),
        prices,
        calls,
        {
            "llm": log.llm,
            "dataset": log.dataset,
            "grader": log.grader,
            "queries": len(fold),
            "seed": seed,
            "lightgbm": version("lightgbm"),
        },
    )


def _fit_vote(path: Trajectories, rows: np.ndarray, seed: int) -> lgb.Booster:
    data = lgb.Dataset(path.table[rows], path.right[rows])
    return lgb.train(_VOTE | {"seed": seed}, data, _VOTE_ROUNDS)


def _unseen_beliefs(path: Trajectories, fold: np.ndarray, seed: int) -> np.ndarray:
    """Chances of all candidates in all states from boosters that did not see their query."""
    mine, chances = fold[path.query], np.empty(len(path.right))
    for number in np.unique(fold):
        held = mine == number
        chances[held] = predict(_fit_vote(path, ~held, seed), path.table[held])
    return chances


def _fit_gain(states: States, queries: np.ndarray, seed: int) -> lgb.Booster:
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
    data = lgb.Dataset(np.vstack(inputs), np.concatenate(targets), weight=np.concatenate(weights))
    return lgb.train(_GAIN | {"seed": seed}, data, _GAIN_ROUNDS)


def _dial(states: States, fold: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Prices, and the mean calls they lead to on queries that the boosters did not see."""
    taken = np.zeros((len(PRICES), len(fold)))
    for number in np.unique(fold):
        held = fold == number
        booster = _fit_gain(states, ~held, seed)
        worth = _worth_of_call(booster, states.features[held, 1:])
        for place, price in enumerate(PRICES):
            # The first call is always made; behind the last, -inf stops.
            taken[place, held] = 1 + np.argmin(worth > price, axis=1)
    return PRICES, np.maximum.accumulate(taken.mean(axis=1))


def _worth_of_call(booster: lgb.Booster, features: np.ndarray) -> np.ndarray:
    """The highest price per call at which a state still goes on: the largest gain per call.

    Args:
        booster: Of the gain.
        features: After 1, 2, … N calls, shape (queries, prompts, features).

    Returns:
        Shape (queries, prompts); minus infinity where no call is left.
    """
    queries, prompts, width = features.shape
    flat = features.reshape(-1, width)
    rates = predict(booster, with_horizons(flat, HORIZONS)).reshape(queries, prompts, -1)
    left = prompts - np.arange(1, prompts + 1)
    possible = np.array(HORIZONS)[None, :] <= left[:, None]
    return np.where(possible, rates, -np.inf).max(axis=2)
