"""The sound rows of a table, and what is wrong with the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from core.demonstrations import COLUMNS, KEY, columns_of
from core.logs.checks import (
    TRUTH,
    Limits,
    check_characters,
    check_columns,
    check_numbers,
    codes_of,
    faults_of,
    is_nothing,
    number_of,
    repeats_of,
)
from core.logs.labels import with_labels
from core.logs.problems import Fault
from core.prompts import PROMPTS, SLOT, Prompt, own_prompt

QUERY_KEY = [name for name in KEY if name != "prompt_id"]


@dataclass(frozen=True)
class Source:
    """The file that rows are from.

    Attributes:
        name: Of the file, for messages.
        columns: Names of all its columns.
        limits: What it may hold.
        correct_from: From which score on an answer is right; None where the file says it.
    """

    name: str
    columns: Sequence[str]
    limits: Limits
    correct_from: float | None = None


@dataclass(frozen=True)
class Checked:
    """Rows that were looked at.

    Attributes:
        rows: The sound ones with the columns of ``COLUMNS``, labelled by their place in the file.
        prompts: Those that occur in them.
        faults: Of the others.
        graded: How answers were graded where the file does not say what is correct.
    """

    rows: pd.DataFrame
    prompts: tuple[Prompt, ...]
    faults: tuple[Fault, ...] = ()
    graded: str = ""


def checked(table: pd.DataFrame, skipped: np.ndarray, source: Source) -> Checked:
    """Look at every row of a table with our names.

    Args:
        table: The rows.
        skipped: Which of them are none, shape (rows,).
        source: Where they are from.

    Raises:
        DataError: a column or every row is missing, or a limit is exceeded.
    """
    labelled = with_labels(_without_queries(table), source.correct_from, source.name)
    table, limits = labelled.table, source.limits
    check_columns(table, source.name, source.columns)
    faults = [
        replace(fault, bad=fault.bad & ~skipped)
        for fault in (*labelled.faults, *faults_of(table, limits))
    ]
    sound = ~np.logical_or.reduce([skipped, *(fault.bad for fault in faults)])
    kept = table[sound]
    check_numbers(kept, limits, source.name)
    rows, prompts = _demonstrations(kept.copy(deep=False))
    check_characters(rows, QUERY_KEY, limits, source.name)
    if len(rows):
        # A column put into an empty table would fill it.
        faults += repeats_of(rows.assign(prompt=table["prompt"]), KEY, len(table))
    there = [name for name in columns_of("amount") if name in rows.columns]
    return Checked(rows[COLUMNS + there], prompts, tuple(faults), labelled.graded)


def _without_queries(table: pd.DataFrame) -> pd.DataFrame:
    """Prompts as templates, where every row holds the whole text that was sent."""
    if not {"query", "prompt"} <= set(table.columns):
        return table

    def pairs(rows: pd.DataFrame) -> Iterator[tuple[Any, Any]]:
        return zip(rows["query"].tolist(), rows["prompt"].tolist(), strict=True)

    def whole(rows: pd.DataFrame) -> bool:
        return all(
            isinstance(query, str) and isinstance(prompt, str) and query.strip() and query in prompt
            for query, prompt in pairs(rows)
        )

    # The first row tells it of most logs.
    if not (whole(table.head(1)) and whole(table)):
        return table
    cells = [prompt.replace(query, SLOT) for query, prompt in pairs(table)]
    return table.assign(prompt=pd.Series(cells, table.index, dtype=object))


def _demonstrations(
    table: pd.DataFrame,
) -> tuple[pd.DataFrame, tuple[Prompt, ...]]:
    """Sound rows with the columns of ``core.demonstrations.COLUMNS``, and their prompts."""
    rows, values = codes_of(table["prompt"])
    published = {prompt.id: prompt for prompt in PROMPTS} | {p.text: p for p in PROMPTS}
    wordings = [str(value) for value in values]
    # After the query is where a prompt without a place for it stands.
    found = [
        published.get(wording.strip().removeprefix(SLOT)) or own_prompt(wording)
        for wording in wordings
    ]
    # Two values may spell one prompt: its id, and its wording with a blank more.
    by_wording = {prompt.text: prompt for prompt in found}
    prompts = tuple(by_wording.values())
    names = [prompt.id for prompt in prompts]
    place = np.array([names.index(by_wording[prompt.text].id) for prompt in found], dtype=np.int64)
    table["prompt_id"] = pd.Categorical.from_codes(place[rows], names)
    rows, values = codes_of(table["correct"])
    truths = [TRUTH[str(value).strip().lower()] for value in values]
    table["correct"] = np.array(truths, dtype=bool)[rows]
    table["published_correct"] = table["correct"]
    for name in columns_of("count"):
        table[name] = _numbers(table[name]) if name in table.columns else np.nan
    for name in columns_of("amount"):
        if name in table.columns:
            table[name] = _numbers(table[name])
    for name in columns_of("name"):
        if name in table.columns:
            # JSON may hold numbers here; as text they can be compared with others.
            rows, values = codes_of(table[name])
            table[name] = _categories(rows, [str(value) for value in values])
    defaults = {
        "llm": "own",
        "dataset": "own",
        "split": "train",
        "answer": None,
        "predicted_answer": None,
        "tokenizer": "",
        "gold": None,
    }
    for name, value in defaults.items():
        if name not in table.columns:
            table[name] = _categories(np.zeros(len(table), np.int8), [value])
    if "query_id" not in table.columns:
        table["query_id"] = codes_of(table["query"])[0]
    return table, prompts


def _categories(codes: np.ndarray, values: Sequence[str | None]) -> pd.Categorical:
    """A column from the number of each row's value; values that are equal become one."""
    places, distinct = pd.factorize(np.array(values, dtype=object))
    return pd.Categorical.from_codes(places[codes], pd.Index(distinct, dtype=object))


def _numbers(column: pd.Series) -> np.ndarray:
    """Counts as numbers, an unknown one as NaN."""
    codes, values = codes_of(column)
    numbers = [None if is_nothing(value) else number_of(value) for value in values]
    return np.array(numbers, dtype=float)[codes]
