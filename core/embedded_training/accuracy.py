"""How often the embedded LLM is right: on its own grammar and on published questions."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol

import pandas as pd

from core.embedded_training import stories, typography
from core.embedded_training.expressions import show, steps, value
from core.embedded_training.published_templates import Template
from core.grading.final_answer import extract, grade
from core.llms.base import Completion, Failure
from core.prompts import PROMPTS, Prompt, message


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
