"""Large logs some queries at a time, so that what is computed on the way takes little memory."""

from collections.abc import Iterator

MOST = 1 << 15
"""Queries of a block; a log with fewer is one block."""


def blocks(queries: int) -> Iterator[slice]:
    """The blocks of so many queries, in their order; one that is empty where there are none."""
    for first in range(0, max(queries, 1), MOST):
        yield slice(first, min(first + MOST, queries))
