"""Boosters fitted on a Dask cluster that is there already, by LightGBM's own interface to it."""

import re
import warnings
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from core import boosting
from core.errors import DataError

if TYPE_CHECKING:
    import lightgbm as lgb

_SECONDS = 10
"""How long a cluster may take to answer."""
_FEWEST_ROWS = 100
"""With fewer rows a worker is not used: what it sees says nothing about the others' rows."""
_WHEREABOUTS = re.compile(r"^\[(?:machines|local_listen_port): .*\]\n", re.MULTILINE)
"""Parameters in the text of a booster that name the workers."""


@contextmanager
def cluster(address: str) -> Iterator[boosting.Fit]:
    """Connect to a Dask cluster; yields what fits a booster there, as ``boosting.fit`` does here.

    Rows are dealt to the workers in equal parts, and each of them uses its own number of threads.

    Args:
        address: Of the scheduler, such as tcp://host:8786.

    Raises:
        DataError: Dask is not installed, nobody answers or no worker can fit a booster; and from
            what is yielded, the cluster failed.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        raise DataError("--dask needs further packages: pip install dask distributed") from error
    from lightgbm.basic import LightGBMError

    try:
        client = Client(address, timeout=_SECONDS)
    except (OSError, ValueError, TypeError) as error:
        raise DataError(
            f"No Dask scheduler answers at {address!r}: {error}. An address is like "
            "tcp://host:8786."
        ) from error
    with client:
        workers = _workers(client, address)

        def fit(*given: Any, **named: Any) -> "lgb.Booster":
            try:
                return _fit(client, workers, *given, **named)
            except (LightGBMError, KilledWorker, CancelledError, OSError) as error:
                raise DataError(f"The Dask cluster at {address!r} failed: {error}") from error

        yield fit


def _workers(client: Any, address: str) -> list[str]:
    """Addresses of the workers; raises DataError unless there is one and all have LightGBM."""
    found = client.get_versions(packages=["lightgbm"])["workers"]
    if not found:
        raise DataError(
            f"The Dask cluster at {address!r} has no worker; `dask worker {address}` starts one."
        )
    needed = version("lightgbm")
    for worker, there in found.items():
        has = there["packages"]["lightgbm"]
        if has != needed:
            raise DataError(
                f"The worker {worker} of the Dask cluster has LightGBM {has or 'not installed'}; "
                f"it needs the one of this machine: pip install lightgbm=={needed}"
            )
    return list(found)


def _fit(
    client: Any,
    workers: list[str],
    parameters: Mapping[str, Any],
    rows: np.ndarray,
    target: np.ndarray,
    rounds: int,
    *,
    weight: np.ndarray | None = None,
    start: np.ndarray | None = None,
) -> "lgb.Booster":
    from lightgbm import Booster, DaskLGBMRegressor

    used = workers[: max(1, len(rows) // _FEWEST_ROWS)]
    named = {"sample_weight": weight, "init_score": start}
    spread = {
        name: _spread(client, used, values) for name, values in named.items() if values is not None
    }
    model = DaskLGBMRegressor(client=client, n_estimators=rounds, verbose=-1, **parameters)
    with warnings.catch_warnings():
        # Each worker has its own number of threads, which LightGBM tells of every time.
        warnings.filterwarnings("ignore", "Parameter n_jobs will be ignored")
        model.fit(_spread(client, used, rows), _spread(client, used, target), **spread)
    return Booster(model_str=_WHEREABOUTS.sub("", model.booster_.model_to_string()))


def _spread(client: Any, workers: list[str], values: np.ndarray) -> Any:
    """A Dask array of which each worker holds a part."""
    import dask
    import dask.array

    parts = np.array_split(values, len(workers))
    # Named by its content, a part would vanish with an equal one of an earlier booster.
    held = [
        dask.delayed(client.scatter(part, workers=[worker], hash=False))
        for worker, part in zip(workers, parts, strict=True)
    ]
    return dask.array.concatenate(
        [
            dask.array.from_delayed(one, part.shape, part.dtype)
            for one, part in zip(held, parts, strict=True)
        ]
    )
