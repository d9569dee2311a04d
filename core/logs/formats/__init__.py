"""Results of evaluation tools, read into the columns of a log; found by what a file holds.

A format is a module with two functions: ``recognises``, whether a document or a record is of it,
and ``rows`` or ``reader``, which give its answers as records with the names of our columns.
"""

from collections.abc import Callable
from typing import Any

from core.logs.formats import inspect_log, lm_eval, openai_evals, promptfoo

Record = dict[str, Any]


def document_rows(document: Record, source: str) -> list[Record] | None:
    """The rows of a JSON document, None where it is of no format that is known.

    Args:
        document: As it was parsed.
        source: Name of the file, for messages.

    Raises:
        ValueError: it is of a known format, and something that is needed is missing.
    """
    for form in (promptfoo, inspect_log):
        if form.recognises(document):
            return form.rows(document, source)
    return None


def record_reader(first: Record) -> Callable[[Record], Record | None]:
    """What turns the records of a JSONL file into rows; None for a record that is left out.

    Args:
        first: Its first record.
    """
    if lm_eval.recognises(first):
        return lm_eval.reader(first)
    if openai_evals.recognises(first):
        return openai_evals.reader(first)
    if promptfoo.recognises_line(first):
        return promptfoo.reader()
    return lambda record: record
