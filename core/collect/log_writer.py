"""The finished log: graded rows, written in one piece."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from core.collect.plan import Cell, Job
from core.errors import DataError
from core.grading import final_answer
from core.llms.base import Completion
from core.prompts import PROMPTS, Prompt

_COUNTS = ("prompt_tokens", "completion_tokens")
_TEXTS = ("predicted_answer", "answer", "finish_reason")


def log_table(job: Job, results: Mapping[int, tuple[Completion, ...]]) -> pd.DataFrame:
    """Grade the answers and lay them out as ``own_logs.read`` takes them.

    Args:
        job: What was collected.
        results: Answers to the calls of each unit, by the unit's position.

    Returns:
        A row per call, by query, prompt and sample. Where there are several samples, each has a
        query_id of its own: that of the query, "#" and a number.
    """
    found = {
        cell: completion
        for number, completions in results.items()
        for cell, completion in zip(job.units[number].cells, completions, strict=True)
    }
    queries = job.queries.to_dict("records")
    order = sorted(found, key=lambda cell: (cell.query, cell.prompt, cell.sample))
    rows = [_row(job, cell, queries[cell.query], found[cell]) for cell in order]
    return pd.DataFrame(rows).astype(dict.fromkeys(_COUNTS, "Int64") | dict.fromkeys(_TEXTS, "str"))


def _row(job: Job, cell: Cell, query: dict, completion: Completion) -> dict[str, object]:
    value = final_answer.extract(completion.text)
    number = f"#{cell.sample + 1}" if job.samples > 1 else ""
    return {
        "llm": job.llm.name,
        "dataset": query["dataset"],
        "split": query["split"],
        "query_id": query["query_id"] + number,
        "query": query["query"],
        "prompt": _name(job.prompts[cell.prompt]),
        "sample": cell.sample + 1,
        "gold": str(query["gold"]),
        "correct": final_answer.grade(value, query["gold"]),
        "predicted_answer": None if value is None else final_answer.canonical(value),
        "answer": completion.text,
        "prompt_tokens": completion.usage.prompt_tokens,
        "completion_tokens": completion.usage.completion_tokens,
        "finish_reason": completion.finish_reason,
        "seconds": completion.seconds,
    }


def _name(prompt: Prompt) -> str:
    """A published prompt's id; the wording of any other, which a log needs to know."""
    return prompt.id if prompt in PROMPTS else prompt.text


_WRITERS: dict[str, Callable[[pd.DataFrame, Path], None]] = {
    ".csv": lambda table, path: table.to_csv(path, index=False),
    ".jsonl": lambda table, path: table.to_json(
        path, orient="records", lines=True, double_precision=15
    ),
    ".parquet": lambda table, path: table.to_parquet(path, index=False),
}


def check_out(out: Path) -> None:
    """Raise DataError when a log cannot be written to ``out``."""
    if out.suffix.lower() not in _WRITERS:
        raise DataError(f"{out.name}: the name must end in {', '.join(_WRITERS)}.")
    if not out.parent.is_dir():
        raise DataError(f"There is no folder {out.parent} to write {out.name} into.")


def write_log(table: pd.DataFrame, out: Path) -> None:
    """Write a log in the format that its suffix says.

    Raises:
        DataError: it cannot be written; what was there before is unchanged.
    """
    write_atomically(out, lambda path: _WRITERS[out.suffix.lower()](table, path))


def write_atomically(path: Path, write: Callable[[Path], None]) -> None:
    """Let ``write`` fill a file beside ``path`` and put it in place once it is complete.

    Raises:
        DataError: it cannot be written; what was there before is unchanged.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        write(part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise DataError(f"{path} cannot be written: {error.strerror or error}.") from error
