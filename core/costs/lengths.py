"""How many tokens a call takes for a question of some length, as a log shows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class TokensByLength:
    """Tokens of a call, message and answer together: a straight line over the question's length.

    Attributes:
        fixed: Tokens of a question without a character.
        per_character: More tokens for each character of the question.
    """

    fixed: float
    per_character: float

    @classmethod
    def fit(cls, queries: Sequence[str], tokens: Sequence[float]) -> "TokensByLength":
        """Fit the line by least squares; level where all questions are equally long.

        Args:
            queries: The questions of a log.
            tokens: What each took, NaN where it was not counted; NaN throughout gives NaN.
        """
        lengths = np.array([len(query) for query in queries], dtype=float)
        counts = np.asarray(tokens, dtype=float)
        known = ~np.isnan(counts)
        lengths, counts = lengths[known], counts[known]
        if not len(counts):
            return cls(np.nan, np.nan)
        spread = lengths - lengths.mean()
        varies = float(spread @ spread)
        slope = float(spread @ counts) / varies if varies else 0.0
        return cls(float(counts.mean() - slope * lengths.mean()), slope)

    def of(self, query: str) -> float:
        """Tokens that a call on this question can be expected to take; one at least."""
        return float(np.maximum(1.0, self.fixed + self.per_character * len(query)))
