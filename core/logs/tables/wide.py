"""A row for each query and a column for each arm, as if every one had a file of its own."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.errors import DataError
from core.logs.checks import check_characters, check_numbers
from core.logs.problems import Fault, shown
from core.logs.read import check_rows
from core.logs.tables.arms import as_arms
from core.logs.tables.prompts import Wide
from core.logs.tables.sound import QUERY_KEY, Checked, Source, checked


def spread(
    table: pd.DataFrame, skipped: np.ndarray, wide: Wide, source: Source
) -> tuple[Checked, int]:
    """Look at every answer of a wide table; faults are counted by the rows of the file.

    Args:
        table: With the names of the file.
        skipped: Which of its rows are none, shape (rows,).
        wide: Which columns are prompts.
        source: Where the rows are from.

    Returns:
        The answers, those of a row together, and how many cells below the prompts are empty.

    Raises:
        DataError: a column or every answer is missing, two columns are one prompt, or a limit is
            exceeded.
    """
    _check_size(table, wide, source)
    parts, faults, empty = [], [], 0
    for prompt in wide.prompts:
        rows = wide.part(table, prompt)
        if "query_id" not in rows.columns:
            # What is asked twice is a sample of its own each time.
            rows["query_id"] = range(len(rows))
        lacking = rows["correct"].isna().to_numpy() & ~skipped
        empty += int(lacking.sum())
        part = checked(rows, skipped | lacking, source)
        faults += [replace(one, column=wide.column(one.column, prompt)) for one in part.faults]
        if wide.kind == "llm":
            rows, arms = as_arms(part.rows, part.prompts)
            part = replace(part, rows=rows, prompts=arms)
        parts.append(part)
    found = Checked(parts[0].rows, parts[0].prompts, tuple(_merged(faults)), parts[0].graded)
    return (found if found.faults else _joined(parts, source)), empty


def _check_size(table: pd.DataFrame, wide: Wide, source: Source) -> None:
    """Refuse a table that would become too large."""
    number, most = len(wide.prompts), source.limits.prompts
    if number > most:
        raise DataError(
            f"{source.name} has {number:,} columns that are {wide.words}; at most {most} are "
            "allowed."
        )
    name = f"{source.name}, a row for each answer,"
    check_rows(name, len(table) * number, source.limits.file)


def _merged(faults: Sequence[Fault]) -> list[Fault]:
    """Faults of what the prompts share, told once."""
    by_rule: dict[tuple[str, object], Fault] = {}
    for fault in faults:
        key = fault.column, fault.rule
        known = by_rule.get(key)
        by_rule[key] = fault if known is None else _either(known, fault)
    return [fault for fault in by_rule.values() if fault.bad.any()]


def _either(one: Fault, other: Fault) -> Fault:
    """Two faults of one rule; each row has the cell that breaks it."""
    values = list(one.values)
    for row in np.flatnonzero(other.bad & ~one.bad).tolist():
        values[row] = other.values[row]
    return replace(one, bad=one.bad | other.bad, values=values)


def _joined(parts: Sequence[Checked], source: Source) -> Checked:
    prompts = [prompt for part in parts for prompt in part.prompts]
    if not prompts:
        raise DataError(f"{source.name} has no answers.")
    twice = next((one.text for one in prompts if prompts.count(one) > 1), None)
    if twice is not None:
        raise DataError(f"{source.name} has two columns of the prompt {shown(twice)}; name one.")
    names = [prompt.id for prompt in prompts]
    rows = pd.concat([part.rows.astype({"prompt_id": object}) for part in parts if part.prompts])
    table = rows.sort_index(kind="stable").reset_index(drop=True)
    table["prompt_id"] = pd.Categorical(table["prompt_id"], names)
    check_numbers(table.assign(prompt=table["prompt_id"]), source.limits, source.name)
    check_characters(table, QUERY_KEY, source.limits, source.name)
    return Checked(table, tuple(prompts), graded=parts[0].graded)
