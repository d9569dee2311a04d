"""What happened to a query before: production logs repeat questions, and so do published ones.

Each query has an effect of its own, shared by all prompts, and one with each prompt, both Gaussian
with mean zero. Their posterior mean is what the log of that very query adds to the prediction. How
wide the priors are is learned from the queries that were tried more than once; without enough of
those nothing is remembered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from core.reward.blocks import blocks
from core.reward.counts import Counts
from core.reward.difficulty import sigmoid

_SHARED_SPREADS = (0.3, 0.6, 1.0, 1.5)
_OWN_SPREADS = (0.2, 0.4, 0.7, 1.0, 1.5)
_FEWEST_REPEATS = 200
_MOST_REPEATS = 4000
"""Repeated (query, prompt) pairs that are looked at to choose the spreads."""


@dataclass(frozen=True)
class Memory:
    """Effects of logged queries, in logits.

    Attributes:
        keys: Hashes of the queries, sorted, shape (queries,), unsigned 64-bit.
        effects: Shape (queries, prompts).
    """

    keys: np.ndarray
    effects: np.ndarray

    def recall(self, queries: Sequence[str]) -> np.ndarray:
        """Effects for these queries, zero for those that were never logged.

        Returns:
            Shape (queries, prompts).
        """
        found = np.zeros((len(queries), self.effects.shape[1]))
        if not len(self.keys):
            return found
        asked = np.array([key_of(query) for query in queries], dtype=np.uint64)
        place = np.minimum(np.searchsorted(self.keys, asked), len(self.keys) - 1)
        known = self.keys[place] == asked
        found[known] = self.effects[place[known]]
        return found


def key_of(query: str) -> int:
    """A 64-bit hash of a question; blanks around it do not matter."""
    digest = blake2b(query.strip().encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def nothing(prompts: int) -> Memory:
    """A memory without any query."""
    return Memory(np.zeros(0, np.uint64), np.zeros((0, prompts)))


def fit_memory(counts: Counts, logit: np.ndarray, seed: int) -> Memory:
    """Learn the spreads and remember every query of the log.

    Args:
        counts: The log.
        logit: Predictions without memory, shape (queries, prompts): difficulty from boosters that
            did not see the query, deviations so shrunken that one query hardly moves them.
        seed: Of the choice of pairs that are looked at.
    """
    chance = sigmoid(logit)
    repeated = np.argwhere(counts.trials >= 2)
    if len(repeated) < _FEWEST_REPEATS:
        return nothing(logit.shape[1])
    if len(repeated) > _MOST_REPEATS:
        picked = np.random.default_rng(seed).choice(len(repeated), _MOST_REPEATS, replace=False)
        repeated = repeated[np.sort(picked)]
    spreads = max(
        ((shared, own) for shared in _SHARED_SPREADS for own in _OWN_SPREADS),
        key=lambda spread: _leave_one_out(counts, logit, chance, repeated, spread),
    )
    error = counts.right - counts.trials * chance
    weight = counts.trials * chance * (1 - chance)
    effects = np.vstack(
        [_effects(error[rows], weight[rows], spreads) for rows in blocks(len(error))]
    )
    keys = np.array([key_of(query) for query in counts.queries], dtype=np.uint64)
    # Two queries that differ in outer blanks alone share a key; the first one is kept.
    keys, first = np.unique(keys, return_index=True)
    return Memory(keys, effects[first].astype(np.float16))


def _effects(error: np.ndarray, weight: np.ndarray, spreads: tuple[float, float]) -> np.ndarray:
    """Posterior means after one Newton step from zero, shape (queries, prompts)."""
    prompts = error.shape[1]
    shared, own = spreads
    precision = np.linalg.inv(shared**2 * np.ones((prompts, prompts)) + own**2 * np.eye(prompts))
    system = precision + weight[:, :, None] * np.eye(prompts)
    return np.linalg.solve(system, error[:, :, None])[:, :, 0]


def _leave_one_out(
    counts: Counts,
    logit: np.ndarray,
    chance: np.ndarray,
    pairs: np.ndarray,
    spreads: tuple[float, float],
) -> float:
    """Log-likelihood of one answer of each pair, predicted from all other answers to its query."""
    row, prompt = pairs.T
    total = 0.0
    for outcome in (0.0, 1.0):
        times = (
            counts.right[row, prompt] if outcome else (counts.trials - counts.right)[row, prompt]
        )
        there = times > 0
        at, own = row[there], prompt[there]
        index = np.arange(len(at))
        expected = chance[at]
        error = counts.right[at] - counts.trials[at] * expected
        weight = counts.trials[at] * expected * (1 - expected)
        error[index, own] -= outcome - expected[index, own]
        weight[index, own] -= (expected * (1 - expected))[index, own]
        effect = _effects(error, weight, spreads)[index, own]
        predicted = sigmoid(logit[at, own] + effect)
        share = times[there] / counts.trials[at, own]
        total += float(share @ np.log(predicted if outcome else 1 - predicted))
    return total
