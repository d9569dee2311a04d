"""The one schema of a log: its columns, what names a row, and which rows are sound."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.errors import DataError
from core.prompts import Prompt

LLAMA2 = "llama2-7b-chat"
GPT35 = "gpt-3.5-turbo"
EMBEDDED = "embedded"
LLMS = (LLAMA2, GPT35, EMBEDDED)
"""LLMs with a log: two published ones, and the embedded LLM's, which comes with the project."""
EMBEDDED_LOG = "embedded-log.parquet"
STORIES = "stories"
"""The embedded LLM's log: questions of the project's own in phrases it was not trained on."""
DATASET_LABELS = {"gsm8k": "GSM8K", "mawps": "MAWPS", "svamp": "SVAMP", STORIES: "own questions"}
"""Data sets as people read them, in their order."""

KEY = ["llm", "dataset", "split", "query_id", "prompt_id"]
COLUMNS = [
    "llm",
    "dataset",
    "split",
    "query_id",
    "query",
    "prompt_id",
    "answer",
    "predicted_answer",
    "correct",
    "published_correct",
    "prompt_tokens",
    "completion_tokens",
    "tokenizer",
]
CATEGORIES = ["llm", "dataset", "split", "prompt_id", "tokenizer"]


def check(table: pd.DataFrame, prompts: Sequence[Prompt]) -> pd.DataFrame:
    """Return ``table`` when every row is sound.

    Rows are counted from 1.

    Raises:
        DataError: a column is missing or a value is out of range, named with its row.
    """
    absent = [column for column in COLUMNS if column not in table.columns]
    if absent:
        raise DataError(f"The log lacks the column {absent[0]!r}. Needed: {', '.join(COLUMNS)}.")
    if table.empty:
        raise DataError("The log has no rows.")
    known = {prompt.id for prompt in prompts}
    _refuse(table, ~table["prompt_id"].isin(known), "prompt_id", f"one of {sorted(known)}")
    text = table["query"].map(lambda value: isinstance(value, str) and bool(value.strip()))
    _refuse(table, ~text.astype(bool), "query", "a text that is not empty")
    _refuse(table, ~table["correct"].isin([True, False]), "correct", "true or false")
    for column in ("prompt_tokens", "completion_tokens"):
        counts = pd.to_numeric(table[column], errors="coerce")
        bad = (
            (counts < 0)
            | (counts % 1 != 0) & counts.notna()
            | counts.isna() & table[column].notna()
        )
        _refuse(table, bad, column, "a whole number that is not negative, or nothing")
    again = table.duplicated(KEY)
    if again.any():
        row = int(np.flatnonzero(again)[0])
        key = ", ".join(f"{name} {table[name].iloc[row]}" for name in KEY)
        raise DataError(
            f"Row {row + 1} repeats an earlier row ({key}). Give repeated samples "
            "distinct query_id."
        )
    return table


def _refuse(table: pd.DataFrame, bad: pd.Series, column: str, allowed: str) -> None:
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        # A list turns NumPy's numbers into plain ones, which read better.
        value = table[column].iloc[[row]].tolist()[0]
        raise DataError(f"Row {row + 1}: {column} is {value!r}; it must be {allowed}.")
