"""Rewards for learning on top of rewards: of every training part, cross-fitted once more."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd

from core.evaluation.crossfit import FOLDS, QUERY_KEY, query_index
from core.logs.matrix import LogMatrix
from core.reward import RewardModel

NESTED_FITS = FOLDS * (FOLDS + 1) // 2
"""Reward models that one repetition takes."""


@dataclass(frozen=True)
class Nested:
    """One repetition of the clean protocol, with what a second stage may learn from.

    Attributes:
        fold: Fold of each query, shape (queries,).
        reward: P(correct), shape (folds, queries, prompts). ``reward[f]`` is for those who judge
            fold f: each of its entries is from a model that saw neither fold f nor the query's
            own fold.
        kept: Queries that may be learned from, shape (queries,).
    """

    fold: np.ndarray
    reward: np.ndarray
    kept: np.ndarray

    def training(self, number: int) -> np.ndarray:
        """Which queries those who judge fold ``number`` learn from, shape (queries,)."""
        return self.kept & (self.fold != number)


def nested(
    table: pd.DataFrame,
    log: LogMatrix,
    fold: np.ndarray,
    *,
    seed: int,
    kept: np.ndarray | None = None,
    on_fit: Callable[[], None] = lambda: None,
) -> Nested:
    """Fit a reward model for every pair of folds, on all others, and score both folds with it.

    A pair stands for two cases at once: judging the first while learning from the second, and the
    other way round. So K folds take K (K + 1) / 2 fits and not K².

    Args:
        table: Demonstrations of the queries of ``log``, with its prompts.
        log: The queries in their order.
        fold: Fold of each, shape (queries,); queries of one wording share theirs.
        seed: Of the models.
        kept: Queries that may be learned from, all by default.
        on_fit: Called after each fit.
    """
    label = "published_correct" if log.grader == "published" else "correct"
    kept = np.ones(len(fold), dtype=bool) if kept is None else kept
    numbers = np.unique(fold)
    place = query_index(log)
    row = place.get_indexer(pd.MultiIndex.from_frame(table[QUERY_KEY].astype(object)))
    # -1 is a row of a query that lacks some prompt; it is of no fold and learned from by nobody.
    row_fold = np.where((row >= 0) & kept[row], fold[row], -1)
    reward = np.full((len(numbers), *log.correct.shape), np.nan)
    for first, second in combinations_with_replacement(range(len(numbers)), 2):
        out = [numbers[first], numbers[second]]
        rest = (row_fold >= 0) & ~np.isin(row_fold, out)
        model = RewardModel.fit(table[rest], log.prompts, label=label, seed=seed)
        # The scores of each fold of the pair are for those who judge the other.
        for judged, learned in {(first, second), (second, first)}:
            mine = fold == numbers[learned]
            scores = model.predict(log.query[mine].tolist(), log.prompts)
            reward[judged, mine] = scores.probability
        on_fit()
    return Nested(fold, reward, kept)
