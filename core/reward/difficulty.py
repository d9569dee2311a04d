"""How hard a query is for the LLM, whatever the prompt: LightGBM on the query's features."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core import boosting
from core.reward.counts import Counts

if TYPE_CHECKING:
    import lightgbm as lgb

FOLDS = 3
ROUNDS = 300
_FEWEST_GROUPS = 30
"""With fewer distinct questions there is nothing to learn about difficulty."""
_PARAMETERS = {
    # Cross-entropy takes shares right as labels, so a query is one row however often it was tried.
    "objective": "cross_entropy",
    "boost_from_average": False,
    "learning_rate": 0.05,
    "num_leaves": 15,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
}


def sigmoid(logit: np.ndarray) -> np.ndarray:
    """Logits to probabilities, of any shape."""
    return 1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0)))


def log_odds(probability: np.ndarray) -> np.ndarray:
    """Probabilities inside (0, 1) to logits, of any shape."""
    return np.log(probability) - np.log1p(-probability)


@dataclass(frozen=True)
class Means:
    """Boosters that each saw another two thirds of the log; none when the log was too small."""

    boosters: "tuple[lgb.Booster, ...]"

    def predict(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean and standard deviation over the boosters, each of shape (queries,), in logits."""
        if not self.boosters:
            return np.zeros((2, len(features)))[0], np.zeros(len(features))
        outputs = np.stack(
            [boosting.predict(booster, features, raw=True) for booster in self.boosters]
        )
        return outputs.mean(axis=0), outputs.std(axis=0, ddof=1)


def fit_means(
    counts: Counts,
    features: np.ndarray,
    offsets: np.ndarray,
    seed: int,
    fit: boosting.Fit = boosting.fit,
) -> tuple[Means, np.ndarray]:
    """Fit the boosters and predict every query with the one that did not see its wording.

    Args:
        counts: The log.
        features: Shape (queries, features).
        offsets: Logit of each prompt's share right, shape (prompts,); the boosters learn what is
            left, so that a query does not look easy because good prompts were tried on it.
        seed: Of folds and boosters.
        fit: Fits each booster, on this machine by default.

    Returns:
        The boosters and the out-of-fold logits, shape (queries,).
    """
    groups = counts.groups
    out_of_fold = np.zeros(len(counts.queries))
    if len(np.unique(groups)) < _FEWEST_GROUPS:
        return Means(()), out_of_fold
    from sklearn.model_selection import GroupKFold

    weight = counts.trials.sum(axis=1)
    share = counts.right.sum(axis=1) / weight
    start = log_odds((counts.trials @ sigmoid(offsets)) / weight)
    boosters = []
    splitter = GroupKFold(FOLDS, shuffle=True, random_state=seed)
    for train, rest in splitter.split(features, groups=groups):
        booster = fit(
            _parameters(len(train), seed),
            features[train],
            share[train],
            ROUNDS,
            weight=weight[train],
            start=start[train],
        )
        out_of_fold[rest] = boosting.predict(booster, features[rest], raw=True)
        boosters.append(booster)
    return Means(tuple(boosters)), out_of_fold


def _parameters(queries: int, seed: int) -> dict[str, Any]:
    smallest_leaf = int(np.clip(queries // 50, 3, 20))
    return _PARAMETERS | {"seed": seed, "min_data_in_leaf": smallest_leaf}


def boosters_to_text(means: Means) -> list[str]:
    """LightGBM's own text form of each booster."""
    return [booster.model_to_string() for booster in means.boosters]
