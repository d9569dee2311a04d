"""lm-evaluation-harness: `samples_TASK_TIME.jsonl`, a line for each document and filter."""

import json
from collections.abc import Callable
from typing import Any

from core.logs.formats.shape import as_object

_FIELDS = frozenset({"doc_id", "doc", "arguments", "resps", "filtered_resps"})
_Row = dict[str, Any]


def recognises(record: _Row) -> bool:
    """Whether a record is a sample of lm-evaluation-harness."""
    return record.keys() >= _FIELDS


def reader(first: _Row) -> Callable[[_Row], _Row | None]:
    """What reads the samples of a file; of several filters the one that comes first counts."""
    only = first.get("filter")
    return lambda record: _row(record) if record.get("filter") == only else None


def _row(record: _Row) -> _Row:
    """A sample; of its document the longest text that was asked is the query.

    A multiple choice is right or wrong, and has no text.
    """
    asked = _asked(record["arguments"])
    texts = [
        text for text in as_object(record["doc"]).values() if isinstance(text, str) and text.strip()
    ]
    named = record.get("metrics")
    metrics = [*(named if isinstance(named, list) else []), "exact_match", "acc"]
    said = _first(_first(record["resps"]))
    read = _first(record["filtered_resps"])
    return {
        "query_id": str(record["doc_id"]),
        "query": max((text for text in texts if text in asked), key=len, default=None),
        "prompt": asked,
        "correct": next(
            (record[name] for name in metrics if record.get(str(name)) is not None), None
        ),
        "answer": said if isinstance(said, str) else None,
        "predicted_answer": read if isinstance(read, str) and read != said else None,
        "gold": str(record["target"]) if "target" in record else None,
    }


def _asked(arguments: object) -> str:
    """The text that was sent: of the first request, its first argument.

    To an API for chats it is a list of messages, in JSON and in a list once more.
    """
    request = _first(list(arguments.values()) if isinstance(arguments, dict) else arguments)
    text = request.get("arg_0") if isinstance(request, dict) else _first(request)
    text = _first(text) if isinstance(text, list) else text
    if not isinstance(text, str):
        return ""
    return _chat(text) if text.startswith("[{") else text


def _chat(text: str) -> str:
    """The contents of the messages, one below the other; the text itself where it is no chat."""
    try:
        messages = json.loads(text)
    except (ValueError, RecursionError):
        return text
    contents = [one.get("content") for one in messages if isinstance(one, dict)]
    texts = [one for one in contents if isinstance(one, str)]
    return "\n\n".join(texts) if len(texts) == len(messages) else text


def _first(values: object) -> Any:
    return values[0] if isinstance(values, list) and values else None
