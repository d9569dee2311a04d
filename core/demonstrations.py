"""The one schema of a log: its columns, what names a row, and which rows are sound."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.errors import DataError

LLAMA2 = "llama2-7b-chat"
GPT35 = "gpt-3.5-turbo"
EMBEDDED = "embedded"
LLMS = (LLAMA2, GPT35, EMBEDDED)
"""LLMs with a log: two published ones, and the embedded LLM's, which comes with the project."""
EMBEDDED_LOG = "embedded-log.parquet"
SEVERAL_LLMS = "several LLMs"
"""Whose a log is in which one may choose among LLMs; its arms name them."""
STORIES = "stories"
"""The embedded LLM's log: questions of the project's own in phrases it was not trained on."""
DATASET_LABELS = {"gsm8k": "GSM8K", "mawps": "MAWPS", "svamp": "SVAMP", STORIES: "own questions"}
"""Data sets as people read them, in their order."""

Kind = Literal["text", "truth", "name", "answer", "count", "amount"]


@dataclass(frozen=True)
class Column:
    """A column of a log.

    Attributes:
        name: In files and tables.
        kind: What a cell may be. ``text``: one that is not empty. ``truth``: true or false.
            ``name``: a text or number that tells rows apart. ``answer``: any text, or nothing.
            ``count``: a whole number that is not negative, or nothing. ``amount``: any number that
            is not negative, or nothing; the column is in a table only where the log has it.
        required: Whether a file must have it; the others are filled in.
    """

    name: str
    kind: Kind
    required: bool = False


SCHEMA = (
    Column("llm", "name"),
    Column("dataset", "name"),
    Column("split", "name"),
    Column("query_id", "name"),
    Column("query", "text", required=True),
    Column("prompt", "text", required=True),
    Column("answer", "answer"),
    Column("predicted_answer", "answer"),
    Column("correct", "truth", required=True),
    Column("prompt_tokens", "count"),
    Column("completion_tokens", "count"),
    Column("tokenizer", "answer"),
    Column("gold", "answer"),
    Column("dollars", "amount"),
)
"""The columns of a log that mean something; others are ignored."""


def columns_of(*kinds: Kind) -> tuple[str, ...]:
    """Names of the columns of some kinds."""
    return tuple(column.name for column in SCHEMA if column.kind in kinds)


REQUIRED = tuple(column.name for column in SCHEMA if column.required)
KEY = ["llm", "dataset", "split", "query_id", "prompt_id"]
"""What names a row; the prompt by its id."""
COLUMNS = [
    *("prompt_id" if column.name == "prompt" else column.name for column in SCHEMA[:9]),
    "published_correct",
    *(column.name for column in SCHEMA[9:] if column.kind != "amount"),
]
"""Of a table of demonstrations: prompts have ids, and the published grade stands beside ours."""
CATEGORIES = ["llm", "dataset", "split", "prompt_id", "tokenizer"]


def check(
    table: pd.DataFrame,
    prompt_ids: Collection[str],
    *,
    columns: Sequence[str] = COLUMNS,
    label: str = "correct",
) -> pd.DataFrame:
    """Return ``table`` when every row is sound; rows are counted from 1.

    Args:
        table: Of demonstrations.
        prompt_ids: Those that may occur.
        columns: Those that must be there.
        label: The column of true and false.

    Raises:
        DataError: a column is missing or a value is out of range, named with its row.
    """
    absent = [column for column in columns if column not in table.columns]
    if absent:
        raise DataError(f"The log lacks the column {absent[0]!r}. Needed: {', '.join(columns)}.")
    if table.empty:
        raise DataError("The log has no rows.")
    known = f"one of {sorted(prompt_ids)}"
    _refuse(table, ~table["prompt_id"].isin(prompt_ids), "prompt_id", known)
    _refuse(table, ~_texts(table["query"]), "query", "a text that is not empty")
    _refuse(table, ~table[label].isin([True, False]), label, "true or false")
    for column in [name for name in columns_of("count") if name in columns]:
        counts = pd.to_numeric(table[column], errors="coerce")
        unread = counts.isna() & table[column].notna()
        bad = (counts < 0) | ((counts % 1 != 0) & counts.notna()) | unread
        _refuse(table, bad, column, "a whole number that is not negative, or nothing")
    key = [name for name in KEY if name in columns]
    again = table.duplicated(key).to_numpy()
    if again.any():
        row = int(np.flatnonzero(again)[0])
        said = ", ".join(f"{name} {table[name].iloc[row]}" for name in key)
        raise DataError(
            f"Row {row + 1} repeats an earlier row ({said}). Give repeated samples distinct "
            "query_id."
        )
    return table


def _texts(column: pd.Series) -> np.ndarray:
    """Whether each cell is a text that is not empty, shape (rows,)."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        # The last one stands for a cell that is missing.
        return np.append(_texts(column.cat.categories.to_series()), False)[column.cat.codes]
    return np.array([isinstance(cell, str) and bool(cell.strip()) for cell in column], dtype=bool)


def _refuse(table: pd.DataFrame, bad: "pd.Series | np.ndarray", column: str, allowed: str) -> None:
    rows = np.flatnonzero(np.asarray(bad))
    if len(rows):
        # A list turns NumPy's numbers into plain ones, which read better.
        value = table[column].iloc[[rows[0]]].tolist()[0]
        raise DataError(f"Row {rows[0] + 1}: {column} is {value!r}; it must be {allowed}.")
