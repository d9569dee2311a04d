"""The columns that other tools write, and what they are called here."""

import re
from collections.abc import Iterable, Mapping, Sequence

from core.demonstrations import SCHEMA
from core.errors import DataError, UnknownNameError

_USUAL: dict[str, tuple[str, ...]] = {
    "query": ("question", "problem", "input", "user_input", "query_text"),
    "prompt": (
        "prompt_template",
        "template",
        "prompt_text",
        "prompt_name",
        "prompt_id",
        "system_prompt",
        "instruction",
        "variant",
    ),
    "correct": ("is_correct", "correctness", "passed", "pass", "success", "score", "exact_match"),
    "answer": (
        "response",
        "output",
        "completion",
        "generation",
        "model_output",
        "model_response",
        "model_answer",
        "llm_answer",
    ),
    "predicted_answer": ("prediction", "predicted", "extracted_answer", "parsed_answer"),
    "gold": (
        "target",
        "expected",
        "expected_answer",
        "expected_output",
        "ground_truth",
        "reference",
        "correct_answer",
        "gold_answer",
        "ideal",
    ),
    "llm": ("model", "model_name", "provider"),
    "dataset": ("data_set", "task", "benchmark"),
    "query_id": ("question_id", "sample_id", "doc_id", "example_id"),
    "prompt_tokens": ("input_tokens", "tokens_in", "tokens_prompt"),
    "completion_tokens": ("output_tokens", "tokens_out", "tokens_completion"),
    "dollars": ("cost_usd", "usd", "cost", "total_cost"),
}
"""Other names of a column, the likeliest first; all are compared in small letters."""
_OURS = tuple(column.name for column in SCHEMA)
_KNOWN = frozenset(_OURS) | {name for names in _USUAL.values() for name in names}
_APART = re.compile(r"[\s.\-]+")


class Wanted:
    """The columns of a file that are read: those of usual names, and those that were named."""

    def __init__(
        self,
        given: Mapping[str, str | None],
        prompts: Sequence[str] = (),
        *,
        answers: bool = True,
    ) -> None:
        """Name the columns.

        Args:
            given: Names of the file's columns by ours.
            prompts: Columns that are a prompt each, read with what stands beside them.
            answers: Whether those are among them that hold answers, unless one was named.
        """
        self._given = frozenset((*given.values(), *prompts))
        self._usual = _KNOWN if answers else _KNOWN - {"answer", *_USUAL["answer"]}
        self._beside = tuple(f"{name}|" for name in prompts)

    def __contains__(self, name: object) -> bool:
        if name in self._given or plain_name(str(name)) in self._usual:
            return True
        return str(name).startswith(self._beside)


def recognised(
    names: Iterable[str], given: Mapping[str, str | None], every: Sequence[str], source: str
) -> dict[str, str]:
    """Which column of a file is which of ours.

    Args:
        names: Of the columns that were read.
        given: Names of the file's columns by ours, where somebody named them; None where none is.
        every: Names of all columns of the file.
        source: Name of the file, for messages.

    Returns:
        Our names by those of the file.

    Raises:
        UnknownNameError: there is no column of ours that is called so.
        DataError: a named column is not in the file, or is named twice.
    """
    names = list(names)
    for ours, theirs in given.items():
        if ours not in _OURS:
            raise UnknownNameError("column", ours, _OURS)
        if theirs is not None and theirs not in names:
            found = ", ".join(every) or "none"
            raise DataError(f"{source} has no column {theirs!r}; found: {found}.")
    taken: dict[str, str] = {}
    for ours, theirs in given.items():
        if theirs in taken:
            raise DataError(f"{theirs!r} is named as {taken[theirs]} and as {ours}; it is one.")
        if theirs is not None:
            taken[theirs] = ours
    plain: dict[str, str] = {}
    for name in names:
        if name not in taken:
            plain.setdefault(plain_name(name), name)
    for ours in _OURS:
        names_of = () if ours in given else (ours, *_USUAL.get(ours, ()))
        first = next((plain[name] for name in names_of if name in plain), None)
        if first is not None:
            taken.setdefault(first, ours)
    return taken


def plain_name(name: str) -> str:
    """A name in small letters, with one sign between its words."""
    return _APART.sub("_", name.strip().lower())
