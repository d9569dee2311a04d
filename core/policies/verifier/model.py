"""A trained verifier."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core import boosting

if TYPE_CHECKING:
    import lightgbm as lgb


@dataclass(frozen=True)
class Verifier:
    """Learned from logged answers by ``core.policies.verifier.training.fit``.

    Attributes:
        booster: From ``FEATURES`` to P(right).
    """

    booster: "lgb.Booster"

    def chances(self, rows: np.ndarray) -> np.ndarray:
        """P(right) of answers, shape (answers,).

        Args:
            rows: As ``features.read`` reads each, shape (answers, len(FEATURES)).
        """
        return boosting.predict(self.booster, rows)
