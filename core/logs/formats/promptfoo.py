"""promptfoo's results: prompts × tests, as `promptfoo eval --output results.json` writes them.

The same with .jsonl has a result in each line, with .csv a row for each test. Only the fields named
here are read: others may hold keys of an API.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from core.logs.formats.shape import as_object, objects
from core.prompts import SLOT

_FIELDS = frozenset({"promptIdx", "testIdx", "vars", "prompt"})
_VARIABLE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_FAILED = 2
"""``failureReason`` of a call that brought no answer."""
_OUTPUT = re.compile(r"\[([^\]]+)\] (.+)", re.DOTALL)
"""The name of a column of answers in a CSV: provider and wording."""
_CELL = re.compile(
    r"\[(?P<status>PASS|FAIL|ERROR)\](?: \([^)]*\)\n)?\s*(?P<text>.*?)"
    r"(?:\s*\n(?:Pass|Fail) Reason: .*)?\Z",
    re.DOTALL,
)
"""What stands in such a column, unless a column Status follows: the end of a test, its score, the
answer and the reason of the grade."""
_Row = dict[str, Any]


def recognises(document: _Row) -> bool:
    """Whether a document is promptfoo's."""
    results = document.get("results")
    return isinstance(results, dict) and isinstance(results.get("results"), list)


def recognises_line(record: _Row) -> bool:
    """Whether a record is one of promptfoo's results."""
    return record.keys() >= _FIELDS


def rows(document: _Row, source: str) -> list[_Row]:
    """A record for each answer.

    Raises:
        ValueError: a result names a prompt that is not there, or lacks what it needs.
    """
    results = document["results"]
    prompts = objects(results.get("prompts"), f"{source}: results.prompts")
    templates = [str(prompt.get("raw", "")) for prompt in prompts]
    read, found = reader(), []
    answers = objects(results["results"], f"{source}: results.results")
    for number, result in enumerate(answers, start=1):
        place = result.get("promptIdx")
        if not isinstance(place, int) or not 0 <= place < len(templates):
            raise ValueError(
                f"{source}, result {number:,}: promptIdx is {place!r}; there are {len(templates)} "
                "prompts."
            )
        row = read(result | {"template": templates[place]})
        if row is not None:
            found.append(row)
    return found


def reader() -> Callable[[_Row], _Row | None]:
    """What reads results; those without an answer are left out, repeated ones become samples."""
    seen: Counter[tuple[str, ...]] = Counter()

    def read(result: _Row) -> _Row | None:
        if result.get("failureReason") == _FAILED:
            return None
        row = _row(result)
        key = (row["query_id"], row["prompt"], str(row["llm"]))
        seen[key] += 1
        again = seen[key]
        return row | {"query_id": f"{row['query_id']}#{again}"} if again > 1 else row

    return read


def _row(result: _Row) -> _Row:
    response, provider = as_object(result.get("response")), as_object(result.get("provider"))
    tokens, output = as_object(response.get("tokenUsage")), response.get("output")
    query, prompt = _query(result)
    return {
        "query_id": str(result.get("testIdx")),
        "query": query,
        "prompt": prompt,
        "correct": result.get("success"),
        "answer": output if isinstance(output, str) or output is None else json.dumps(output),
        "llm": provider.get("id"),
        "prompt_tokens": tokens.get("prompt"),
        "completion_tokens": tokens.get("completion"),
        # With tokens, 0 says that promptfoo knows no price.
        "dollars": result.get("cost") or None,
    }


def _query(result: _Row) -> tuple[str, str]:
    """The variables that were asked about, and the wording with a place for one alone.

    Without the template the text that was sent tells which variables it has.
    """
    variables = {name: str(value) for name, value in as_object(result.get("vars")).items()}
    template, sent = result.get("template"), str(as_object(result.get("prompt")).get("raw", ""))
    if template is not None:
        used = [name for name in dict.fromkeys(_VARIABLE.findall(template)) if name in variables]
        one = _VARIABLE.sub(lambda _: SLOT, template)
    else:
        used = [name for name, value in variables.items() if value and value in sent]
        one = sent.replace(variables[used[0]], SLOT) if used else sent
        template = str(as_object(result.get("prompt")).get("label") or sent)
    return "\n".join(variables[name] for name in used), one if len(used) == 1 else template


def recognises_table(header: Sequence[str], first: Sequence[str]) -> bool:
    """Whether the header of a CSV and the row below it are promptfoo's."""
    places = _outputs(header)
    return bool(places) and all(
        _status_beside(header, place) or _CELL.match(first[place]) for place in places
    )


def table_rows(header: Sequence[str], cells: Iterable[Sequence[str]]) -> Iterator[_Row]:
    """A record for each answer of a table with a row for each test and a column for each prompt.

    Raises:
        ValueError: which variable is the question cannot be seen, or a row has other cells.
    """
    places = _outputs(header)
    variables = header[: min(places)]
    for number, row in enumerate(cells, start=1):
        if len(row) != len(header):
            raise ValueError(f"row {number:,} has {len(row)} cells; the header has {len(header)}.")
        for place, (llm, template) in places.items():
            found = _CELL.match(row[place])
            status = "" if found is None else found["status"]
            if _status_beside(header, place):
                status = row[place + 1]
            if status not in ("PASS", "FAIL"):
                continue
            query = _asked_in(template, variables)
            yield {
                "query_id": str(number),
                "query": row[header.index(query)],
                "prompt": _VARIABLE.sub(lambda _: SLOT, template),
                "correct": status == "PASS",
                "answer": row[place] if found is None else found["text"],
                "llm": llm,
            }


def _outputs(header: Sequence[str]) -> dict[int, tuple[str, str]]:
    """Provider and wording of the columns that hold answers, by their places."""
    found = {place: _OUTPUT.match(name) for place, name in enumerate(header)}
    return {place: (one[1], one[2]) for place, one in found.items() if one is not None and place}


def _status_beside(header: Sequence[str], place: int) -> bool:
    return header[place + 1 : place + 2] == ["Status"]


def _asked_in(template: str, variables: Sequence[str]) -> str:
    """The one variable that a wording asks about."""
    used = [name for name in variables if name in _VARIABLE.findall(template)]
    if len(used) != 1:
        raise ValueError(
            f"of the variables {', '.join(variables)} the prompt {template[:60]!r} shows "
            f"{len(used)}; one is needed as the question. Of promptfoo's results give the .json."
        )
    return used[0]
