"""Choosing the next tokens by each text's own random number."""

import math

import numpy as np

from core.llms.base import Sampling

_COLDEST = 1e-30
"""Where the likeliest token has all of the share already, and which is not yet 0 in float32, in
which a vocabulary's exponentials take half the time."""


def draw(scores: np.ndarray, uniform: np.ndarray, sampling: Sampling) -> np.ndarray:
    """The tokens at which the summed shares of the tokens allowed first pass the random numbers.

    Allowed are the likeliest tokens that together reach ``top_p`` (nucleus sampling, Holtzman et
    al. 2020). The same numbers choose the same tokens as with transformers.

    Args:
        scores: Finite float32 of shape (texts, vocabulary).
        uniform: In [0, 1), shape (texts,).
        sampling: Temperature and ``top_p``; at temperature 0 the likeliest token is taken.

    Returns:
        Token numbers of shape (texts,).
    """
    if sampling.temperature == 0:
        return scores.argmax(axis=1)
    below = scores - scores.max(axis=1, keepdims=True)
    tokens, logs, rest = _candidates(below, sampling)
    shares = np.exp(logs)
    rising = np.sort(shares, axis=1)
    summed = rising.cumsum(axis=1) + rest[:, None]
    left_out = (summed <= (1 - sampling.top_p) * summed[:, -1:]).sum(axis=1)
    least = rising[np.arange(len(rising)), np.minimum(left_out, rising.shape[1] - 1)]
    shares[shares < least[:, None]] = 0
    summed = shares.cumsum(axis=1)
    places = (summed <= uniform.astype(np.float64)[:, None] * summed[:, -1:]).sum(axis=1)
    return tokens[np.arange(len(tokens)), places]


def _candidates(below: np.ndarray, sampling: Sampling) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The tokens that may be allowed, so that all others need no care.

    The least likely tokens with a sum of at most ``1 - top_p`` are not allowed, and whatever is
    below that divided by the size of the vocabulary, with 1 the likeliest, is one of them.

    Args:
        below: Scores less the highest of each text, shape (texts, vocabulary).
        sampling: Temperature and ``top_p``.

    Returns:
        Token numbers in rising order and the logarithms of their shares relative to the likeliest,
        float64, both of shape (texts, most candidates) and filled up with -inf; and the summed
        relative shares of all other tokens, shape (texts,).
    """
    texts, vocabulary = below.shape
    least = (1 - sampling.top_p) / vocabulary
    cut = sampling.temperature * math.log(least) if least > 0 else -math.inf
    likely = below >= cut
    others = np.exp(below / np.float32(max(sampling.temperature, _COLDEST)))
    others[likely] = 0
    row, token = np.nonzero(likely)
    counts = np.bincount(row, minlength=texts)
    place = np.arange(len(row)) - np.repeat(counts.cumsum() - counts, counts)
    tokens = np.zeros((texts, counts.max()), int)
    logs = np.full(tokens.shape, -np.inf)
    tokens[row, place] = token
    logs[row, place] = below[row, token].astype(np.float64) / sampling.temperature
    return tokens, logs, others.sum(axis=1, dtype=np.float64)
