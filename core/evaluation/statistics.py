"""Intervals and scores, all over clusters of queries that share their wording."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

RESAMPLES = 2000
PERFECT_DRAWS = 20
ENDS = (0.025, 0.975)
"""Of a 95 % interval: the shares of resampled estimates below its two ends."""


@dataclass(frozen=True)
class Interval:
    """An estimate with its 95 % interval; ends that are not a number where it has none."""

    value: float
    low: float = math.nan
    high: float = math.nan

    def columns(self, name: str) -> dict[str, float]:
        """The value under a name, and its ends under the same with ``_low`` and ``_high``."""
        return {name: self.value, f"{name}_low": self.low, f"{name}_high": self.high}


UNKNOWN = Interval(math.nan)


class ClusterBootstrap:
    """Percentile bootstrap that draws clusters of queries with replacement.

    All estimates of one instance share their draws, so differences between them are paired and
    any function of several means (areas, ratios) gets its interval from the same draws. SciPy's
    bootstrap would draw anew for each estimate, several hundred times a table.

    Args:
        group: Cluster number of each query, shape (queries,).
        seed: Of the draws.
        resamples: How many draws.
    """

    def __init__(self, group: np.ndarray, seed: int = 0, resamples: int = RESAMPLES) -> None:
        self._codes, labels = pd.factorize(np.asarray(group))
        self._clusters = len(labels)
        random = np.random.default_rng(seed)
        self._weights = np.empty((resamples, self._clusters), dtype=np.float32)
        even = np.full(self._clusters, 1 / self._clusters)
        for row in self._weights:
            row[:] = random.multinomial(self._clusters, even)
        self._sizes = self._weights @ np.bincount(self._codes).astype(np.float32)

    def draws(self, values: np.ndarray) -> np.ndarray:
        """Resampled means of per-query values. Shapes (queries,) to (resamples,)."""
        sums = np.bincount(self._codes, weights=values, minlength=self._clusters)
        return (self._weights @ sums.astype(np.float32)) / self._sizes

    def picked_draws(self, correct: np.ndarray, fold: np.ndarray) -> np.ndarray:
        """Resampled accuracy of always taking the prompt that was best in the other folds.

        It is picked anew in each resample, as it would be from another log: where prompts are
        nearly tied, the pick itself is luck.

        Args:
            correct: Shape (queries, prompts).
            fold: Of each query, shape (queries,).

        Returns:
            Shape (resamples,).
        """
        right = np.stack([self._sums(correct[fold == one], fold == one) for one in np.unique(fold)])
        best = (right.sum(axis=0) - right).argmax(axis=2)
        picked = np.take_along_axis(right, best[:, :, None], axis=2)[:, :, 0]
        return picked.sum(axis=0) / self._sizes

    def _sums(self, values: np.ndarray, mine: np.ndarray) -> np.ndarray:
        """Resampled sums of some values. Shapes (some, columns) to (resamples, columns)."""
        sums = np.zeros((self._clusters, values.shape[1]), dtype=np.float32)
        np.add.at(sums, self._codes[mine], values.astype(np.float32))
        return self._weights @ sums

    def mean(self, values: np.ndarray) -> Interval:
        """Mean of per-query values with its interval; all NaN when a value is NaN."""
        return summarise(float(np.mean(values)), self.draws(values))


def share_right(right: int, asked: int) -> Interval:
    """Share of answers that are right with its 95 % interval (Wilson 1927).

    Args:
        right: Answers that are right.
        asked: All answers; at least one.
    """
    # Loaded where it is used: the page starts without it.
    from scipy.stats import binomtest

    interval = binomtest(right, asked).proportion_ci(method="wilson")
    return Interval(right / asked, interval.low, interval.high)


def summarise(value: float, draws: np.ndarray) -> Interval:
    """The 95 % percentile interval of resampled estimates; NaN where one is not a number.

    A ratio whose denominator vanishes in some draw has no interval.
    """
    if np.isnan(value) or not np.isfinite(draws).all():
        return Interval(value)
    low, high = np.quantile(draws, ENDS)
    return Interval(value, float(low), float(high))


def reliability(probability: np.ndarray, correct: np.ndarray, bins: int = 15) -> pd.DataFrame:
    """Predicted against observed share of correct answers in bins of equal count.

    Args:
        probability: Any shape.
        correct: The same shape.
        bins: How many bins.

    Returns:
        One row per bin: n, predicted, observed.
    """
    probability, correct = probability.ravel(), correct.ravel().astype(float)
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return pd.DataFrame(
        {
            "n": [len(part) for part in parts],
            "predicted": [probability[part].mean() for part in parts],
            "observed": [correct[part].mean() for part in parts],
        }
    )


def calibration_error(curve: pd.DataFrame) -> float:
    """Expected calibration error: mean |predicted − observed| weighted by bin size, 0..1."""
    gap = (curve["predicted"] - curve["observed"]).abs()
    return float(np.average(gap, weights=curve["n"]))


def calibration_error_of_perfect(probability: np.ndarray) -> float:
    """Calibration error that chance alone gives a model whose probabilities are all true.

    Bins are never empty of luck: the fewer answers, the further their shares are from any truth.

    Args:
        probability: Predicted for each answer, any shape.

    Returns:
        The mean over ``PERFECT_DRAWS`` draws, 0..1.
    """
    random = np.random.default_rng(0)
    errors = [
        calibration_error(reliability(probability, random.random(probability.shape) < probability))
        for _ in range(PERFECT_DRAWS)
    ]
    return float(np.mean(errors))


def normalised_area(calls: np.ndarray, accuracy: np.ndarray) -> np.ndarray:
    """Mean height of an accuracy-cost curve: area between its first and last cost over their span.

    Args:
        calls: Mean calls of the curve's points, rising, shape (points,).
        accuracy: Shape (points,) or (resamples, points).
    """
    return np.trapezoid(accuracy, calls, axis=-1) / (calls[-1] - calls[0])


def area_up_to(calls: np.ndarray, accuracy: np.ndarray, last: float) -> np.ndarray:
    """Mean height of an accuracy-cost curve from one call to ``last``, straight between points.

    Before its first point and behind its last a curve is level. So curves whose points lie at
    different costs are compared over the same span.

    Args:
        calls: Mean calls of the curve's points in any order, shape (points,).
        accuracy: Shape (points,) or (resamples, points).
        last: Mean calls where the span ends.
    """
    grid, order = np.linspace(1.0, last, 201), np.argsort(calls, kind="stable")
    # Interpolation is linear in the accuracies: its weights are the curves of unit accuracies.
    weights = np.stack(
        [np.interp(grid, calls[order], unit[order]) for unit in np.eye(len(calls))], axis=1
    )
    return np.asarray(accuracy) @ (np.trapezoid(weights, grid, axis=0) / (last - 1.0))


def calls_to_reach(calls: np.ndarray, accuracy: np.ndarray, target: float) -> float:
    """Fewest mean calls at which the straight lines through a curve's points reach ``target``.

    Returns:
        NaN when no point reaches it.
    """
    reached = np.flatnonzero(accuracy >= target)
    if not len(reached):
        return float("nan")
    last = int(reached[0])
    if last == 0:
        return float(calls[0])
    low, high = accuracy[last - 1], accuracy[last]
    share = (target - low) / (high - low)
    return float(calls[last - 1] + share * (calls[last] - calls[last - 1]))
