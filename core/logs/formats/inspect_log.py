"""Inspect's logs: in JSON, or as ``eval_archive`` unpacks them."""

from typing import Any

from core.logs.formats.shape import as_object, objects

_VALUES = {"C": 1, "I": 0, "P": 0.5, "N": 0}
"""Inspect's letters: correct, incorrect, partly so, no answer."""
_Row = dict[str, Any]


def recognises(document: _Row) -> bool:
    """Whether a document is a log of Inspect."""
    return {"status", "eval", "samples"} <= document.keys()


def rows(document: _Row, source: str) -> list[_Row]:
    """A record for each sample and epoch; those that failed are left out.

    Raises:
        ValueError: the evaluation did not end well, or was scored in several ways.
    """
    if document["status"] != "success":
        raise ValueError(
            f"{source} has the status {document['status']!r}; only an evaluation that ended with "
            "'success' is read."
        )
    llm = as_object(document["eval"]).get("model")
    samples = objects(document["samples"], f"{source}: samples")
    return [_row(sample, source) | {"llm": llm} for sample in samples if not sample.get("error")]


def _row(sample: _Row, source: str) -> _Row:
    where = f"{source}, sample {sample.get('id')!r}"
    scores = as_object(sample.get("scores"))
    if len(scores) != 1:
        raise ValueError(
            f"{where} has {len(scores)} scores ({', '.join(scores) or 'none'}); one is needed to "
            "say what is right."
        )
    value = as_object(next(iter(scores.values()))).get("value")
    usage = [as_object(counts) for counts in as_object(sample.get("model_usage")).values()]
    target, epoch = sample.get("target"), sample.get("epoch", 1)
    return {
        "query_id": f"{sample.get('id')}" + (f"#{epoch}" if epoch != 1 else ""),
        "query": _asked(sample.get("input")),
        "prompt": _sent(objects(sample.get("messages"), f"{where}: messages")),
        "correct": _VALUES.get(value, value) if isinstance(value, str) else value,
        "answer": as_object(sample.get("output")).get("completion"),
        "gold": target[0] if isinstance(target, list) and target else target,
        # What a provider read from its cache was sent as well.
        "prompt_tokens": _total(usage, "input_tokens", "input_tokens_cache_read"),
        "completion_tokens": _total(usage, "output_tokens"),
    }


def _asked(given: object) -> str | None:
    """The question: a text, or the last message of the user's."""
    if isinstance(given, list):
        users = [_text(one) for one in given if isinstance(one, dict) and one.get("role") == "user"]
        return users[-1] if users else None
    return given if isinstance(given, str) else None


def _sent(messages: list[_Row]) -> str:
    """What was sent before the LLM first answered."""
    sent = []
    for one in messages:
        if one.get("role") == "assistant":
            break
        sent.append(_text(one))
    return "\n\n".join(sent)


def _text(one: _Row) -> str:
    """The words of a message, which may come in parts."""
    content = one.get("content")
    if isinstance(content, list):
        parts = (part.get("text") for part in content if isinstance(part, dict))
        return "\n".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else ""


def _total(usage: list[_Row], *names: str) -> int | None:
    """Tokens of all models, None where nobody counted."""
    found = [counts[name] for counts in usage for name in names if counts.get(name)]
    return sum(found) if found and all(isinstance(count, int) for count in found) else None
