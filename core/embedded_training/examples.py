"""What the embedded LLM learns: questions with a prompt, answered in that prompt's style."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from core.embedded_training.answer_styles import NOTHING, STYLES, step_by_step
from core.embedded_training.published_templates import Template
from core.embedded_training.published_variation import varied
from core.embedded_training.questions import (
    nothing,
    rewording,
    stories,
    synonyms,
    typography,
)
from core.embedded_training.questions.stories import Question
from core.prompts import PROMPTS, Prompt, message, own_prompt

PUBLISHED_SHARE = 0.45
"""Share of published templates; the rest are questions of the project's own."""
_OTHER_PROMPT_SHARE = 0.06
_OTHER_PROMPTS = tuple(
    own_prompt(text)
    for text in (
        "Answer:",
        "Show your work:",
        "Please explain.",
        "Think carefully:",
        "Let's solve it:",
        "Solve this problem and show each step.",
        "How would you work this out?",
        "Take your time and give the number at the end.",
        "Please answer the question.",
        "Explain how you get the answer:",
        "Check your work before you answer:",
        "You are good at arithmetic. What is the answer?",
    )
)
_OFTEN = {
    "cot": 3.0,
    "logical": 2.0,
    "tree": 0.5,
    "experts": 0.5,
    "round-table": 0.5,
    "maze": 0.5,
    "philosophers": 0.5,
}
"""Prompts that are drawn more or less often than others: long answers teach less per second."""
_NOTHING_SHARE = 0.025
_VARIED_SHARE = 0.75
_SYNONYMS_SHARE = 0.6
_REWORDED_SHARE = 0.6


@dataclass(frozen=True)
class Example:
    """A user message and the answer to learn."""

    message: str
    answer: str


def examples(templates: Sequence[Template], random: Random) -> Iterator[Example]:
    """Draw training examples without end; no two runs of numbers are alike.

    Args:
        templates: Published questions of the training part.
        random: Source of every choice.
    """
    weights = [_OFTEN.get(prompt.id, 1.0) for prompt in PROMPTS]
    while True:
        if random.random() < _OTHER_PROMPT_SHARE:
            prompt = random.choice(_OTHER_PROMPTS)
        else:
            prompt = random.choices(PROMPTS, weights)[0]
        if random.random() < _NOTHING_SHARE:
            text = typography.vary(nothing.message(random), random)
            yield Example(message(text, prompt), NOTHING)
        else:
            yield example(_question(templates, random), prompt, random)


def example(question: Question, prompt: Prompt, random: Random) -> Example:
    """One question as someone may type it, answered in the style of the prompt."""
    answer = STYLES.get(prompt.id, step_by_step)(question.expression)
    text = question.text
    if random.random() < _SYNONYMS_SHARE:
        text = synonyms.exchanged(text, random)
    if random.random() < _REWORDED_SHARE:
        text = rewording.reworded(text, random)
    return Example(message(typography.vary(text, random), prompt), answer)


def _question(templates: Sequence[Template], random: Random) -> Question:
    if templates and random.random() < PUBLISHED_SHARE:
        question = random.choice(templates).resampled(random)
        if question is not None:
            if random.random() < _VARIED_SHARE:
                question = Question(varied(question.text, random), question.expression)
            if random.random() < 0.5:
                return Question(typography.plain(question.text), question.expression)
            return question
    return stories.question(random)
