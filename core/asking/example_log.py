"""A log to try the tab of own logs with: some of the embedded LLM's own, as one would upload it."""

from pathlib import Path

from core.demonstrations import EMBEDDED
from core.logs.load import load
from core.prompts import PROMPTS

NAME = "example-log.csv"
_QUERIES = 300
_PROMPTS = ("direct", "cot", "ape", "experts", "tree", "decompose")
_COLUMNS = ["query", "prompt", "correct", "answer", "prompt_tokens", "completion_tokens"]


def write_example(folder: Path) -> Path:
    """Write the example into a folder and return its path.

    Each query was asked once with each prompt; the names of its columns are ours.
    """
    table = load(EMBEDDED)
    first = table[table["query_id"].str.endswith("#1") & table["prompt_id"].isin(_PROMPTS)]
    chosen = first["query_id"].drop_duplicates().head(_QUERIES)
    rows = first[first["query_id"].isin(chosen)]
    wording = {prompt.id: prompt.text for prompt in PROMPTS}
    path = folder / NAME
    rows.assign(prompt=rows["prompt_id"].map(wording))[_COLUMNS].to_csv(path, index=False)
    return path
