"""A log as counts: how often each prompt was tried on each query, and how often it was right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import DataError
from core.prompts import Prompt, check_distinct
from core.query import masked

_KEY = ["dataset", "split", "query_id", "prompt_id"]


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
    _check(table, prompts, label)
    row, queries = pd.factorize(table["query"].astype(object), sort=True)
    positions = {prompt.id: position for position, prompt in enumerate(prompts)}
    column = table["prompt_id"].map(positions).to_numpy(dtype=np.int64)
    trials, right = np.zeros((2, len(queries), len(prompts)))
    np.add.at(trials, (row, column), 1.0)
    np.add.at(right, (row, column), table[label].to_numpy(dtype=float))
    return Counts(tuple(queries), trials, right)


def _check(table: pd.DataFrame, prompts: Sequence[Prompt], label: str) -> None:
    for column in (*_KEY, "query", label):
        if column not in table.columns:
            raise DataError(f"The log lacks the column {column!r}.")
    if table.empty:
        raise DataError("The log is empty; a reward model needs demonstrations.")
    known = {prompt.id for prompt in prompts}
    _refuse(table, ~table["prompt_id"].isin(known), "prompt_id", f"one of {sorted(known)}")
    is_text = [isinstance(query, str) and bool(query.strip()) for query in table["query"]]
    _refuse(table, ~np.array(is_text), "query", "a text that is not empty")
    _refuse(table, ~table[label].isin([True, False]), label, "true or false")
    again = table.duplicated(_KEY).to_numpy()
    if again.any():
        row = int(np.flatnonzero(again)[0])
        raise DataError(
            f"Row {row + 1} repeats prompt {table['prompt_id'].iloc[row]!r} on the same query of "
            f"the same data set; give repeated samples distinct query_id."
        )
    classes = table[label].astype(bool).unique()
    if len(classes) < 2:
        raise DataError(
            f"Every {label} in the log is {bool(classes[0])}; a reward model needs right and "
            "wrong answers to learn from."
        )


def _refuse(table: pd.DataFrame, bad: "pd.Series | np.ndarray", column: str, allowed: str) -> None:
    rows = np.flatnonzero(np.asarray(bad))
    if len(rows):
        # A list turns NumPy's numbers into plain ones, which read better.
        value = table[column].iloc[[rows[0]]].tolist()[0]
        raise DataError(f"Row {rows[0] + 1}: {column} is {value!r}; it must be {allowed}.")
