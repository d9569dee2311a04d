"""LightGBM on one thread: the same bytes on every machine, and safe beside other threads.

How many threads LightGBM uses is one number of the process. A call that asks for another number
than the one before changes it for a call that is running in another thread, which then reads past
its buffers. So every call asks for one; several models at once are fitted in several threads.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from core.booster_text import check

if TYPE_CHECKING:
    import lightgbm as lgb


Fit = Callable[..., "lgb.Booster"]
"""What fits a booster; its arguments are those of ``fit``."""
_THREADS = 1
_REPEATABLE = {
    "num_threads": _THREADS,
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}


def fit(
    parameters: Mapping[str, Any],
    rows: np.ndarray,
    target: np.ndarray,
    rounds: int,
    *,
    weight: np.ndarray | None = None,
    start: np.ndarray | None = None,
) -> "lgb.Booster":
    """Fit a booster that is the same for the same seed and rows.

    Args:
        parameters: LightGBM's, the seed included.
        rows: Shape (rows, features).
        target: Shape (rows,).
        rounds: Number of trees.
        weight: Of each row, shape (rows,); all weigh the same without it.
        start: Logit from which each row starts, shape (rows,); the booster learns what is left.
    """
    # It brings scikit-learn and SciPy along: more than a second of the page's start.
    import lightgbm as lgb

    data = lgb.Dataset(rows, label=target, weight=weight, init_score=start)
    return lgb.train({**parameters, **_REPEATABLE}, data, num_boost_round=rounds)


def read(text: str, features: int) -> "lgb.Booster":
    """Read a booster from LightGBM's own text form, whoever it comes from.

    Raises:
        ValueError: the text is not that of a booster of this program, or it takes another number
            of features.
    """
    # LightGBM trusts its text and ends the whole process over a damaged one.
    check(text, features)
    import lightgbm as lgb

    try:
        return lgb.Booster(model_str=text)
    except lgb.basic.LightGBMError as error:
        raise ValueError(str(error)) from error


def predict(booster: "lgb.Booster", rows: np.ndarray, *, raw: bool = False) -> np.ndarray:
    """Predict rows of as many features as the booster was fitted on.

    Args:
        booster: From ``fit``, or read from a file that was checked for its number of features.
        rows: Shape (rows, features).
        raw: Leave a probability as its logit.

    Returns:
        Shape (rows,).
    """
    return np.asarray(
        booster.predict(rows, raw_score=raw, num_threads=_THREADS, validate_features=False)
    )
