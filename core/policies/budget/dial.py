"""What each setting of the dial takes: the stopping rule replayed on states that were held out."""

import numpy as np

from core.policies.budget.model import BATCHES, HORIZONS, UNITS

PRICES = np.concatenate([np.geomspace(1.0, 1e-5, 80), -np.geomspace(1e-5, 1.0, 30)])
"""Settings of the dial, in probability of a right answer per call. No gain is worth the first, so
that the dial starts at exactly one call; those below zero go on though further calls are expected
to harm, up to all prompts."""


def calls_taken(gains: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    """Calls of every query at every setting, by the rule of ``core.policies.budgeted``.

    Args:
        gains: Predicted after 0, 1, … N calls for each of ``HORIZONS``, minus infinity where so
            many calls are not left, shape (queries, N + 1, horizons).
        tokens: Expected tokens of the prompts in the order of each query, shape (queries, N); NaN
            where unknown, and then all calls cost the same.

    Returns:
        Shape (units, batches, settings, queries).
    """
    costs = {"calls": np.broadcast_to(np.array(HORIZONS, dtype=float), gains.shape)}
    costs["tokens"] = costs["calls"] if np.isnan(tokens).any() else _token_costs(tokens)
    return np.array([[_replayed(gains, costs[unit], batch) for batch in BATCHES] for unit in UNITS])


def _token_costs(tokens: np.ndarray) -> np.ndarray:
    """Cost of the next h calls in calls of average length, shape (queries, N + 1, horizons)."""
    spent = np.pad(tokens.cumsum(axis=1), ((0, 0), (1, 0)))
    prompts = tokens.shape[1]
    after = np.minimum(np.arange(prompts + 1)[:, None] + np.array(HORIZONS), prompts)
    return (spent[:, after] - spent[:, :, None]) / tokens.mean(axis=1)[:, None, None]


def _replayed(gains: np.ndarray, costs: np.ndarray, batch: int) -> np.ndarray:
    """Calls with batches of one size, shape (settings, queries)."""
    queries, steps, _ = gains.shape
    query, horizons = np.arange(queries), np.array(HORIZONS)
    taken = np.zeros((len(PRICES), queries), dtype=int)
    going = np.ones_like(taken, dtype=bool)
    while going.any():
        surplus = gains[query, taken] - PRICES[:, None, None] * costs[query, taken]
        best = surplus.argmax(axis=2)
        pays = np.take_along_axis(surplus, best[:, :, None], axis=2)[:, :, 0] > 0
        # The first call is made whatever it costs.
        going &= (pays | (taken == 0)) & (taken < steps - 1)
        wanted = np.where(pays, np.minimum(horizons[best], batch), 1)
        taken += np.where(going, wanted, 0)
    return taken
