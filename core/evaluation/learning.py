"""How much log is enough: the budget policy's accuracy against the number of logged queries."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from core.evaluation.budgeted import cross_fitted, dials, replay_folds, scores_of
from core.evaluation.crossfit import assign_folds
from core.evaluation.curves import area, at, curve_of
from core.evaluation.nested import nested
from core.evaluation.replay import Outcome
from core.evaluation.statistics import ClusterBootstrap
from core.logs.matrix import LogMatrix
from core.policies.budgeted import Budgeted

SIZES = (50, 100, 200, 400, 800)
"""Numbers of logged queries."""
AT_CALLS = 4
"""Mean calls at which accuracy is reported; the curve is read off between its points."""


def learning_curve(
    table: pd.DataFrame,
    log: LogMatrix,
    *,
    seed: int = 0,
    sizes: Sequence[int] = SIZES,
    on_fit: Callable[[], None] = lambda: None,
) -> pd.DataFrame:
    """Learn everything, reward model included, from fewer queries; judge all queries of the log.

    Args:
        table: Demonstrations of the log's queries.
        log: With answers.
        seed: Of the folds, of the choice of queries and of the models.
        sizes: Queries to learn from; those that the other folds do not have are left out.
        on_fit: Called after each fit of a reward model.

    Returns:
        A row per size: queries, accuracy (at a mean of ``AT_CALLS`` calls) and area (mean accuracy
        from one call to half of the prompts), each with its 95 % interval.
    """
    fold = assign_folds(log.query.tolist(), seed)
    available = min(int((fold != number).sum()) for number in np.unique(fold))
    bootstrap, rows = ClusterBootstrap(log.group), []
    for size in (size for size in sizes if size <= available):
        kept = keep_some(fold, log.group, size, seed)
        part = nested(table, log, fold, seed=seed, kept=kept, on_fit=on_fit)
        models, scores = cross_fitted(log, part, seed), scores_of(log, part)
        points = [
            replay_folds(models, log, fold, scores, partial(Budgeted.for_calls, calls=dial))
            for dial in dials(len(log.prompts))
        ]
        rows.append({"queries": size} | _figures(points, bootstrap, len(log.prompts)))
    return pd.DataFrame(rows)


def _figures(
    points: Sequence[Outcome], bootstrap: ClusterBootstrap, prompts: int
) -> dict[str, float]:
    curve = curve_of(points, bootstrap)
    accuracy = at(curve, curve.calls, AT_CALLS).interval.columns("accuracy")
    return accuracy | area(curve, curve.calls, prompts / 2).interval.columns("area")


def keep_some(fold: np.ndarray, group: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Choose whole groups so that those who judge a fold learn from about ``size`` queries.

    A larger size keeps all that a smaller one keeps.

    Args:
        fold: Of each query, shape (queries,).
        group: Cluster of each query, shape (queries,).
        size: Queries in all folds but one.
        seed: Of the choice.

    Returns:
        Shape (queries,), bool.
    """
    random = np.random.default_rng(seed)
    numbers = np.unique(fold)
    kept = np.zeros(len(fold), dtype=bool)
    for number in numbers:
        left = round(size / (len(numbers) - 1))
        for one in random.permutation(np.unique(group[fold == number])):
            if left <= 0:
                break
            mine = group == one
            kept |= mine
            left -= int(mine.sum())
    return kept
