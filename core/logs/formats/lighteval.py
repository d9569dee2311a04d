"""lighteval's details, as Hugging Face's leaderboards keep them: `details_TASK_TIME.parquet`."""

from collections.abc import Collection
from typing import Any

from core.logs.formats.shape import as_object

FIELDS = ("doc", "model_response", "metric")
"""Columns of a file, each of them nested."""
_METRICS = ("extractive_match", "exact_match", "em", "acc")
"""Those that say whether an answer is right, the likeliest first."""
_Row = dict[str, Any]


def recognises(names: Collection[str]) -> bool:
    """Whether a Parquet file with columns of these names is lighteval's."""
    return set(names) >= set(FIELDS)


def row(record: _Row) -> _Row:
    """A sample; of several answers the first.

    The task's function writes the whole text that is sent. Where the question is kept beside it,
    the rest is the prompt; else that is seen from several rows.
    """
    doc, response, metrics = (as_object(record[name]) for name in FIELDS)
    sent, question = doc.get("query"), doc.get("original_query")
    known = {name: value for name, value in metrics.items() if value is not None}
    choices, gold = doc.get("choices"), _first(doc.get("gold_index"))
    has_gold = isinstance(choices, list) and isinstance(gold, int) and 0 <= gold < len(choices)
    apart = isinstance(question, str) and question.strip() and question in str(sent)
    return {
        "query_id": doc.get("id") or None,
        **({"query": question} if apart else {}),
        "prompt": sent,
        "correct": next(
            (known[name] for name in (*_METRICS, *known) if name in known),
            None,
        ),
        "answer": _first(response.get("text")),
        "gold": choices[gold] if has_gold and isinstance(choices, list) else None,
        "prompt_tokens": _count(response.get("input_tokens")),
        "completion_tokens": _count(_first(response.get("output_tokens"))),
    }


def _count(tokens: Any) -> int | None:
    """How many tokens there are, None where they were not kept."""
    return len(tokens) if isinstance(tokens, list) and tokens else None


def _first(values: Any) -> Any:
    """The first of several, or the one that there is."""
    if isinstance(values, list):
        return values[0] if values else None
    return values
