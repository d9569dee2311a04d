"""The comparisons that are reported: which log, which prompts, which grader, which protocol."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import published
from core.demonstrations import GPT35, LLAMA2
from core.evaluation.crossfit import (
    REPETITIONS,
    CrossFit,
    clean_scores,
    cross_fit,
    published_scores,
)
from core.evaluation.matrix import LogMatrix, build
from core.evaluation.replay import Scores
from core.prompts import HELD_OUT_PROMPTS, PROMPTS, TRAINING_PROMPTS, Prompt
from core.reward import RewardModel

PROTOCOLS = ("published", "clean")
PROMPT_SETS = ("training", "held-out", "answered")


@dataclass(frozen=True)
class Panel:
    """One comparison: every policy sees the same queries, prompts and scores.

    Attributes:
        protocol: ``published`` (the paper's split) or ``clean`` (grouped cross-validation).
        prompt_set: ``training`` (six), ``held-out`` (ten) or ``answered`` (all whose answer
            texts were published, so that answers can be compared).
        log: The queries that are judged.
        scores: One per repetition of the cross-validation.
    """

    protocol: str
    prompt_set: str
    log: LogMatrix
    scores: tuple[Scores, ...]


def _verdicts(
    llm: str, dataset: published.Dataset, prompts: Sequence[Prompt]
) -> np.ndarray:
    """Belief of the LLM's own critique in each test answer, shape (queries, prompts)."""
    name = "llama" if llm == LLAMA2 else "gpt"
    columns = []
    for prompt in prompts:
        verdict, confidence = published.critics(name, dataset, PROMPTS.index(prompt)).T
        columns.append(np.where(verdict == 1, confidence, 1 - confidence))
    return np.column_stack(columns)


def answered_prompts(table: pd.DataFrame) -> tuple[Prompt, ...]:
    """The prompts whose answer texts were published for every row of ``table``."""
    has_text = table["answer"].notna().groupby(table["prompt_id"], observed=True).all()
    return tuple(prompt for prompt in PROMPTS if has_text.get(prompt.id, False))


def published_panels(table: pd.DataFrame) -> Iterator[Panel]:
    """LLaMA2 in the paper's split: six training prompts, and ten that were never trained on."""
    train = table[table["split"] == "train"]
    six = {prompt.id for prompt in TRAINING_PROMPTS}
    model = RewardModel.fit(
        train[train["prompt_id"].isin(six)], TRAINING_PROMPTS, label="published_correct"
    )
    for dataset in published.DATASETS:
        rows = table[table["dataset"] == dataset]
        test = rows[rows["split"] == "test"]
        known = build(rows[rows["split"] == "train"], TRAINING_PROMPTS, grader="published")
        for name, prompts, past in (
            ("training", TRAINING_PROMPTS, known),
            ("held-out", HELD_OUT_PROMPTS, None),
        ):
            log = build(
                test,
                prompts,
                grader="published",
                verdict=_verdicts(LLAMA2, dataset, prompts),
            )
            yield Panel("published", name, log, (published_scores(log, past, model),))


def clean_panels(
    table: pd.DataFrame, on_fit: Callable[[], None] = lambda: None
) -> Iterator[Panel]:
    """One LLM in grouped cross-validation, all data sets together."""
    llm = str(table["llm"].iloc[0])
    prompts = PROMPTS if llm == LLAMA2 else TRAINING_PROMPTS
    fits = _repeat(table, prompts, "published_correct", on_fit)
    for dataset in published.DATASETS:
        rows = table[table["dataset"] == dataset]
        # Critiques were published for the test queries, and GPT-3.5 was logged on those alone.
        verdict = _verdicts(llm, dataset, TRAINING_PROMPTS) if llm == GPT35 else None
        log = build(rows, TRAINING_PROMPTS, grader="published", verdict=verdict)
        yield _clean_panel("training", log, fits)
    if llm != LLAMA2:
        return
    fits = _repeat(answered_rows(table), prompts, "correct", on_fit)
    for dataset in published.DATASETS:
        rows = answered_rows(table[table["dataset"] == dataset])
        answered = answered_prompts(rows)
        log = build(
            rows, answered, grader="project", verdict=_verdicts(llm, dataset, answered)
        )
        yield _clean_panel("answered", log, fits)


def answered_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Test rows with an answer text, so that one grader, this project's, judges all of them."""
    return table[(table["split"] == "test") & table["answer"].notna()]


def _repeat(
    table: pd.DataFrame, prompts: Sequence[Prompt], label: str, on_fit: Callable[[], None]
) -> list[CrossFit]:
    return [
        cross_fit(table, prompts, label=label, seed=seed, on_fit=on_fit)
        for seed in range(REPETITIONS)
    ]


def _clean_panel(name: str, log: LogMatrix, fits: Sequence[CrossFit]) -> Panel:
    return Panel("clean", name, log, tuple(clean_scores(log, fit) for fit in fits))
