"""A log as counts: how often each prompt was tried on each query, and how often it was right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.demonstrations import KEY, check
from core.errors import DataError
from core.prompts import Prompt, check_distinct
from core.query import masked

_KEY = [name for name in KEY if name != "llm"]
"""A reward model is learned from the log of one LLM."""


@dataclass(frozen=True)
class Counts:
    """Trials and successes of the distinct queries of a log.

    Attributes:
        queries: Distinct texts, sorted.
        trials, right: Shape (queries, prompts).
    """

    queries: tuple[str, ...]
    trials: np.ndarray
    right: np.ndarray

    @property
    def groups(self) -> np.ndarray:
        """Cluster number of each query; queries that differ in numbers alone share it."""
        return pd.factorize(np.array([masked(query) for query in self.queries], dtype=object))[0]


def count(table: pd.DataFrame, prompts: Sequence[Prompt], label: str) -> Counts:
    """Check a table of demonstrations and count it.

    Args:
        table: Columns dataset, split, query_id, query, prompt_id and ``label``.
        prompts: Those that may occur.
        label: Column of true and false.

    Raises:
        DataError: the table is empty, has one class only, repeats a row, or a value is not what it
            must be; the message names value and row (counted from 1).
    """
    check_distinct(prompts)
    ids = [prompt.id for prompt in prompts]
    check(table, ids, columns=(*_KEY, "query", label), label=label)
    classes = table[label].astype(bool).unique()
    if len(classes) < 2:
        raise DataError(
            f"Every {label} in the log is {bool(classes[0])}; a reward model needs right and "
            "wrong answers to learn from."
        )
    row, queries = _sorted(table["query"])
    positions = {prompt.id: position for position, prompt in enumerate(prompts)}
    column = table["prompt_id"].map(positions).to_numpy(dtype=np.int64)
    trials, right = np.zeros((2, len(queries), len(prompts)))
    np.add.at(trials, (row, column), 1.0)
    np.add.at(right, (row, column), table[label].to_numpy(dtype=float))
    return Counts(tuple(queries), trials, right)


def _sorted(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """The place of each row's text among the distinct ones, and these, sorted."""
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return pd.factorize(column.astype(object), sort=True)
    codes, found = pd.factorize(column)
    texts = np.asarray(found, dtype=object)
    order = np.argsort(texts)
    return np.argsort(order)[codes], texts[order]
