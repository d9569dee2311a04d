"""How each prompt does, and on which queries it does better or worse than usual.

A logistic regression per prompt on top of the query's difficulty, with a Gaussian prior so narrow
that only what shows over thousands of answers remains.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.reward.blocks import blocks
from core.reward.counts import Counts
from core.reward.difficulty import sigmoid
from core.reward.features import LOG_WORDS, Describer

PENALTY = 400.0
"""Inverse prior variance of the weights of the query's features."""
SHAPE_PENALTY = 30.0
"""The same for the four terms of difficulty and length, which keep the slope right."""
SHAPE_TERMS = 4
_FARTHEST = 9.0
"""Bound of every input, in its own spread: beyond it lies one value in 6,000 of the published logs,
and a linear model would be certain of an endless sum or a text without blanks."""
_OFFSET_SPREAD = 1.5
"""Prior standard deviation, in logits, of a prompt's offset around the mean of all."""
_SLOPE_SPREAD = 0.5
_NEWTON_STEPS = 25
_SMALLEST_STEP = 1e-8


@dataclass(frozen=True)
class Scaler:
    """Brings features to the scale that the prior speaks of.

    Attributes:
        scale: Divisor of each feature, shape (features,); directions of the SVD share one, so
            that weak directions stay weak.
        centre, spread: Of the difficulty, in logits.
    """

    scale: np.ndarray
    centre: float
    spread: float

    @classmethod
    def fit(
        cls, features: np.ndarray, difficulty: np.ndarray, weight: np.ndarray, dimensions: int
    ) -> "Scaler":
        """Learn scales from queries weighted by their number of trials."""
        squares = np.zeros(features.shape[1])
        for block in blocks(len(features)):
            squares += (features[block] ** 2 * weight[block, None]).sum(axis=0)
        scale = np.sqrt(squares / weight.sum())
        if dimensions:
            scale[:dimensions] = scale[:dimensions].max()
        centre = float(np.average(difficulty, weights=weight))
        spread = float(np.sqrt(np.average((difficulty - centre) ** 2, weights=weight)))
        return cls(np.where(scale > 1e-9, scale, 1.0), centre, spread or 1.0)

    def design(
        self, features: np.ndarray, difficulty: np.ndarray, describer: Describer
    ) -> np.ndarray:
        """Inputs of the regressions, shape (queries, features + 4).

        Difficulty, its square, its product with the length and the square of the length let the
        chances spread more on some kinds of query than on others.
        """
        hard = (difficulty - self.centre) / self.spread
        long = features[:, describer.components.shape[1] + LOG_WORDS]
        long = np.clip(long, -_FARTHEST, _FARTHEST)
        shape = np.stack([hard, hard * hard, hard * long, long * long], axis=1)
        return np.clip(np.hstack([features / self.scale, shape]), -_FARTHEST, _FARTHEST)


@dataclass(frozen=True)
class Deviations:
    """Offsets and deviations of the logged prompts.

    Attributes:
        slope: Factor of the difficulty.
        offsets: Shape (prompts,), logits.
        weights: Shape (inputs, prompts).
        variance: Posterior variance of each weight, the same shape; off-diagonal terms are
            dropped, the SVD's directions being nearly uncorrelated.
        offset_variance: Shape (prompts,).
    """

    slope: float
    offsets: np.ndarray
    weights: np.ndarray
    variance: np.ndarray
    offset_variance: np.ndarray

    def predict(self, design: np.ndarray, difficulty: np.ndarray) -> np.ndarray:
        """Logits of shape (queries, prompts)."""
        return self.slope * difficulty[:, None] + self.offsets + design @ self.weights

    def uncertainty(self, design: np.ndarray) -> np.ndarray:
        """Posterior variance of the logits, shape (queries, prompts)."""
        return design**2 @ self.variance + self.offset_variance


