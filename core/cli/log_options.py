"""The options of commands that read a log of one's own."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from core.cli.output import errors
from core.errors import DataError
from core.logs.checks import Limits
from core.logs.own import Reading, inspect_all
from core.logs.read import FileLimits
from core.prompts import Prompt

Logs = Annotated[
    list[Path] | None,
    typer.Option(
        "--log",
        help="Your own log instead: a table with query, prompt, correct, or the results of "
        "promptfoo, Inspect, OpenAI's evals, lm-evaluation-harness or lighteval; again for each "
        "further file.",
    ),
]
Columns = Annotated[
    list[str] | None,
    typer.Option(
        "--column",
        help="What a column of the log is: query=question, prompt=template, …; prompt= or "
        "llm= again for each where every prompt, or every LLM, has a column of its own.",
    ),
]
CorrectFrom = Annotated[
    float | None,
    typer.Option(help="From which score on an answer is right, where correct is a score."),
]


def read_log(
    paths: Sequence[Path],
    columns: Sequence[str] | None,
    correct_from: float | None,
    *,
    answers: bool = True,
) -> tuple[pd.DataFrame, tuple[Prompt, ...]]:
    """Read a log and say how it was read where its columns do not say so themselves.

    Args:
        paths: Its files.
        columns: As for ``reading_of``.
        correct_from: As for ``reading_of``.
        answers: Whether their texts are kept where the log says which are right.

    Raises:
        DataError: a file cannot be read or a row is unsound.
    """
    reading = replace(reading_of(columns, correct_from), answers=answers)
    with errors.status("Reading the log") as status:
        told = FileLimits(on_rows=lambda rows: status.update(f"Reading the log: {rows:,} rows"))
        found = inspect_all(paths, Limits(told), reading)
    table = found.demonstrations()
    renamed = ", ".join(f"{theirs} → {ours}" for theirs, ours in found.renamed)
    for said, what in (
        ("Read as", renamed),
        ("A row for each query", found.arranged),
        ("How it was graded", found.graded),
        ("Each prompt is put to each of", " and ".join(found.llms)),
    ):
        if what:
            errors.print(f"{said}: {what}.", markup=False, highlight=False, soft_wrap=True)
    return table, found.prompts


def reading_of(columns: Sequence[str] | None, correct_from: float | None) -> Reading:
    """How a log is read.

    Args:
        columns: As in ``query=question``, ours first; several prompts, or LLMs, are a column each.
        correct_from: As the option has it.

    Raises:
        DataError: a column is not named like that, or another than prompt and llm twice.
    """
    named: dict[str, str] = {}
    several: dict[str, dict[str, None]] = {"prompt": {}, "llm": {}}
    for text in columns or ():
        ours, sign, theirs = text.partition("=")
        if not (sign and ours and theirs):
            raise DataError(f"A column is named like query=question; got {text!r}.")
        if ours in several:
            several[ours][theirs] = None
        elif ours in named:
            raise DataError(
                f"{ours} is named twice, as {named[ours]!r} and as {theirs!r}; several columns of "
                "a log can be prompts or LLMs alone."
            )
        else:
            named[ours] = theirs
    named |= {ours: next(iter(given)) for ours, given in several.items() if len(given) == 1}
    prompts, llms = (tuple(given) if len(given) > 1 else () for given in several.values())
    return Reading(named, correct_from, prompts=prompts, llms=llms)
