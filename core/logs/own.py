"""Logs of anyone's own benchmark: tables with at least query, prompt and correct, or gold."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.demonstrations import KEY
from core.errors import DataError
from core.grading.choices import is_choice
from core.grading.kinds import CHOICES, NUMBERS, TEXTS, Kind, kind_of
from core.logs.checks import (
    Limits,
    check_characters,
    check_numbers,
    codes_of,
    is_nothing,
    repeats_of,
)
from core.logs.columns import Wanted, recognised
from core.logs.problems import Problems
from core.logs.read import FileLimits, Rows, check_rows, read_rows
from core.logs.tables.arms import with_arms
from core.logs.tables.prompts import Arm, Wide, find, may_be_wide, named
from core.logs.tables.rendered import are_rendered, taken_apart
from core.logs.tables.sound import QUERY_KEY, Checked, Source, checked
from core.logs.tables.wide import spread
from core.prompts import SLOT, Prompt
from core.query import QUERY_LIMIT

UPLOAD_LIMITS = Limits(
    FileLimits(megabytes=100, decoded_megabytes=200, rows=200_000),
    prompts=64,
    query=QUERY_LIMIT,
    prompt=2_000,
    answer=20_000,
    name=200,
    characters=20_000_000,
)
"""What a log may hold that somebody sends to the page."""

_MOST_CELLS = 10
"""To see which columns are prompts all are read, so many cells for each row that a log may have."""


@dataclass(frozen=True)
class Reading:
    """How a file is to be read, where that cannot be seen.

    Attributes:
        columns: Names of the file's columns, by ours; None for one that it has not, whatever its
            columns are called.
        correct_from: From which score on an answer counts as right; None where ``correct`` says
            it.
        prompt: The prompt of all rows, where the file has no such column.
        prompts: Columns that are a prompt each and hold whether its answers were right.
        llms: Columns that are an LLM each and hold the same.
        answers: Whether the answers' texts are kept where the file says which are right.
    """

    columns: Mapping[str, str | None] = field(default_factory=dict)
    correct_from: float | None = None
    prompt: str | None = None
    prompts: tuple[str, ...] = ()
    llms: tuple[str, ...] = ()
    answers: bool = True


@dataclass(frozen=True)
class Inspection:
    """A log that was looked at row by row.

    Attributes:
        rows: How many it has.
        problems: What its owner has to mend.
        table: Its demonstrations with the columns of ``COLUMNS``; None where there
            are problems.
        prompts: Those that occur in it, in a log of several LLMs an arm for each prompt and LLM;
            none where there are problems.
        columns: Names of all columns of the file.
        names: Ours by those of the file, of the columns that were read.
        arms: Columns that were read as a prompt or an LLM each.
        arranged: In words how a table with a column for each prompt was read; empty for another.
        graded: How answers were graded where the file does not say what is correct.
        has_ids: Whether the file says which rows are of one query.
    """

    rows: int
    problems: Problems
    table: pd.DataFrame | None = None
    prompts: tuple[Prompt, ...] = ()
    columns: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    arms: tuple[str, ...] = ()
    arranged: str = ""
    graded: str = ""
    has_ids: bool = False

    def demonstrations(self) -> pd.DataFrame:
        """Its demonstrations.

        Raises:
            DataError: a row is unsound; the message lists what its owner has to mend.
        """
        if self.table is None:
            raise DataError(str(self.problems))
        return self.table

    @property
    def llms(self) -> tuple[str, ...]:
        """The LLMs that one may choose among; none where all answers are one's."""
        return tuple(dict.fromkeys(prompt.llm for prompt in self.prompts if prompt.llm))

    @property
    def renamed(self) -> tuple[tuple[str, str], ...]:
        """Columns of the file that are called otherwise here, with our names."""
        return tuple((theirs, ours) for theirs, ours in self.names.items() if theirs != ours)


def read(*paths: Path, reading: Reading | None = None) -> tuple[pd.DataFrame, tuple[Prompt, ...]]:
    """Read a log, from one file or several, and return its demonstrations and its prompts.

    A ``prompt`` is the id or the wording of a published prompt, or any wording of one's own. The
    columns llm, dataset, split, query_id, answer, predicted_answer, prompt_tokens,
    completion_tokens, dollars and tokenizer are taken over where they are there. Where the answers
    of several LLMs are logged, each prompt with each LLM is one to choose. Of several files one
    without a prompt is of the prompt that its name says.

    Args:
        paths: The files.
        reading: How they are read.

    Raises:
        DataError: a file cannot be read or a row is unsound; rows are counted from 1.
    """
    found = inspect_all(paths, Limits(), reading)
    return found.demonstrations(), found.prompts


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
    reading = reading or Reading()
    if len(paths) == 1:
        return _with_arms(_inspected(paths[0], limits, reading), paths[0].name, limits)
    size = sum(path.stat().st_size for path in paths if path.is_file()) / 1e6
    if size > limits.file.megabytes:
        raise DataError(
            f"The {len(paths)} files have {size:,.1f} MB together; at most "
            f"{limits.file.megabytes:,.0f} MB are allowed."
        )
    found = [_named_by_file(path, limits, reading) for path in paths]
    found = _of_llms_alone(found, paths, limits, reading)
    table, prompts = _joined(found)
    name = f"The log of {len(paths)} files"
    check_rows(name, len(table), limits.file)
    check_characters(table, QUERY_KEY, limits, name)
    arranged, graded = (
        "; ".join(dict.fromkeys(said for said in all_said if said))
        for all_said in ([one.arranged for one in found], [one.graded for one in found])
    )
    joined = replace(found[0], arranged=arranged, graded=graded)
    whole = replace(joined, rows=len(table), table=table, prompts=prompts)
    return _with_arms(whole, name, limits)


