"""The rules that every row of a log has to keep, checked for all rows at once."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from core.demonstrations import REQUIRED, columns_of
from core.errors import DataError
from core.grading.kinds import TRUTH
from core.logs.problems import SHOWN, Fault
from core.logs.read import FileLimits, Nested

_MOST = 1_000_000_000


@dataclass(frozen=True)
class Limits:
    """What a log may hold; nothing is limited by default.

    Attributes:
        file: Size and rows.
        prompts: Distinct ones; put to another LLM, one counts again.
        query, prompt, answer: Characters of a text.
        name: Characters of a predicted answer, and of a query_id and the like.
        characters: Of all queries together, a repeated sample counted again.
    """

    file: FileLimits = field(default_factory=FileLimits)
    prompts: float = math.inf
    query: float = math.inf
    prompt: float = math.inf
    answer: float = math.inf
    name: float = math.inf
    characters: float = math.inf


def check_columns(table: pd.DataFrame, name: str, found: Sequence[str]) -> None:
    """Raise DataError when a needed column is not there, or no row is.

    Args:
        table: Rows with our names.
        name: Of the file.
        found: Names of all its columns, as it has them.
    """
    absent = [column for column in REQUIRED if column not in table.columns]
    if absent:
        raise DataError(
            f"{name} lacks the column {absent[0]!r}. Needed: {', '.join(REQUIRED)}; "
            f"found: {', '.join(found) or 'none'}. Rename the one that it is, or name it: in the "
            f"terminal `--column {absent[0]}=NAME`, on the page under Columns."
        )
    if table.empty:
        raise DataError(f"{name} has no rows.")


def check_numbers(table: pd.DataFrame, limits: Limits, name: str) -> None:
    """Raise DataError when a log holds too many prompts."""
    prompts = len(codes_of(table["prompt"])[1])
    if prompts > limits.prompts:
        raise DataError(
            f"{name} has {prompts:,} different prompts; at most {limits.prompts} are allowed."
        )


def check_characters(table: pd.DataFrame, key: list[str], limits: Limits, name: str) -> None:
    """Raise DataError when the queries, each ``key`` once, are too much text to learn from."""
    characters = sum(map(len, table.drop_duplicates(key)["query"].tolist()))
    if characters > limits.characters:
        raise DataError(
            f"{name} has {characters:,} characters in its queries; at most "
            f"{limits.characters:,} are allowed."
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
    for column in columns_of("name", "answer"):
        if column in table.columns:
            most = limits.answer if column == "answer" else limits.name
            faults += _plain(table[column], most)
    for column in columns_of("count", "amount"):
        if column in table.columns:
            faults.append(_numbers(table[column], whole=column not in columns_of("amount")))
    if "llm" in table.columns:
        faults.append(_named(table["llm"]))
    return [fault for fault in faults if fault.bad.any()]


def _named(llms: pd.Series) -> Fault:
    """Who answered is known of every row or of none."""
    _, values = codes_of(llms)
    # What is no name is a fault of its own.
    none = all(is_nothing(value) or isinstance(value, Nested | bytes) for value in values)
    rule = "must name the LLM, as other rows do"
    return _fault(llms, lambda value: none or not is_nothing(value), rule)


def codes_of(column: pd.Series) -> tuple[np.ndarray, list[Any]]:
    """Number the distinct values of a column in the order in which they come.

    Of objects pandas' ``factorize`` reads a text again in every row that points to it: with long
    texts in many rows, which take little room in a file, that is minutes.

    Returns:
        The number of each row's value, shape (rows,), and the values.
    """
    if column.dtype != object:
        codes, values = pd.factorize(column, use_na_sentinel=False)
        return codes, values.tolist()
    known: dict[object, int] = {}
    numbers = (known.setdefault(value, len(known)) for value in column)
    return np.fromiter(numbers, dtype=np.int32, count=len(column)), list(known)


def _fault(
    column: pd.Series, allowed: Callable[[Any], bool], rule: str | Callable[[int], str]
) -> Fault:
    """Judge each distinct value once."""
    codes, values = codes_of(column)
    bad = np.array([not allowed(value) for value in values], dtype=bool)[codes]
    return Fault(str(column.name), bad, column.tolist() if bad.any() else (), rule)


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


def _numbers(column: pd.Series, *, whole: bool) -> Fault:
    rule = f"must be a {'whole ' if whole else ''}number that is not negative, or nothing"
    fault = _fault(column, lambda value: is_nothing(value) or _is_number(value, whole), rule)
    # What came as text is shown as a number where it is one, as its owner thinks of it.
    first = np.flatnonzero(fault.bad)[:SHOWN].tolist()
    values = list(fault.values)
    for row in first:
        number = number_of(values[row])
        values[row] = values[row] if number is None else number
    return replace(fault, values=values)


def _is_number(value: object, whole: bool) -> bool:
    number = number_of(value)
    return number is not None and 0 <= number <= _MOST and not (whole and number % 1)


def number_of(value: object) -> float | None:
    """A cell as a number, None where it is none."""
    if isinstance(value, str | int | float | Decimal | np.number):
        try:
            return float(value)
        except (ValueError, OverflowError):
            return None
    return None


def is_nothing(value: object) -> bool:
    """Whether a cell is missing or blank."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or (isinstance(value, float) and math.isnan(value))


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
        cells = table[column].reindex(range(rows)).tolist() if bad.any() else ()
        return Fault(column, spread, cells, rule)

    query = [name for name in key if name != "prompt_id"]
    text = pd.Series(codes_of(table["query"])[0], index=table.index)
    owner = table.groupby(query, sort=False, observed=True).ngroup()
    other = text != text.groupby(owner).transform("first")
    again = table.duplicated(key) & ~other
    earlier = _first_rows(table, key) if again.any() else pd.Series(dtype=int)
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
