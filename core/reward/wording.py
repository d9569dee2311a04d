"""Score prompts that were never logged as blends of those that were, after their wording.

Gaussian process regression (Rasmussen and Williams 2006, chapter 2) of the prompts' offsets on
three things said about a wording beforehand, on the ground of how chat models react to it: its
length, whether it has several persons speak, which draws the answer out and away from one final
number, and whether it asks for steps. With six or sixteen prompts nothing finer can be learned.
The list of persons was written with all sixteen published wordings in view, though not their
labels.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.prompts import Prompt

_PERSONS = re.compile(
    r"\b(?:experts?|scholars?|philosophers?|participants?|debat\w*|discuss\w*|panel|group|"
    r"mathematicians?|teachers?|students?|people|persons?|everyone)\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\b(?:two|three|four|five|several|many|all|each|group|panel|\d)\b", re.I)
_STEPS = re.compile(r"\bsteps?\b|\bstep[- ]by[- ]step\b", re.IGNORECASE)
_LEVEL_SPREAD = 3.0
_FEATURE_SPREADS = (0.25, 0.5, 1.0)
_OWN_SPREADS = (0.1, 0.2, 0.4)


def describe(prompt: Prompt) -> list[float]:
    """Length (log words, 2 being average), several persons, asks for steps."""
    words = len(prompt.text.split())
    persons = bool(_PERSONS.search(prompt.text) and _SEVERAL.search(prompt.text))
    return [np.log1p(words) - 2.0, float(persons), float(bool(_STEPS.search(prompt.text)))]


@dataclass(frozen=True)
class Blend:
    """How new prompts follow from logged ones.

    Attributes:
        weights: Of the offsets, shape (new prompts, logged prompts).
        deviation_weights: Of everything that depends on the query, the same shape.
        variance: Of the new prompts' offsets around the blend, in squared logits, shape (new,).
    """

    weights: np.ndarray
    deviation_weights: np.ndarray
    variance: np.ndarray


def blend(logged: Sequence[Prompt], offsets: np.ndarray, new: Sequence[Prompt]) -> Blend:
    """Blend logged prompts into each new one.

    The spreads of the process are those under which the logged offsets are most likely. On which
    queries a prompt does better says less about its wording than how well it does in all, so for
    deviations the weights go halfway to a plain average.

    Args:
        logged: Prompts with known offsets.
        offsets: Shape (logged,), logits.
        new: Prompts to score.
    """
    known = np.array([describe(prompt) for prompt in logged])
    asked = np.array([describe(prompt) for prompt in new])
    feature, own = max(
        ((feature, own) for feature in _FEATURE_SPREADS for own in _OWN_SPREADS),
        key=lambda spreads: _likelihood(known, offsets - offsets.mean(), *spreads),
    )
    inverse = np.linalg.inv(_covariance(known, known, feature) + own**2 * np.eye(len(known)))
    across = _covariance(asked, known, feature)
    weights = across @ inverse
    spread = np.diag(_covariance(asked, asked, feature)) - np.sum(weights * across, axis=1)
    # The level is nearly free, so weights nearly add up to one; exactly one keeps a common shift.
    weights /= weights.sum(axis=1, keepdims=True)
    halfway = 0.5 * weights + 0.5 / len(known)
    return Blend(weights, halfway, np.maximum(spread, 0.0) + own**2)


def _covariance(left: np.ndarray, right: np.ndarray, feature: float) -> np.ndarray:
    return _LEVEL_SPREAD**2 + feature**2 * left @ right.T


def _likelihood(known: np.ndarray, offsets: np.ndarray, feature: float, own: float) -> float:
    covariance = _covariance(known, known, feature) + own**2 * np.eye(len(known))
    _, log_determinant = np.linalg.slogdet(covariance)
    return float(-0.5 * (offsets @ np.linalg.solve(covariance, offsets) + log_determinant))