def _named_by_file(path: Path, limits: Limits, reading: Reading) -> Inspection:
    """One of several files; without a prompt it is of the one that its name says.

    Raises:
        DataError: it cannot be read, or has a problem.
    """
    by_name = replace(reading, prompt=reading.prompt or path.name.split(".")[0])
    one = _inspected(path, limits, by_name)
    if one.table is None:
        raise DataError(f"{path.name}: {one.problems}")
    return one


def _of_llms_alone(
    found: list[Inspection], paths: Sequence[Path], limits: Limits, reading: Reading
) -> list[Inspection]:
    """The same where files name several LLMs and no prompt: then their names are no prompts."""
    llms = {name for one in found if one.table is not None for name in one.table["llm"].unique()}
    ours = [set(one.names.values()) for one in found]
    bare = all("llm" in names and "prompt" not in names for names in ours)
    if reading.prompt or len(llms) < 2 or not bare:
        return found
    as_asked = replace(reading, prompt=SLOT)
    return [_named_by_file(path, limits, as_asked) for path in paths]


def _joined(found: Sequence[Inspection]) -> tuple[pd.DataFrame, tuple[Prompt, ...]]:
    """Several files as one log; queries without an id are paired by their text.

    Raises:
        DataError: two files hold the same prompt on one query.
    """
    tables = [one.table.astype({"prompt_id": object}) for one in found if one.table is not None]
    table = pd.concat(tables, ignore_index=True)
    if not any(one.has_ids for one in found):
        table["query_id"] = codes_of(table["query"])[0]
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
    return inspect_all([path], limits, reading)


def _with_arms(found: Inspection, name: str, limits: Limits) -> Inspection:
    """A log of several LLMs as one of arms."""
    if found.table is None:
        return found
    table, arms = with_arms(found.table, found.prompts)
    check_numbers(table.assign(prompt=table["prompt_id"]), limits, name)
    return replace(found, table=table, prompts=arms)


def _inspected(path: Path, limits: Limits, reading: Reading) -> Inspection:
    """One file, by itself."""
    arms = (*reading.prompts, *reading.llms)
    wanted = Wanted(reading.columns, arms, answers=reading.answers)
    raw = read_rows(path, limits.file, wanted)
    if len(raw.table) and _unread(raw).all():
        # Without a single row nobody knows which columns there are.
        return Inspection(len(raw.table), Problems.of(raw.faults))
    names = recognised(raw.table.columns, reading.columns, raw.names, path.name)
    if not (reading.answers or "correct" in names.values()):
        return _inspected(path, limits, replace(reading, answers=True))
    source = Source(path.name, raw.names, limits, reading.correct_from)
    wide = _wide_of(path, raw, names, limits, reading)
    if wide is not None:
        return _of_wide(*wide, source)
    return _of_long(raw, names, source, reading.prompt)


def _wide_of(
    path: Path, raw: Rows, names: Mapping[str, str], limits: Limits, reading: Reading
) -> tuple[Rows, Wide] | None:
    """The rows of a file with a column for each prompt, and which these are; None of another."""
    if reading.prompts and reading.llms:
        raise DataError("Columns are prompts or LLMs, not some of each.")
    if chosen := reading.prompts or reading.llms:
        kind: Arm = "llm" if reading.llms else "prompt"
        return raw, named(chosen, kind, names, reading.columns, raw.names, path.name)
    if not (may_be_wide(names, reading.columns) and _fits(raw, limits)):
        return None
    every = read_rows(path, limits.file, frozenset(raw.names) - frozenset(raw.nested))
    found = find(every.table, names, raw.names, path.name)
    return None if found is None else (every, found)


def _fits(raw: Rows, limits: Limits) -> bool:
    """Whether a table with all its columns takes no more memory than a log may."""
    return len(raw.table) * len(raw.names) <= _MOST_CELLS * limits.file.rows


def _of_long(raw: Rows, names: Mapping[str, str], source: Source, prompt: str | None) -> Inspection:
    """A log with a row for each answer."""
    table = raw.table[list(names)].rename(columns=dict(names))
    if "prompt" not in table.columns:
        several = "llm" in table.columns and table["llm"].nunique() > 1
        if prompt is not None or several:
            table["prompt"] = SLOT if prompt is None else prompt
    table = _with_queries(table, prompt)
    looked = checked(table, _unread(raw), source)
    found = Inspection(len(table), Problems(), columns=raw.names, names=names)
    return _with_rows(found, raw, looked)


