"""Logs of anyone's own benchmark: CSV, JSONL or Parquet with at least query, prompt, correct."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.demonstrations import COLUMNS, KEY, SCHEMA, columns_of
from core.errors import DataError
from core.grading.final_answer import canonical, extract
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
from core.logs.problems import Problems
from core.logs.read import FileLimits, read_rows
from core.prompts import PROMPTS, Prompt, own_prompt
from core.query import QUERY_LIMIT

UPLOAD_LIMITS = Limits(
    FileLimits(megabytes=100, decoded_megabytes=200, rows=200_000),
    prompts=64,
    llms=1,
    query=QUERY_LIMIT,
    prompt=2_000,
    answer=20_000,
    name=200,
    characters=20_000_000,
)
"""What a log may hold that somebody sends to the page."""
_QUERY_KEY = [name for name in KEY if name != "prompt_id"]


@dataclass(frozen=True)
class Inspection:
    """A log that was looked at row by row.

    Attributes:
        rows: How many it has.
        problems: What its owner has to mend.
        table: Its demonstrations with the columns of ``COLUMNS``; None where there
            are problems.
        prompts: Those that occur in it; none where there are problems.
    """

    rows: int
    problems: Problems
    table: pd.DataFrame | None = None
    prompts: tuple[Prompt, ...] = ()


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
    found = inspect(path, Limits(), llm=llm, dataset=dataset)
    if found.table is None:
        raise DataError(str(found.problems))
    return found.table, found.prompts


def inspect(
    path: Path, limits: Limits = UPLOAD_LIMITS, *, llm: str = "own", dataset: str = "own"
) -> Inspection:
    """Look at every row of a log; the arguments are those of ``read``.

    Raises:
        DataError: the file cannot be read, lacks a column or a row, or exceeds a limit.
    """
    raw = read_rows(path, limits.file, [column.name for column in SCHEMA])
    table, unread = raw.table, np.zeros(len(raw.table), dtype=bool)
    for fault in raw.faults:
        unread |= fault.bad
    if len(unread) and unread.all():
        # Without a single row nobody knows which columns there are.
        return Inspection(len(table), Problems.of(raw.faults))
    check_columns(table, path.name)
    faults = list(raw.faults)
    for fault in faults_of(table, limits):
        faults.append(replace(fault, bad=fault.bad & ~unread))
    sound = ~np.logical_or.reduce([fault.bad for fault in faults], initial=False)
    sound = np.broadcast_to(sound, len(table))
    check_numbers(table[sound], limits, path.name)
    demonstrations, prompts = _demonstrations(table[sound].copy(), llm, dataset)
    check_characters(demonstrations, _QUERY_KEY, limits, path.name)
    faults += repeats_of(demonstrations.assign(prompt=table["prompt"]), KEY, len(table))
    problems = Problems.of(faults)
    if problems.count:
        return Inspection(len(table), problems)
    return Inspection(len(table), problems, demonstrations[COLUMNS], prompts)


def read_file(path: Path) -> pd.DataFrame:
    """Read a CSV (every cell as text), JSONL or Parquet file.

    Raises:
        DataError: it is not there, or is nothing of the kind.
    """
    raw = read_rows(path)
    if raw.faults:
        raise DataError(str(Problems.of(raw.faults)))
    return raw.table


def _demonstrations(
    table: pd.DataFrame, llm: str, dataset: str
) -> tuple[pd.DataFrame, tuple[Prompt, ...]]:
    """Sound rows with the columns of ``core.demonstrations.COLUMNS``, and their prompts."""
    rows, values = codes_of(table["prompt"].tolist())
    published = {prompt.id: prompt for prompt in PROMPTS} | {p.text: p for p in PROMPTS}
    wordings = [str(value) for value in values]
    found = [published.get(wording.strip()) or own_prompt(wording) for wording in wordings]
    # Two values may spell one prompt: its id, and its wording with a blank more.
    by_wording = {prompt.text: prompt for prompt in found}
    prompts = tuple(by_wording.values())
    names = [prompt.id for prompt in prompts]
    place = np.array([names.index(by_wording[prompt.text].id) for prompt in found], dtype=np.int64)
    table["prompt_id"] = pd.Categorical.from_codes(place[rows], names)
    table["correct"] = [TRUTH[str(value).strip().lower()] for value in table["correct"]]
    table["correct"] = table["correct"].astype(bool)
    table["published_correct"] = table["correct"]
    for name in columns_of("count"):
        table[name] = _numbers(table[name]) if name in table.columns else np.nan
    for name in columns_of("name"):
        if name in table.columns:
            # JSON may hold numbers here; as text they can be compared with others.
            table[name] = table[name].map(str)
    defaults = {
        "llm": llm,
        "dataset": dataset,
        "split": "train",
        "answer": None,
        "predicted_answer": None,
        "tokenizer": "",
        "gold": None,
    }
    for name, value in defaults.items():
        if name not in table.columns:
            table[name] = value
    if "query_id" not in table.columns:
        table["query_id"] = codes_of(table["query"].tolist())[0]
    return table, prompts


def _numbers(column: pd.Series) -> list[float]:
    """Counts as numbers, an unknown one as NaN."""
    numbers = [None if is_nothing(value) else number_of(value) for value in column.tolist()]
    return [np.nan if number is None else number for number in numbers]


_FEWEST_READ = 0.5
"""With a smaller share of readable answers a vote over them means nothing."""


def read_answers(table: pd.DataFrame) -> pd.DataFrame | None:
    """Fill ``predicted_answer`` from ``answer`` where it is missing.

    A predicted answer that was logged is taken as it stands; otherwise this project's reader takes
    the final number from the answer's text.

    Args:
        table: Demonstrations with the columns answer and predicted_answer.

    Returns:
        The table with both columns filled, predicted_answer None where there was no number, or
        None when fewer than half of the rows have one.
    """
    given, texts = _texts(table["predicted_answer"]), _texts(table["answer"])
    # Equal answers are read once.
    numbers: dict[str | None, str | None] = {None: None}
    numbers |= {text: _number(text) for text in set(texts) if text is not None}
    predicted = [
        numbers[text] if answer is None else answer
        for answer, text in zip(given, texts, strict=True)
    ]
    if sum(answer is not None for answer in predicted) < _FEWEST_READ * len(table):
        return None
    columns = {
        # An answer without a text counts as one that says nothing.
        "answer": [text or "" for text in texts],
        "predicted_answer": predicted,
    }
    return table.assign(
        **{name: pd.Series(cells, table.index, object) for name, cells in columns.items()}
    )


def _texts(column: pd.Series) -> list[str | None]:
    """Stripped texts, None where there is none."""
    return [None if is_nothing(value) else str(value).strip() for value in column.tolist()]


def _number(text: str) -> str | None:
    value = extract(text)
    return None if value is None else canonical(value)
