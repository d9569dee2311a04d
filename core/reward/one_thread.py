"""Sums in one order: what is learned from a log is the same on every machine, in every process."""

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let linear algebra use one thread; several add up in an order of their own."""
    # SciPy brings a library of its own, which can be limited only once it is loaded.
    import scipy.linalg  # noqa: F401

    with threadpool_limits(1, user_api="blas"):
        yield