def _with_queries(table: pd.DataFrame, by_name: str | None) -> pd.DataFrame:
    """A table without queries as one with them, where its prompts are whole texts that were sent.

    Args:
        table: With our names.
        by_name: The prompt of a file that shows none.
    """
    if "query" in table.columns or "prompt" not in table.columns:
        return table
    texts = table["prompt"].tolist()
    if not all(isinstance(text, str) for text in texts) or not are_rendered(texts):
        return table
    apart = taken_apart(texts)
    if apart is not None:
        return table.assign(prompt=apart[0], query=apart[1])
    return table if by_name is None else table.assign(prompt=by_name, query=texts)


def _of_wide(raw: Rows, wide: Wide, source: Source) -> Inspection:
    """A log with a row for each query."""
    looked, empty = spread(raw.table, _unread(raw), wide, source)
    found = Inspection(
        len(raw.table),
        Problems(),
        columns=raw.names,
        names=wide.shared,
        arms=wide.prompts,
        arranged=wide.said(empty),
    )
    return _with_rows(found, raw, looked)


def _with_rows(found: Inspection, raw: Rows, looked: Checked) -> Inspection:
    """The rows that were looked at, or their problems."""
    problems = Problems.of([*raw.faults, *looked.faults])
    if problems.count:
        return replace(found, problems=problems)
    return replace(
        found,
        rows=len(looked.rows),
        table=looked.rows,
        prompts=looked.prompts,
        graded=looked.graded,
        has_ids="query_id" in found.names.values(),
    )


def look_at_columns(path: Path, limits: Limits = UPLOAD_LIMITS) -> Inspection:
    """Look at the columns of a file alone, and which of ours they seem to be.

    Args:
        path: The file.
        limits: What it may hold.

    Raises:
        DataError: it cannot be read or exceeds a limit.
    """
    raw = read_rows(path, limits.file, Wanted({}))
    names = recognised(raw.names, {}, raw.names, path.name)
    found = Inspection(len(raw.table), Problems(), columns=raw.names, names=names)
    with suppress(DataError):
        wide = _wide_of(path, raw, names, limits, Reading())
        if wide is not None:
            return replace(found, names=wide[1].shared, arms=wide[1].prompts)
    return found


def _unread(raw: Rows) -> np.ndarray:
    """Which rows could not be read, shape (rows,)."""
    unread = np.zeros(len(raw.table), dtype=bool)
    for fault in raw.faults:
        unread |= fault.bad
    return unread


def read_file(path: Path) -> pd.DataFrame:
    """Read any table that ``read_rows`` reads, all columns as they are called.

    Raises:
        DataError: it is not there, or is nothing of the kind.
    """
    raw = read_rows(path)
    if raw.faults:
        raise DataError(str(Problems.of(raw.faults)))
    return raw.table.astype(object)


_FEWEST_READ = 0.5
"""With a smaller share of readable answers a vote over them means nothing."""
FEWEST_AGREEING = 0.9
"""Right answers to one query should read equal; where fewer pairs do, answers are misread."""


def read_answers(table: pd.DataFrame) -> pd.DataFrame | None:
    """Fill ``predicted_answer`` from ``answer`` where it is missing.

    A predicted answer that was logged is taken as it stands; otherwise this project's reader takes
    from the answer's text what the log's answers are: the final number, a choice or a short text.

    Args:
        table: Demonstrations with the columns answer and predicted_answer.

    Returns:
        The table with both columns filled, predicted_answer None where there was no number, or
        None when fewer than half of the rows have one.
    """
    if table[["predicted_answer", "answer"]].isna().all(axis=None):
        return None
    given, texts = _texts(table["predicted_answer"]), _texts(table["answer"])
    kind = kind_of_answers(table)
    # Equal answers are read once.
    found: dict[str | None, str | None] = {None: None}
    found |= {text: kind.answer(text) for text in set(texts) if text is not None}
    predicted = [
        found[text] if answer is None else answer for answer, text in zip(given, texts, strict=True)
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


def kind_of_answers(table: pd.DataFrame) -> Kind:
    """What the answers of a log are: as its correct answers are, else as most that were logged.

    Args:
        table: Demonstrations; of their answers those that were read count.
    """
    golds, logged = (
        [text for text in _texts(table[name].dropna()) if text is not None]
        for name in ("gold", "predicted_answer")
    )
    if golds:
        return kind_of(golds)
    if not logged or sum(map(is_choice, logged)) > _FEWEST_READ * len(logged):
        return CHOICES if logged else NUMBERS
    read = sum(NUMBERS.answer(answer) is not None for answer in logged)
    return NUMBERS if read > _FEWEST_READ * len(logged) else TEXTS


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
