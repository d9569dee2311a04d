"""What the embedded LLM can do: accuracy per prompt on questions that training never saw."""

from collections.abc import Callable, Sequence

import pandas as pd

from core.embedded_training.accuracy import Item, own_items, per_prompt, published_items
from core.embedded_training.splits import templates
from core.llms.base import LLM
from core.prompts import Prompt

OWN = "own"
PUBLISHED = ("mawps", "svamp")
OWN_ITEMS = 400
_OWN_SEED = 2
COLUMNS = ["dataset", "prompt_id", "n", "accuracy", "low", "high"]


def accuracy_table(llm: LLM, on_prompt: Callable[[Prompt], None]) -> pd.DataFrame:
    """Ask every judged question once with each of the sixteen prompts.

    The questions are the project's own in phrases kept from training, and the test part of the
    published MAWPS and SVAMP questions.

    Args:
        llm: The embedded LLM.
        on_prompt: Called before each of the 48 batches.

    Returns:
        Columns as in ``COLUMNS``; accuracy is a share with its 95 % Wilson interval.

    Raises:
        MissingDataError: the published questions are not on this machine.
    """
    test = templates()["test"]
    sets: dict[str, Sequence[Item]] = {OWN: own_items(OWN_ITEMS, _OWN_SEED)}
    for source in PUBLISHED:
        sets[source] = published_items([one for one in test if one.source == source])
    rows = [
        _row(dataset, prompt_id, right)
        for dataset, items in sets.items()
        for prompt_id, right in per_prompt(llm, items, on_prompt).items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def _row(dataset: str, prompt_id: str, right: pd.Series) -> tuple[object, ...]:
    from scipy.stats import binomtest

    interval = binomtest(int(right.sum()), len(right)).proportion_ci(method="wilson")
    return dataset, prompt_id, len(right), right.mean(), interval.low, interval.high


def accuracy_markdown(table: pd.DataFrame, labels: dict[str, str]) -> str:
    """The table as Markdown, a row per prompt, accuracies in percent with their intervals.

    Args:
        table: As ``accuracy_table`` makes it.
        labels: Name of each prompt by its id.
    """
    counts = table.groupby("dataset", sort=False)["n"].first()
    names = {OWN: "own questions", "mawps": "MAWPS", "svamp": "SVAMP"}
    head = " | ".join(f"{names[name]} (n = {count})" for name, count in counts.items())
    lines = [f"| prompt | {head} |", f"| --- |{' ---: |' * len(counts)}"]
    for prompt_id, rows in table.groupby("prompt_id", sort=False):
        cells = " | ".join(
            f"{100 * row.accuracy:.0f} ({100 * row.low:.0f} to {100 * row.high:.0f})"
            for row in rows.itertuples()
        )
        lines.append(f"| {labels[prompt_id]} | {cells} |")
    return "\n".join(lines)
