"""Logs of anyone's own benchmark: tables with at least query, prompt and correct, or gold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.demonstrations import COLUMNS, KEY, columns_of
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
from core.logs.columns import Wanted, recognised
from core.logs.labels import with_labels
from core.logs.problems import Problems
from core.logs.read import FileLimits, check_rows, read_rows
from core.prompts import PROMPTS, SLOT, Prompt, own_prompt
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
class Reading:
    """How a file is to be read, where that cannot be seen.

    Attributes:
        columns: Names of the file's columns, by ours.
        correct_from: From which score on an answer counts as right; None where ``correct`` says
            it.
        prompt: The prompt of all rows, where the file has no such column.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    correct_from: float | None = None
    prompt: str | None = None


@dataclass(frozen=True)
class Inspection:
    """A log that was looked at row by row.

    Attributes:
        rows: How many it has.
        problems: What its owner has to mend.
        table: Its demonstrations with the columns of ``COLUMNS``; None where there
            are problems.
        prompts: Those that occur in it; none where there are problems.
        renamed: Columns of the file that are called otherwise here, with our names.
        graded: How answers were graded where the file does not say what is correct.
        has_ids: Whether the file says which rows are of one query.
    """

    rows: int
    problems: Problems
    table: pd.DataFrame | None = None
    prompts: tuple[Prompt, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()
    graded: str = ""
    has_ids: bool = False


def read(*paths: Path, reading: Reading | None = None) -> tuple[pd.DataFrame, tuple[Prompt, ...]]:
    """Read a log, from one file or several, and return its demonstrations and its prompts.

    A ``prompt`` is the id or the wording of a published prompt, or any wording of one's own. The
    columns llm, dataset, split, query_id, answer, predicted_answer, prompt_tokens,
    completion_tokens and tokenizer are taken over where they are there. Of several files one
    without a prompt is of the prompt that its name says.

    Args:
        paths: The files.
        reading: How they are read.

    Raises:
        DataError: a file cannot be read or a row is unsound; rows are counted from 1.
    """
    found = inspect_all(paths, Limits(llms=1), reading)
    if found.table is None:
        raise DataError(str(found.problems))
    return found.table, found.prompts


def inspect_all(
    paths: Sequence[Path], limits: Limits = UPLOAD_LIMITS, reading: Reading | None = None
) -> Inspection:
    """Look at every row of a log in one file or several, which become one log.

    Args:
        paths: The files.
        limits: What each of them, and all together, may hold.
        reading: How they are read.

    Raises:
        DataError: a file cannot be read or exceeds a limit; of several files, one has a problem.
    """
    if len(paths) == 1:
        return inspect(paths[0], limits, reading)
    reading = reading or Reading()
    size = sum(path.stat().st_size for path in paths if path.is_file()) / 1e6
    if size > limits.file.megabytes:
        raise DataError(
            f"The {len(paths)} files have {size:,.1f} MB together; at most "
            f"{limits.file.megabytes:,.0f} MB are allowed."
        )
    found = []
    for path in paths:
        by_name = replace(reading, prompt=reading.prompt or path.name.split(".")[0])
        one = inspect(path, limits, by_name)
        if one.table is None:
            raise DataError(f"{path.name}: {one.problems}")
        found.append(one)
    table, prompts = _joined(found)
    name = f"The log of {len(paths)} files"
    check_rows(name, len(table), limits.file)
    check_numbers(table.assign(prompt=table["prompt_id"]), limits, name)
    check_characters(table, _QUERY_KEY, limits, name)
    return replace(found[0], rows=len(table), table=table, prompts=prompts)


def _joined(found: Sequence[Inspection]) -> tuple[pd.DataFrame, tuple[Prompt, ...]]:
    """Several files as one log; queries without an id are paired by their text.

    Raises:
        DataError: two files hold the same prompt on one query.
    """
    tables = [one.table.astype({"prompt_id": object}) for one in found if one.table is not None]
    table = pd.concat(tables, ignore_index=True)
    if not any(one.has_ids for one in found):
        table["query_id"] = codes_of(table["query"].tolist())[0]
    prompts = {prompt.id: prompt for one in found for prompt in one.prompts}
    faults = repeats_of(table.assign(prompt=table["prompt_id"]), KEY, len(table))
    if faults:
        raise DataError(f"The files as one log, in their order: {Problems.of(faults)}")
    table["prompt_id"] = pd.Categorical(table["prompt_id"], list(prompts))
    return table, tuple(prompts.values())


def inspect(
    path: Path, limits: Limits = UPLOAD_LIMITS, reading: Reading | None = None
) -> Inspection:
    """Look at every row of a log; the arguments are those of ``read``.

    Raises:
        DataError: the file cannot be read, lacks a column or a row, or exceeds a limit.
    """
    reading = reading or Reading()
    raw = read_rows(path, limits.file, Wanted(reading.columns))
    unread = np.zeros(len(raw.table), dtype=bool)
    for fault in raw.faults:
        unread |= fault.bad
    if len(unread) and unread.all():
        # Without a single row nobody knows which columns there are.
        return Inspection(len(raw.table), Problems.of(raw.faults))
    names = recognised(raw.table.columns, reading.columns, raw.names, path.name)
    table = raw.table[list(names)].rename(columns=names)
    if "prompt" not in table.columns and reading.prompt is not None:
        table["prompt"] = reading.prompt
    table = _without_queries(table)
    labelled = with_labels(table, reading.correct_from, path.name)
    table = labelled.table
    check_columns(table, path.name, raw.names)
    faults = list(raw.faults)
    for fault in (*labelled.faults, *faults_of(table, limits)):
        faults.append(replace(fault, bad=fault.bad & ~unread))
    sound = ~np.logical_or.reduce([fault.bad for fault in faults], initial=False)
    sound = np.broadcast_to(sound, len(table))
    check_numbers(table[sound], limits, path.name)
    rows, prompts = _demonstrations(table[sound].copy())
    check_characters(rows, _QUERY_KEY, limits, path.name)
    if len(rows):
        # A column put into an empty table would fill it.
        faults += repeats_of(rows.assign(prompt=table["prompt"]), KEY, len(table))
    problems = Problems.of(faults)
    if problems.count:
        return Inspection(len(table), problems)
    renamed = tuple((theirs, ours) for theirs, ours in names.items() if theirs != ours)
    return Inspection(
        len(table),
        problems,
        rows[COLUMNS],
        prompts,
        renamed,
        labelled.graded,
        has_ids="query_id" in table.columns,
    )


def _without_queries(table: pd.DataFrame) -> pd.DataFrame:
    """Prompts as templates, where every row holds the whole text that was sent."""
    if not {"query", "prompt"} <= set(table.columns):
        return table
    pairs = list(zip(table["query"].tolist(), table["prompt"].tolist(), strict=True))
    whole = all(
        isinstance(query, str) and isinstance(prompt, str) and query.strip() and query in prompt
        for query, prompt in pairs
    )
    if not whole:
        return table
    return table.assign(prompt=[prompt.replace(query, SLOT) for query, prompt in pairs])


def read_file(path: Path) -> pd.DataFrame:
    """Read any table that ``read_rows`` reads, all columns as they are called.

    Raises:
        DataError: it is not there, or is nothing of the kind.
    """
    raw = read_rows(path)
    if raw.faults:
        raise DataError(str(Problems.of(raw.faults)))
    return raw.table


def _demonstrations(
    table: pd.DataFrame,
) -> tuple[pd.DataFrame, tuple[Prompt, ...]]:
    """Sound rows with the columns of ``core.demonstrations.COLUMNS``, and their prompts."""
    rows, values = codes_of(table["prompt"].tolist())
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
FEWEST_AGREEING = 0.9
"""Right answers to one query should read equal; where fewer pairs do, answers are misread."""


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


def agreement(table: pd.DataFrame) -> float:
    """Share of pairs of right answers to one query that read equal; 1 where there is no pair.

    Args:
        table: As ``read_answers`` gives it.
    """
    right = table[table["correct"].astype(bool) & table["predicted_answer"].notna()]
    sizes = right.groupby("query_id").size()
    same = right.groupby(["query_id", "predicted_answer"]).size()
    pairs = int((sizes * (sizes - 1)).sum())
    return float((same * (same - 1)).sum()) / pairs if pairs else 1.0
