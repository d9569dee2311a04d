"""OpenAI's evals: a JSONL of events, of which those of one sample belong together."""

from collections.abc import Callable
from typing import Any

from core.logs.formats.shape import as_object

_Row = dict[str, Any]


def recognises(record: _Row) -> bool:
    """Whether a record is the first one of a run, which says what was evaluated."""
    return "completion_fns" in as_object(record.get("spec"))


def reader(first: _Row) -> Callable[[_Row], _Row | None]:
    """What reads the events of a file: a match is a row, with what was sent before it."""
    models = as_object(first["spec"])["completion_fns"]
    llm = models[0] if isinstance(models, list) and models else None
    sent: dict[str, _Row] = {}

    def read(record: _Row) -> _Row | None:
        kind, sample = record.get("type"), str(record.get("sample_id"))
        data = as_object(record.get("data"))
        if kind == "sampling":
            sent[sample] = data
        if kind != "match":
            return None
        return _row(sample, data, sent.get(sample, {})) | {"llm": llm}

    return read


def _row(sample: str, match: _Row, sent: _Row) -> _Row:
    messages = _contents(sent.get("prompt"))
    said = match.get("sampled", sent.get("sampled"))
    expected = match.get("expected")
    return {
        "query_id": sample,
        "query": messages[-1] if messages else None,
        "prompt": "\n\n".join(messages),
        "correct": match.get("correct"),
        "answer": _first(said),
        "predicted_answer": _first(match.get("picked")),
        "gold": _first(expected),
    }


def _contents(prompt: object) -> list[str]:
    """The texts that were sent: those of a chat's messages, or one."""
    if isinstance(prompt, str):
        return [prompt]
    found = [as_object(one).get("content") for one in prompt] if isinstance(prompt, list) else []
    return [one for one in found if isinstance(one, str)]


def _first(value: object) -> str | None:
    """A text, or the first of several."""
    one = value[0] if isinstance(value, list) and value else value
    return one if isinstance(one, str) else None
