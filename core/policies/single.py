"""Policies that spend one call."""

from collections.abc import Sequence

import numpy as np

from core.policies.base import Context, Policy, Reply, Request, ranked


class _OneCall(Policy):
    def next_requests(self, context: Context, replies: Sequence[Reply]) -> Sequence[Request]:
        return [] if replies else [Request(self.pick(context))]

    def pick(self, context: Context) -> int:
        raise NotImplementedError


class RandomPrompt(_OneCall):
    """One call with a prompt drawn at random; what knowing nothing is worth."""

    name = "random"

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def pick(self, context: Context) -> int:
        return int(self._random.integers(len(context.reward)))


class BestSingle(_OneCall):
    """One call with the prompt that was right most often in the log, whatever the query."""

    name = "best-single"

    def pick(self, context: Context) -> int:
        return ranked(context.accuracy)[0]


class BestOfN(_OneCall):
    """One call with the prompt the reward model scores highest (Sun et al. 2024, section 4)."""

    name = "best-of-n"

    def pick(self, context: Context) -> int:
        return ranked(context.reward)[0]


class CostAware(_OneCall):
    """One call with the largest P(correct) − λ · expected tokens.

    Args:
        penalty: λ, in probability per 1,000 tokens.
    """

    name = "cost-aware"

    def __init__(self, penalty: float) -> None:
        self.parameter = penalty

    def pick(self, context: Context) -> int:
        known = context.tokens[~np.isnan(context.tokens)]
        # One of which nothing is known counts as the others do on average.
        usual = float(known.mean()) if len(known) else 0.0
        tokens = np.nan_to_num(context.tokens, nan=usual)
        return ranked(context.reward - self.parameter * tokens / 1000)[0]