def fit_deviations(
    counts: Counts, design: Callable[[slice], np.ndarray], difficulty: np.ndarray
) -> Deviations:
    """Fit slope and offsets together, then each prompt's deviation.

    Args:
        counts: The log.
        design: What ``Scaler.design`` gives for some of the queries, shape (some, inputs).
        difficulty: Out-of-fold logits, shape (queries,).
    """
    slope, offsets = _fit_offsets(counts, difficulty)
    penalty = np.full(design(slice(0, 0)).shape[1] + 1, PENALTY)
    penalty[-1 - SHAPE_TERMS : -1] = SHAPE_PENALTY
    # The last input is a constant: it moves the offset as the deviation needs it.
    penalty[-1] = 1 / _OFFSET_SPREAD**2
    weights = np.zeros((len(penalty), len(offsets)))
    variance = np.tile(1 / penalty[:, None], (1, len(offsets)))
    base = slope * difficulty[:, None] + offsets
    running = np.flatnonzero(counts.trials.any(axis=0)).tolist()
    for _ in range(_NEWTON_STEPS):
        gradients, hessians = _derivatives(counts, design, base, weights, running)
        for prompt in tuple(running):
            hessian = hessians[prompt] + np.diag(penalty)
            gradient = gradients[prompt] - penalty * weights[:, prompt]
            step = np.linalg.solve(hessian, gradient)
            weights[:, prompt] += np.clip(step, -1.0, 1.0)
            variance[:, prompt] = 1 / np.diag(hessian)
            if np.abs(step).max() < 1e-4:
                running.remove(prompt)
        if not running:
            break
    return Deviations(slope, offsets + weights[-1], weights[:-1], variance[:-1], variance[-1])


def _fit_offsets(counts: Counts, difficulty: np.ndarray) -> tuple[float, np.ndarray]:
    """Slope of the difficulty and offset of each prompt, by Newton's method with weak priors."""
    prompts = counts.trials.shape[1]
    share = (counts.right.sum() + 1) / (counts.trials.sum() + 2)
    prior = np.append(np.full(prompts, np.log(share / (1 - share))), 1.0)
    precision = np.append(np.full(prompts, _OFFSET_SPREAD**-2.0), _SLOPE_SPREAD**-2.0)
    value = prior.copy()
    for _ in range(_NEWTON_STEPS):
        chance = sigmoid(value[-1] * difficulty[:, None] + value[:-1])
        error = counts.right - counts.trials * chance
        weight = counts.trials * chance * (1 - chance)
        gradient = np.append(error.sum(axis=0), (error * difficulty[:, None]).sum())
        hessian = np.zeros((prompts + 1, prompts + 1))
        hessian[:prompts, :prompts] = np.diag(weight.sum(axis=0))
        hessian[:prompts, -1] = hessian[-1, :prompts] = (weight * difficulty[:, None]).sum(axis=0)
        hessian[-1, -1] = (weight * difficulty[:, None] ** 2).sum()
        step = np.linalg.solve(hessian + np.diag(precision), gradient - precision * (value - prior))
        value += np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < _SMALLEST_STEP:
            break
    return float(value[-1]), value[:-1]


def _derivatives(
    counts: Counts,
    design: Callable[[slice], np.ndarray],
    base: np.ndarray,
    weights: np.ndarray,
    prompts: Sequence[int],
) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and negative Hessian of the log-likelihood by prompt.

    Args:
        counts: The log.
        design: As for ``fit_deviations``.
        base: Logits without deviations, shape (queries, prompts).
        weights: Shape (inputs, prompts).
        prompts: Those that are asked for; zeros stand for the others.

    Returns:
        Of shape (prompts, inputs) and (prompts, inputs, inputs).
    """
    inputs, every = weights.shape
    gradients, hessians = np.zeros((every, inputs)), np.zeros((every, inputs, inputs))
    for block in blocks(len(base)):
        whole = np.pad(design(block), ((0, 0), (0, 1)), constant_values=1.0)
        for prompt in prompts:
            tried = counts.trials[block, prompt] > 0
            trials, right = (log[block, prompt][tried] for log in (counts.trials, counts.right))
            rows = whole[tried]
            chance = sigmoid(base[block, prompt][tried] + rows @ weights[:, prompt])
            weight = trials * chance * (1 - chance)
            gradients[prompt] += rows.T @ (right - trials * chance)
            hessians[prompt] += (rows * weight[:, None]).T @ rows
    return gradients, hessians
