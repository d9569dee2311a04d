"""`grade`: read the answers of a log anew, by several readers side by side."""

from collections.abc import Hashable
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from core.cli.log_options import Columns, CorrectFrom, read_log
from core.cli.output import errors, results
from core.cli.show import plain_table, print_lines
from core.errors import DataError
from core.grading.readers import READERS, reader_by_name
from core.grading.side_by_side import compare_readers
from core.logs import published

_TAIL = 60


def grade(
    log: Annotated[
        list[Path] | None,
        typer.Argument(
            help="A log with answers, of one or several files. Default: LLaMA2's 16,000 recorded "
            "GSM8K answers."
        ),
    ] = None,
    reader: Annotated[
        list[str] | None,
        typer.Option(
            help=f"Whom to compare, the first with the others: {', '.join(READERS)}. "
            "Default: all that are installed."
        ),
    ] = None,
    column: Columns = None,
    correct_from: CorrectFrom = None,
    show: Annotated[
        int, typer.Option(min=0, help="How many answers that are not read alike to list.")
    ] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Read the final numbers of a log's answers by several readers, without a new call.

    Shows how many answers each can read, how many are right by the log's gold, and where they
    differ.
    """
    readers = {name: reader_by_name(name) for name in reader or _installed()}
    with errors.status("Reading answers"):
        table = _answers(log, column, correct_from)
        texts = [str(text) for text in table["answer"]]
        summary, differing = compare_readers(texts, table["gold"].tolist(), readers)
    if as_json:
        print_lines(summary, table="readers")
        print_lines(differing, table="differing")
        return
    results.print(plain_table(f"{len(texts):,} answers by {len(readers)} readers", summary))
    if show and len(differing):
        results.print(f"{len(differing):,} answers are not read alike:")
        for row in differing.head(show).to_dict("records"):
            results.print(_line(row, texts), markup=False, highlight=False, soft_wrap=True)


def _answers(
    log: list[Path] | None, column: list[str] | None, correct_from: float | None
) -> pd.DataFrame:
    """The rows that have an answer."""
    if not log:
        return published.gsm8k_test_answers()
    table, _ = read_log(log, column, correct_from)
    table = table[table["answer"].notna()]
    if table.empty:
        name = log[0].name
        raise DataError(f"{name} has no answers to read; --column answer=NAME names them.")
    return table


def _line(row: dict[Hashable, object], texts: list[str]) -> str:
    """One answer as each reads it, and how it ends."""
    said = " · ".join(
        f"{name} {value or '—'}" for name, value in row.items() if name not in ("row", "gold")
    )
    gold = "" if row["gold"] is None else f"gold {row['gold']}: "
    return f"answer {row['row']:,}, {gold}{said} | {_tail(texts[int(str(row['row'])) - 1])}"


def _installed() -> list[str]:
    found = []
    for name in READERS:
        try:
            reader_by_name(name)
        except DataError as missing:
            errors.print(str(missing), style="yellow", markup=False, highlight=False)
        else:
            found.append(name)
    return found


def _tail(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _TAIL else f"…{line[-_TAIL:]}"
