"""Logs of anyone's own benchmark: CSV, JSONL or Parquet with at least query, prompt, correct."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from core.demonstrations import COLUMNS, check
from core.errors import DataError
from core.prompts import PROMPTS, Prompt, own_prompt

REQUIRED = ("query", "prompt", "correct")
_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {
    ".csv": lambda path: pd.read_csv(path, dtype=str, keep_default_na=False),
    ".jsonl": lambda path: pd.read_json(path, lines=True, dtype=False),
    ".parquet": pd.read_parquet,
}
_TRUTH = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}


def read(
    path: Path, *, llm: str = "own", dataset: str = "own"
) -> tuple[pd.DataFrame, tuple[Prompt, ...]]:
    """Read a log and return its demonstrations and its prompts.

    A ``prompt`` is the id or the wording of a published prompt, or any wording of one's own. The
    columns llm, dataset, split, query_id, answer, predicted_answer, prompt_tokens,
    completion_tokens and tokenizer are taken over where they are there.

    Args:
        path: File whose name ends in .csv, .jsonl or .parquet.
        llm: Name for the LLM where the log has none.
        dataset: Name for the data set where the log has none.

    Raises:
        DataError: the file cannot be read or a row is unsound; rows are counted from 1.
    """
    table = read_file(path)
    absent = [name for name in REQUIRED if name not in table.columns]
    if absent:
        raise DataError(
            f"{path.name} lacks the column {absent[0]!r}. Needed: {', '.join(REQUIRED)}; "
            f"found: {', '.join(map(str, table.columns)) or 'none'}."
        )
    if table.empty:
        raise DataError(f"{path.name} has no rows.")
    table = table.reset_index(drop=True)
    for column in ("query", "prompt"):
        _require_text(table[column])
    prompts = _prompts(table["prompt"])
    by_wording = {prompt.text: prompt.id for prompt in prompts.values()}
    table = table.assign(
        prompt_id=table["prompt"].map(lambda value: by_wording[prompts[value].text]),
        correct=_truth(table["correct"]),
    )
    table = _with_defaults(table, llm, dataset)
    return check(table[COLUMNS], tuple(prompts.values())), _distinct(prompts)


def read_file(path: Path) -> pd.DataFrame:
    """Read a CSV (every cell as text), JSONL or Parquet file.

    Raises:
        DataError: it is not there, or is nothing of the kind.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(f"{path.name}: the name must end in {', '.join(_READERS)}.")
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    import pyarrow

    try:
        return reader(path)
    except pd.errors.EmptyDataError:
        raise DataError(f"{path.name} is empty.") from None
    except (ValueError, pyarrow.ArrowException) as error:
        # pandas' parser errors, JSON errors and wrong encodings are all ValueErrors.
        raise DataError(f"{path.name} cannot be read as {path.suffix[1:]}: {error}") from error


def _prompts(column: pd.Series) -> dict[str, Prompt]:
    """The prompt behind each distinct value of the column."""
    published = {prompt.id: prompt for prompt in PROMPTS} | {p.text: p for p in PROMPTS}
    return {value: published.get(value.strip()) or own_prompt(value) for value in column.unique()}


def _require_text(column: pd.Series) -> None:
    for row, value in enumerate(column):
        if not isinstance(value, str) or not value.strip():
            raise DataError(
                f"Row {row + 1}: {column.name} is {value!r}; it must be a text that is not empty."
            )


def _distinct(prompts: dict[str, Prompt]) -> tuple[Prompt, ...]:
    return tuple({prompt.id: prompt for prompt in prompts.values()}.values())


def _truth(column: pd.Series) -> list[bool]:
    values = []
    for row, value in enumerate(column):
        truth = _TRUTH.get(str(value).strip().lower())
        if truth is None:
            raise DataError(f"Row {row + 1}: correct is {value!r}; it must be true, false, 1 or 0.")
        values.append(truth)
    return values


def _with_defaults(table: pd.DataFrame, llm: str, dataset: str) -> pd.DataFrame:
    defaults: dict[str, object] = {
        "llm": llm,
        "dataset": dataset,
        "split": "train",
        "answer": None,
        "predicted_answer": None,
        "prompt_tokens": np.nan,
        "completion_tokens": np.nan,
        "tokenizer": "",
    }
    for name in ("llm", "dataset", "split", "query_id"):
        if name in table.columns:
            # JSON may hold anything here; as text it can be compared.
            table[name] = table[name].map(str)
    for name, value in defaults.items():
        if name not in table.columns:
            table[name] = value
    for name in ("prompt_tokens", "completion_tokens"):
        # An empty CSV cell is an unknown count; anything else must be a number.
        empty = table[name].isna() | (table[name].astype(str).str.strip() == "")
        table[name] = table[name].where(~empty, np.nan)
        numbers = pd.to_numeric(table[name], errors="coerce")
        table[name] = numbers.astype(float) if (numbers.notna() | empty).all() else table[name]
    if "query_id" not in table.columns:
        table["query_id"] = pd.factorize(table["query"])[0]
    table["published_correct"] = table["correct"]
    return table
