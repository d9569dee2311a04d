"""How often the embedded LLM is right: on its own grammar and on published questions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

import pandas as pd

from core.embedded_training.published_templates import Template
from core.embedded_training.questions import stories, typography
from core.embedded_training.questions.expressions import show, steps, value
from core.embedded_training.splits import templates
from core.grading.final_answer import extract, grade
from core.llms.base import Completion, Failure
from core.prompts import PROMPTS, Prompt, message

OWN = "own"
PUBLISHED = ("mawps", "svamp")
OWN_ITEMS = 400
_OWN_SEED = 2
COLUMNS = ["dataset", "prompt_id", "n", "accuracy", "low", "high"]


class Answering(Protocol):
    """Whatever answers a batch of user messages, such as an LLM."""

    def complete(self, messages: Sequence[str]) -> Sequence[Completion | Failure]:
        """Answer each message."""
        ...


@dataclass(frozen=True)
class Item:
    """A question with its correct answer.

    Attributes:
        steps: Operations that it takes.
    """

    query: str
    gold: str
    steps: int


def own_items(count: int, seed: int, *, distraction: float = 0.06) -> list[Item]:
    """Distinct questions of the project's own grammar in phrases that training never uses.

    A third is lower-cased or loosely punctuated, as training questions are.
    """
    random = Random(f"judged:{seed}")
    found: dict[str, Item] = {}
    while len(found) < count:
        question = stories.question(random, unseen=True, distraction=distraction)
        text = typography.vary(question.text, random)
        gold = show(value(question.expression))
        found.setdefault(text, Item(text, gold, len(steps(question.expression))))
    return list(found.values())


def published_items(templates: Sequence[Template]) -> list[Item]:
    """Published questions with their published numbers and answers, in usual typography."""
    return [
        Item(typography.plain(template.query), template.answer, template.operations)
        for template in templates
    ]


def grades(llm: Answering, items: Sequence[Item], prompt: Prompt) -> list[bool]:
    """Ask every question once with a prompt; a question without an answer counts as wrong."""
    results = llm.complete([message(item.query, prompt) for item in items])
    return [
        isinstance(result, Completion) and grade(extract(result.text), item.gold)
        for result, item in zip(results, items, strict=True)
    ]


def per_prompt(
    llm: Answering,
    items: Sequence[Item],
    on_prompt: Callable[[Prompt], None] = lambda prompt: None,
) -> pd.DataFrame:
    """Grade every question with each of the sixteen prompts.

    Returns:
        Booleans, a row per item and a column per prompt id.
    """
    columns = {}
    for prompt in PROMPTS:
        on_prompt(prompt)
        columns[prompt.id] = grades(llm, items, prompt)
    return pd.DataFrame(columns)


def accuracy_table(llm: Answering, on_prompt: Callable[[Prompt], None]) -> pd.DataFrame:
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
