"""The rules that every row of a log has to keep, checked for all rows at once."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core.errors import DataError
from core.log_files import FileLimits, Nested
from core.log_problems import Fault

REQUIRED = ("query", "prompt", "correct")
NAMES = ("llm", "dataset", "split", "query_id")
COUNTS = ("prompt_tokens", "completion_tokens")
ANSWERS = ("answer", "predicted_answer")
COLUMNS = (*REQUIRED, *NAMES, *ANSWERS, *COUNTS, "tokenizer")
"""All columns of a log that mean something; others are ignored."""
TRUTH = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
_MOST_TOKENS = 1_000_000_000


@dataclass(frozen=True)
class Limits:
    """What a log may hold; nothing is limited by default.

    Attributes:
        file: Size and rows.
        prompts: Distinct ones.
        llms: Distinct ones; a reward model is learned from the log of one.
        query, prompt, answer: Characters of a text.
    """

    file: FileLimits = field(default_factory=FileLimits)
    prompts: float = math.inf
    llms: float = math.inf
    query: float = math.inf
    prompt: float = math.inf
    answer: float = math.inf


def check_columns(table: pd.DataFrame, name: str) -> None:
    """Raise DataError when a needed column is not there, or no row is."""
    absent = [column for column in REQUIRED if column not in table.columns]
    if absent:
        raise DataError(
            f"{name} lacks the column {absent[0]!r}. Needed: {', '.join(REQUIRED)}; "
            f"found: {', '.join(map(str, table.columns)) or 'none'}."
        )
    if table.empty:
        raise DataError(f"{name} has no rows.")


def check_numbers(table: pd.DataFrame, limits: Limits, name: str) -> None:
    """Raise DataError when a log holds too many prompts or LLMs."""
    prompts = table["prompt"].nunique()
    if prompts > limits.prompts:
        raise DataError(
            f"{name} has {prompts:,} different prompts; at most {limits.prompts} are allowed."
        )
    llms = table["llm"].nunique() if "llm" in table.columns else 1
    if llms > limits.llms:
        raise DataError(
            f"{name} has the answers of {llms:,} LLMs; at most {limits.llms} is allowed, because a "
            "reward model is learned from one. Upload a log for each."
        )


def faults_of(table: pd.DataFrame, limits: Limits) -> list[Fault]:
    """Every rule that a cell breaks by itself."""
    faults = [
        *_text(table["query"], limits.query),
        *_text(table["prompt"], limits.prompt),
        _fault(
            table["correct"],
            lambda value: str(value).strip().lower() in TRUTH,
            "must be true, false, 1 or 0",
        ),
    ]
    for column in (*NAMES, *ANSWERS):
        if column in table.columns:
            most = limits.answer if column in ANSWERS else limits.query
            faults += _plain(table[column], most)
    faults += [_counts(table[column]) for column in COUNTS if column in table.columns]
    return [fault for fault in faults if fault.bad.any()]


def _fault(
    column: pd.Series, allowed: Callable[[object], bool], rule: str | Callable[[int], str]
) -> Fault:
    """Judge each distinct value once."""
    codes, values = pd.factorize(column, use_na_sentinel=False)
    bad = np.array([not allowed(value) for value in values], dtype=bool)
    return Fault(str(column.name), bad[codes], column.tolist(), rule)


def _text(column: pd.Series, most: float) -> list[Fault]:
    """A text that is not empty, not too long and can be written down."""
    there = _fault(
        column,
        lambda value: isinstance(value, str) and bool(value.strip()) and _encodable(value),
        "must be a text that is not empty",
    )
    return [there, _length(column, most)]


def _plain(column: pd.Series, most: float) -> list[Fault]:
    """A text or a number or nothing."""
    flat = _fault(
        column,
        lambda value: not isinstance(value, Nested | bytes) and _encodable(value),
        "must be a plain text or number",
    )
    return [flat, _length(column, most)]


def _length(column: pd.Series, most: float) -> Fault:
    def rule(row: int) -> str:
        length = len(column.iloc[row])
        return f"has {length:,} characters, and at most {most:,.0f} are allowed"

    return _fault(column, lambda value: not isinstance(value, str) or len(value) <= most, rule)


def _encodable(value: object) -> bool:
    # JSON can spell halves of characters, which no file can hold.
    if not isinstance(value, str) or value.isascii():
        return True
    return not any("\ud800" <= sign <= "\udfff" for sign in value)


def _counts(column: pd.Series) -> Fault:
    rule = "must be a whole number that is not negative, or nothing"
    numbers = pd.to_numeric(column.map(str).str.strip(), errors="coerce")
    whole = (numbers >= 0) & (numbers <= _MOST_TOKENS) & (numbers % 1 == 0)
    return Fault(str(column.name), ~(whole | is_nothing(column)).to_numpy(), _shown(column), rule)


def _shown(column: pd.Series) -> list[object]:
    """Numbers that came as text are shown as numbers, as their owner thinks of them."""
    numbers = pd.to_numeric(column.map(str), errors="coerce")
    return column.where(numbers.isna(), numbers).tolist()


def is_nothing(column: pd.Series) -> pd.Series:
    """Whether each cell is missing or blank."""
    return column.isna() | (column.map(str).str.strip() == "")


def repeats_of(table: pd.DataFrame, key: list[str], rows: int) -> list[Fault]:
    """Rows that log a prompt twice on one query, or give one query_id to two queries.

    Args:
        table: Rows that break no other rule, labelled by their place in the file, with the columns
            of ``key``, query and prompt.
        key: Columns that name a row, prompt_id among them.
        rows: Of the file.
    """

    def fault(column: str, bad: pd.Series, rule: str | Callable[[int], str]) -> Fault:
        spread = np.zeros(rows, dtype=bool)
        spread[table.index[bad]] = True
        return Fault(column, spread, table[column], rule)

    query = [name for name in key if name != "prompt_id"]
    first = table.groupby(query, sort=False, observed=True)["query"].transform("first")
    other = table["query"] != first
    again = table.duplicated(key) & ~other
    earlier = _first_rows(table, key) if again.any() else None
    faults = [
        fault(
            "query",
            other,
            "differs from an earlier one with the same query_id; give it a query_id of its own",
        ),
        fault(
            "prompt",
            again,
            lambda row: (
                f"repeats row {earlier[row] + 1:,} on the same query; give repeated samples "
                "distinct query_id"
            ),
        ),
    ]
    return [fault for fault in faults if fault.bad.any()]


def _first_rows(table: pd.DataFrame, key: list[str]) -> pd.Series:
    """For each row the label of the row that first held its key."""
    labels = pd.Series(table.index, index=table.index)
    codes = table.groupby(key, sort=False, observed=True).ngroup()
    return labels.groupby(codes).transform("first")
