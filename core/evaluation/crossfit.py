"""Scores for recorded queries from reward models that never saw them."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation.replay import Scores
from core.logs.matrix import LogMatrix, groups
from core.prompts import Prompt
from core.reward import Prediction, RewardModel
from core.reward.one_thread import one_blas_thread

FOLDS = 5
REPETITIONS = 3
QUERY_KEY = ["dataset", "split", "query_id"]


@dataclass(frozen=True)
class CrossFit:
    """One repetition of the clean protocol over all data sets of an LLM.

    Attributes:
        fold: Fold of each query, indexed by (dataset, split, query_id).
        reward, lower, upper: P(correct) with its 95 % interval from the model of the other folds;
            the same index, a column per prompt.
    """

    fold: pd.Series
    reward: pd.DataFrame
    lower: pd.DataFrame
    upper: pd.DataFrame


def assign_folds(queries: Sequence[str], seed: int) -> np.ndarray:
    """Deal queries into folds so that none shares its wording with a query of another fold.

    Returns:
        Fold numbers, shape (queries,).
    """
    from sklearn.model_selection import GroupKFold

    splitter = GroupKFold(FOLDS, shuffle=True, random_state=seed)
    fold = np.empty(len(queries), dtype=np.int64)
    for number, (_, test) in enumerate(splitter.split(queries, groups=groups(queries))):
        fold[test] = number
    return fold


def cross_fit(
    table: pd.DataFrame,
    prompts: Sequence[Prompt],
    *,
    label: str,
    seed: int,
    on_fit: Callable[[], None] = lambda: None,
) -> CrossFit:
    """Fit a reward model per fold on the other folds and score the fold's queries with it.

    Args:
        table: Demonstrations of one LLM, any number of data sets.
        prompts: Logged prompts.
        label: ``correct`` or ``published_correct``.
        seed: Of the folds and the models.
        on_fit: Called after each fit.
    """
    queries = table.drop_duplicates(QUERY_KEY).set_index(QUERY_KEY)["query"].astype(object)
    fold = pd.Series(assign_folds(queries.tolist(), seed), index=queries.index)
    row_fold = fold.to_numpy()[query_numbers(table)]
    names = [prompt.id for prompt in prompts]
    scores = np.full((3, len(queries), len(names)), np.nan)

    def score(number: int) -> tuple[np.ndarray, Prediction]:
        model = RewardModel.fit(table[row_fold != number], prompts, label=label, seed=seed)
        mine = (fold == number).to_numpy()
        return mine, model.predict(queries[mine].tolist(), prompts)

    # Threads suffice: LightGBM and NumPy let go of the interpreter while they work. The limit is
    # set around all of them, because each fit restores the one it found.
    workers = min(FOLDS, os.cpu_count() or 1)
    with one_blas_thread(), ThreadPoolExecutor(workers) as pool:
        for mine, made in pool.map(score, range(FOLDS)):
            scores[:, mine] = made.probability, made.lower, made.upper
            on_fit()
    frames = (pd.DataFrame(part, index=queries.index, columns=names) for part in scores)
    return CrossFit(fold, *frames)


def query_numbers(table: pd.DataFrame) -> np.ndarray:
    """The number of each row's query in the order in which they come, shape (rows,)."""
    return table.groupby(QUERY_KEY, sort=False, observed=True).ngroup().to_numpy()


def query_index(log: LogMatrix) -> pd.MultiIndex:
    """The (dataset, split, query_id) of each query of a log, in its order."""
    dataset = np.full(len(log.query), log.dataset, dtype=object)
    return pd.MultiIndex.from_arrays([dataset, log.split, log.query_id], names=QUERY_KEY)


def folds_of(log: LogMatrix, fits: Sequence[CrossFit]) -> tuple[np.ndarray, ...]:
    """The fold of each query of a log in each repetition, each of shape (queries,)."""
    return tuple(fit.fold.reindex(query_index(log)).to_numpy() for fit in fits)


def clean_scores(log: LogMatrix, fit: CrossFit) -> Scores:
    """What policies are told about each query of ``log``: all of it from other folds."""
    (fold,) = folds_of(log, [fit])
    names = [prompt.id for prompt in log.prompts]
    reward = fit.reward[names].reindex(query_index(log)).to_numpy()
    tokens = _elsewhere(log.total_tokens, fold)
    return Scores(reward, accuracy_elsewhere(log, fold), tokens)


def accuracy_elsewhere(log: LogMatrix, fold: np.ndarray) -> np.ndarray:
    """Each prompt's share right in the folds that a query is not in, shape (queries, prompts)."""
    return _elsewhere(log.correct, fold)


def _elsewhere(values: np.ndarray, fold: np.ndarray) -> np.ndarray:
    found = np.empty(values.shape)
    for number in np.unique(fold):
        found[fold == number] = values[fold != number].mean(axis=0)
    return found


def published_scores(log: LogMatrix, train: LogMatrix | None, model: RewardModel) -> Scores:
    """What policies are told in the published protocol: all of it from the training part.

    Args:
        log: The test queries.
        train: The training queries with the same prompts; None when these were never logged.
            Every prompt then counts as equally accurate.
        model: Fitted on the training part.
    """
    shape = log.correct.shape
    reward = model.predict(log.query.tolist(), log.prompts).probability
    if train is None:
        return Scores(reward, np.full(shape, 0.5), np.full(shape, np.nan))
    accuracy = np.broadcast_to(train.correct.mean(axis=0), shape)
    tokens = np.broadcast_to(train.total_tokens.mean(axis=0), shape)
    return Scores(reward, accuracy, tokens)
