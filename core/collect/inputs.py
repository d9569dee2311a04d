"""Reading what is to be asked: queries with their correct answers, and prompts."""

import os
from pathlib import Path

import pandas as pd

from core.errors import DataError, UnknownNameError
from core.grading.final_answer import parse_gold
from core.logs.own import read_file
from core.prompts import PROMPTS, Prompt, check_distinct, own_prompt, prompt_by_id

COLUMNS = ["query", "gold", "dataset", "split", "query_id"]
_KEY = ["dataset", "split", "query_id"]
_BY_WORDING = {prompt.text: prompt for prompt in PROMPTS}


def read_queries(path: Path) -> pd.DataFrame:
    """Read queries from CSV, JSONL or Parquet; see ``check_queries``.

    Raises:
        DataError: the file cannot be read or a row is unsound; rows are counted from 1.
    """
    return check_queries(read_file(path), path.name)


def check_queries(table: pd.DataFrame, source: str = "The table") -> pd.DataFrame:
    """Return the queries with the columns of ``COLUMNS``.

    Args:
        table: Columns query and gold, and those of dataset, split and query_id that are known;
            without them dataset is ``own``, split ``train`` and query_id the number of the row,
            counted from 1.
        source: Where the table comes from, for messages.

    Raises:
        DataError: a column is missing, a query is no text, a correct answer is not one number,
            or a query_id is there twice.
    """
    found = ", ".join(map(str, table.columns)) or "none"
    if "query" not in table.columns:
        raise DataError(f"{source} lacks the column 'query'; found: {found}.")
    if "gold" not in table.columns:
        raise DataError(
            f"{source} lacks the column 'gold', the correct answers: without them nobody knows "
            f"which prompt was right, and a log has nothing to learn from. Found: {found}."
        )
    if table.empty:
        raise DataError(f"{source} has no rows.")
    table = table.reset_index(drop=True)
    _check_rows(table)
    defaults = {"dataset": "own", "split": "train", "query_id": range(1, len(table) + 1)}
    for name, value in defaults.items():
        table = table.assign(**{name: table[name] if name in table.columns else value})
        table[name] = table[name].map(str)
    _refuse_repeated(table)
    return table[COLUMNS]


def _check_rows(table: pd.DataFrame) -> None:
    rows = zip(table["query"].tolist(), table["gold"].tolist(), strict=True)
    for number, (query, gold) in enumerate(rows, start=1):
        if not isinstance(query, str) or not query.strip():
            raise DataError(
                f"Row {number}: query is {query!r}; it must be a text that is not empty."
            )
        try:
            parse_gold(gold)
        except DataError as error:
            raise DataError(f"Row {number}: {error}") from None


def _refuse_repeated(table: pd.DataFrame) -> None:
    first: dict[tuple[str, ...], int] = {}
    for number, key in enumerate(table[_KEY].itertuples(index=False, name=None), start=1):
        if key in first:
            raise DataError(
                f"Row {number} has the query_id {key[-1]!r} of row {first[key]}; "
                "each query of a data set needs its own."
            )
        first[key] = number


def read_prompts(text: str) -> tuple[Prompt, ...]:
    """Return the prompts that ``text`` names.

    Args:
        text: ``all`` for the sixteen published ones, their ids separated by commas, or the path
            of a text file with the wording of a prompt in each line.

    Raises:
        UnknownNameError: an id is unknown; the message lists the ids.
        DataError: the file is missing or cannot be read, or a prompt is given twice.
    """
    names = [name.strip() for name in text.split(",")]
    try:
        prompts = PROMPTS if text == "all" else tuple(prompt_by_id(name) for name in names)
    except UnknownNameError:
        path = Path(text)
        if path.is_file():
            prompts = _prompts_of(path)
        elif os.sep in text or text.endswith(".txt"):
            raise DataError(f"There is no file {text}.") from None
        else:
            raise
    check_distinct(prompts)
    return prompts


def _prompts_of(path: Path) -> tuple[Prompt, ...]:
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise DataError(f"{path.name} cannot be read as text: {error}.") from error
    wordings = [line.strip() for line in lines if line.strip()]
    if not wordings:
        raise DataError(f"{path.name} has no prompts; write the wording of one in each line.")
    return tuple(_BY_WORDING.get(wording) or own_prompt(wording) for wording in wordings)
