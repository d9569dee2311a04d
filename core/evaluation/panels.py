"""The comparisons that are reported: which log, which prompts, which grader, which protocol."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from core.demonstrations import EMBEDDED, GPT35, LLAMA2
from core.evaluation.crossfit import (
    REPETITIONS,
    CrossFit,
    accuracy_elsewhere,
    clean_scores,
    cross_fit,
    folds_of,
    published_scores,
    query_index,
)
from core.evaluation.nested import Nested, nested
from core.evaluation.replay import Scores
from core.logs import published
from core.logs.answers import LabelledAnswers, answers_beside
from core.logs.matrix import LogMatrix, build
from core.prompts import HELD_OUT_PROMPTS, PROMPTS, TRAINING_PROMPTS, Prompt
from core.reward import RewardModel

PROTOCOLS = ("published", "clean")
Family = tuple[published.Dataset, ...]
FAMILIES: dict[str, tuple[Family, ...]] = {
    LLAMA2: (published.DATASETS,),
    GPT35: (("gsm8k",), ("mawps",), ("svamp",)),
}
"""Data sets that are learned from together. LLaMA2's are, as in the model that ships. GPT-3.5 is
far better on SVAMP than on MAWPS though the questions read alike (`python -m core results`): one
model for both would be miscalibrated, so each stands alone."""
ANSWERED_FAMILIES: tuple[Family, ...] = (("gsm8k",), ("mawps", "svamp"))
"""The same for LLaMA2's answered prompts: sixteen with GSM8K, twelve with MAWPS, six with SVAMP."""


@dataclass(frozen=True)
class Panel:
    """One comparison: every policy sees the same queries, prompts and scores.

    Attributes:
        protocol: ``published`` (the paper's split) or ``clean`` (grouped cross-validation).
        prompt_set: ``training`` (six), ``held-out`` (ten), ``answered`` (all whose answer texts
            were published, so that answers can be compared) or ``mended`` (the same, with
            miscalculations in the answers mended).
        log: The queries that are judged.
        scores: One per repetition of the cross-validation.
        bounds: Lower and upper bound of the first repetition's rewards (95 %), shape (queries,
            prompts); None in the published protocol.
        nested: What the budget policy learns from, one per repetition; empty where it is left out.
        folds: Of each query, one array per repetition; empty in the published protocol.
        more: Answers to queries that are not judged, from which the budget policy learns as well.
    """

    protocol: str
    prompt_set: str
    log: LogMatrix
    scores: tuple[Scores, ...]
    bounds: tuple[np.ndarray, np.ndarray] | None = None
    nested: tuple[Nested, ...] = ()
    folds: tuple[np.ndarray, ...] = ()
    more: LabelledAnswers | None = None


def _verdicts(llm: str, dataset: published.Dataset, prompts: Sequence[Prompt]) -> np.ndarray:
    """Belief of the LLM's own critique in each test answer, shape (queries, prompts)."""
    name: Literal["llama", "gpt"] = "llama" if llm == LLAMA2 else "gpt"
    columns = []
    for prompt in prompts:
        verdict, confidence = published.critics(name, dataset, PROMPTS.index(prompt)).T
        columns.append(np.where(verdict == 1, confidence, 1 - confidence))
    return np.column_stack(columns)


def answered_prompts(table: pd.DataFrame) -> tuple[Prompt, ...]:
    """The published prompts that occur in rows with answer texts."""
    found = set(table.loc[table["answer"].notna(), "prompt_id"])
    return tuple(prompt for prompt in PROMPTS if prompt.id in found)


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


def clean_panels(table: pd.DataFrame, on_fit: Callable[[], None] = lambda: None) -> Iterator[Panel]:
    """One LLM in grouped cross-validation."""
    llm = str(table["llm"].iloc[0])
    if llm == EMBEDDED:
        yield _own_panel(table, on_fit)
        return
    for family in FAMILIES[llm]:
        rows = table[table["dataset"].isin(family)]
        six = rows[rows["prompt_id"].isin([prompt.id for prompt in TRAINING_PROMPTS])]
        fits = _repeat(six, TRAINING_PROMPTS, "published_correct", on_fit)
        for dataset in family:
            # Critiques were published for the test queries; GPT-3.5 was logged on those alone.
            verdict = _verdicts(llm, dataset, TRAINING_PROMPTS) if llm == GPT35 else None
            mine = six[six["dataset"] == dataset]
            log = build(mine, TRAINING_PROMPTS, grader="published", verdict=verdict)
            yield _clean_panel("training", log, fits)
    if llm == LLAMA2:
        for family in ANSWERED_FAMILIES:
            yield from _answered_panels(table[table["dataset"].isin(family)], family, on_fit)


def _answered_panels(
    table: pd.DataFrame, family: Family, on_fit: Callable[[], None]
) -> Iterator[Panel]:
    """LLaMA2's test queries with all prompts whose answer texts were published."""
    rows = answered_rows(table)
    fits = _repeat(rows, answered_prompts(rows), "correct", on_fit)
    for dataset in family:
        mine = rows[rows["dataset"] == dataset]
        answered = answered_prompts(mine)
        verdict = _verdicts(LLAMA2, dataset, answered)
        log = build(mine, answered, grader="project", verdict=verdict)
        parts = _nested(mine, log, folds_of(log, fits), on_fit)
        more = answers_beside(table[table["dataset"] == dataset], log)
        panel = replace(_clean_panel("answered", log, fits, parts), more=more)
        yield panel
        yield mended(panel)


def mended(panel: Panel) -> Panel:
    """The same comparison over answers whose miscalculations are mended.

    The chances stay those of answers as they were given, which is what the log's labels say.

    Raises:
        DataError: the panel's log has labels without answers.
    """
    log = panel.log.repaired()
    scores = tuple(
        replace(told, accuracy=accuracy_elsewhere(log, fold))
        for told, fold in zip(panel.scores, panel.folds, strict=True)
    )
    more = None if panel.more is None else panel.more.repaired()
    return replace(panel, prompt_set="mended", log=log, scores=scores, more=more)


def _own_panel(table: pd.DataFrame, on_fit: Callable[[], None]) -> Panel:
    """The embedded LLM's own log: every sample of a question is judged by itself."""
    log = build(table, PROMPTS, grader="project")
    fits = _repeat(table, PROMPTS, "correct", on_fit)
    parts = _nested(table, log, folds_of(log, fits), on_fit)
    return _clean_panel("answered", log, fits, parts)


def _nested(
    table: pd.DataFrame, log: LogMatrix, folds: Sequence[np.ndarray], on_fit: Callable[[], None]
) -> tuple[Nested, ...]:
    """Nested rewards over the folds of each repetition."""
    return tuple(
        nested(table, log, fold, seed=seed, on_fit=on_fit) for seed, fold in enumerate(folds)
    )


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


def _clean_panel(
    name: str, log: LogMatrix, fits: Sequence[CrossFit], parts: tuple[Nested, ...] = ()
) -> Panel:
    names = [prompt.id for prompt in log.prompts]
    lower, upper = (
        part[names].reindex(query_index(log)).to_numpy() for part in (fits[0].lower, fits[0].upper)
    )
    scores = tuple(clean_scores(log, fit) for fit in fits)
    return Panel("clean", name, log, scores, (lower, upper), parts, folds_of(log, fits))
