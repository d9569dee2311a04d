"""Which columns of a wide table are prompts or LLMs, seen by what stands in them."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote
from typing import Literal

import pandas as pd

from core.errors import DataError
from core.logs.checks import TRUTH, is_nothing, number_of
from core.logs.columns import plain_name
from core.logs.problems import shown
from core.prompts import SLOT

_ANSWER = "|model_response"
_DOLLARS = "|total_cost"
"""What RouterBench puts after the name of a column for what belongs to it."""
_SHARED = ("llm", "dataset", "split", "query_id", "query", "gold")
"""Columns of ours that a row has once, whichever the prompt."""
_ASKED = ("prompt", "prompt_text", "instruction")
"""Usual names of a prompt, by which benchmarks of routers mean the question."""
_NO_PROMPTS = frozenset(
    {
        *("", "id", "idx", "index", "row", "number", "unnamed:_0", "fold", "label", "labels"),
        *("level", "difficulty", "length", "year", "weight", "cost", "latency", "f1", "accuracy"),
    }
)
"""Names, written plainly, of what is no prompt, whatever numbers stand below them."""
_MOST = 0.5
"""With a larger share of cells of a kind the others are slips."""
_LISTED = 12
_Kind = Literal["labels", "scores", "numbers", "other"]
Arm = Literal["prompt", "llm"]
"""What a column may stand for."""
_WORDS: dict[Arm, str] = {"prompt": "prompts", "llm": "LLMs"}


@dataclass(frozen=True)
class Wide:
    """How a wide table is read.

    Attributes:
        prompts: Columns that hold whether the answer to a prompt, or of an LLM, was right, each
            named as it.
        kind: Which of the two they are.
        shared: Our names, by those of the file, of columns that are the same for every prompt.
        answers: By prompt the column that holds the LLM's answers.
        dollars: By prompt the column that holds what they cost.
        left: Columns that are not read.
    """

    prompts: tuple[str, ...]
    kind: Arm
    shared: Mapping[str, str]
    answers: Mapping[str, str]
    dollars: Mapping[str, str]
    left: tuple[str, ...]

    def part(self, table: pd.DataFrame, prompt: str) -> pd.DataFrame:
        """The rows of one prompt with our names, an empty cell of ``correct`` as None."""
        names = [name for name in self.shared if name in table.columns]
        part = table[names].rename(columns=dict(self.shared))
        cells = [None if is_nothing(cell) else cell for cell in table[prompt].tolist()]
        part = part.assign(correct=pd.Series(cells, table.index, dtype=object))
        part = (
            part.assign(prompt=prompt)
            if self.kind == "prompt"
            else part.assign(prompt=SLOT, llm=prompt)
        )
        for ours, theirs in (("answer", self.answers), ("dollars", self.dollars)):
            if prompt in theirs:
                part[ours] = table[theirs[prompt]]
        return part

    @property
    def words(self) -> str:
        """What its columns are, in a word."""
        return _WORDS[self.kind]

    def column(self, ours: str, prompt: str) -> str:
        """The column of the file in which one of ours stands for a prompt, as an error has it."""
        for name, theirs in (("answer", self.answers), ("dollars", self.dollars)):
            if ours == name and prompt in theirs:
                return shown(theirs[prompt])
        return shown(prompt) if ours in ("prompt", "correct") else ours

    def said(self, empty: int) -> str:
        """What was recognised, in words.

        Args:
            empty: Cells below the prompts that hold nothing.
        """
        said = f"{len(self.prompts)} columns are {self.words}: {listed(self.prompts)}"
        clauses = [said]
        if self.left:
            clauses.append(f"not read: {listed(self.left)}")
        if empty:
            clauses.append(f"{empty:,} empty cell{'s' if empty > 1 else ''} left out")
        return "; ".join(clauses)


def listed(names: Sequence[str]) -> str:
    """Names of columns, the first of many."""
    more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
    return ", ".join(map(shown, names[:_LISTED])) + more


def may_be_wide(names: Mapping[str, str], given: Mapping[str, str | None]) -> bool:
    """Whether what is missing for a row an answer leaves room for a column a prompt.

    Args:
        names: Our names by those of the file, as they were recognised.
        given: The file's names by ours, where somebody named them.
    """
    ours = set(names.values())
    graded = "correct" in ours or ("gold" in ours and bool(ours & {"answer", "predicted_answer"}))
    named = given.get("prompt") is not None
    return not (graded or named or {"query", "prompt"} <= ours)


def named(
    prompts: Sequence[str],
    kind: Arm,
    names: Mapping[str, str],
    given: Mapping[str, str | None],
    every: Sequence[str],
    source: str,
) -> Wide:
    """A table whose owner says which columns are prompts, or LLMs.

    Args:
        prompts: Names of these.
        kind: Which of the two they are.
        names: Our names by those of the file.
        given: The file's names by ours, where somebody named them.
        every: Names of all columns of the file.
        source: Name of the file, for messages.

    Raises:
        DataError: one is not there, or another column is named that each prompt has by itself.
    """
    odd = next((one for one in given if given[one] is not None and one not in _SHARED), None)
    if odd is not None:
        raise DataError(
            f"{source}: {len(prompts)} columns are named as {_WORDS[kind]}, and what stands in "
            f"them is correct or not; {odd}={given[odd]} cannot be named beside them."
        )
    twice = [(ours, one) for ours, one in given.items() if one in prompts]
    if twice:
        ours, name = twice[0]
        raise DataError(f"{source}: {shown(name)} is named as {ours} and as {kind}; it is one.")
    absent = [name for name in prompts if name not in every]
    if absent:
        found = ", ".join(every) or "none"
        raise DataError(f"{source} has no column {absent[0]!r}; found: {found}.")
    # What costs and answers stand beside, as RouterBench has them, is an LLM.
    beside = any({name + _ANSWER, name + _DOLLARS} & set(every) for name in prompts)
    return _wide(prompts, "llm" if beside else kind, _shared(names), every)


def find(
    table: pd.DataFrame, names: Mapping[str, str], every: Sequence[str], source: str
) -> Wide | None:
    """Find the prompts among the columns of a table, None where there are none.

    Args:
        table: All columns that hold plain values.
        names: Our names by those of the file.
        every: Names of all columns of the file.
        source: Name of the file, for messages.

    Raises:
        DataError: there are columns of numbers, and which are prompts is not sure.
    """
    shared = _shared(names)
    free = [str(name) for name in table.columns if name not in shared and name not in names]
    kinds = {name: _kind(table[name]) for name in free}
    paired = [
        name
        for name in free
        if kinds[name] != "other" and {name + _ANSWER, name + _DOLLARS} & kinds.keys()
    ]
    if len(paired) > 1:
        return _wide(paired, "llm", shared, every)
    by_kind: dict[_Kind, list[str]] = {"labels": [], "scores": [], "numbers": [], "other": []}
    for name in free:
        if plain_name(name) not in _NO_PROMPTS:
            by_kind[kinds[name]].append(name)
    labels, scores, numbers = (by_kind[kind] for kind in ("labels", "scores", "numbers"))
    alike = [one for one in (labels, scores) if one]
    if len(alike) == 1 and len(alike[0]) > 1:
        return _wide(alike[0], "prompt", shared, every)
    unsure = labels + scores + numbers
    if len(unsure) > 1 and "query" in shared.values():
        raise DataError(_unsure(source, labels, scores, numbers))
    return None


def _unsure(source: str, labels: list[str], scores: list[str], numbers: list[str]) -> str:
    """An error that says what could be a prompt, and how to name it."""
    held = (
        (labels, "0 and 1"),
        (scores, "numbers from 0 to 1"),
        (numbers, "numbers above 1 or below 0"),
    )
    said = "; ".join(f"{listed(names)} with {what}" for names, what in held if names)
    first = (labels + scores + numbers)[:2]
    options = " ".join(f"--column {quote(f'prompt={name}')}" for name in first)
    return (
        f"{source} has no column 'prompt', and which of its columns are a prompt each is not sure: "
        f"{said}. Name every one that is: in the terminal `{options}`, or llm= for LLMs, on the "
        "page under Columns."
    )


def _shared(names: Mapping[str, str]) -> dict[str, str]:
    """The columns that a row has once, among them the question where it is called a prompt."""
    shared = {theirs: ours for theirs, ours in names.items() if ours in _SHARED}
    if "query" not in shared.values():
        asked = [name for name in names if names[name] == "prompt" and plain_name(name) in _ASKED]
        shared |= dict.fromkeys(asked[:1], "query")
    return shared


def _wide(
    prompts: Sequence[str], kind: Arm, shared: Mapping[str, str], every: Sequence[str]
) -> Wide:
    there = set(every)
    own = (
        set(prompts) if kind == "prompt" else {*prompts, *(n for n in shared if shared[n] == "llm")}
    )
    shared = {theirs: ours for theirs, ours in shared.items() if theirs not in own}
    answers, dollars = (
        {name: name + suffix for name in prompts if name + suffix in there}
        for suffix in (_ANSWER, _DOLLARS)
    )
    read = {*prompts, *shared, *answers.values(), *dollars.values()}
    left = tuple(name for name in every if name not in read)
    return Wide(tuple(prompts), kind, shared, answers, dollars, left)


def _kind(column: pd.Series) -> _Kind:
    """What stands in a column; each distinct cell is judged once."""
    cells = {cell: n for cell, n in Counter(column.tolist()).items() if not is_nothing(cell)}
    read = {cell: number_of(cell) for cell in cells}
    numbers = {cell: n for cell, n in read.items() if n is not None and math.isfinite(n)}
    enough = _MOST * sum(cells.values())
    truths = sum(n for cell, n in cells.items() if str(cell).strip().lower() in TRUTH)
    if truths > enough and all(number in (0, 1) for number in numbers.values()):
        return "labels"
    if sum(cells[cell] for cell in numbers) > enough:
        return "scores" if all(0 <= number <= 1 for number in numbers.values()) else "numbers"
    return "other"
