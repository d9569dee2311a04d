"""The budget policy over a recorded log: no query is judged by a model that saw it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from functools import partial

import numpy as np
import pandas as pd

from core.evaluation.crossfit import cross_fit, query_index
from core.evaluation.nested import Nested
from core.evaluation.panels import answered_prompts, answered_rows
from core.evaluation.replay import Outcome, Scores, average, replay
from core.logs.answers import LabelledAnswers, answers_beside
from core.logs.matrix import LogMatrix, build
from core.policies import entries
from core.policies.base import Policy
from core.policies.budget import BudgetModel
from core.policies.budget.training import fit
from core.policies.budgeted import Budgeted
from core.prompts import PROMPTS

DIALS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12)
"""Mean calls that are asked for; the number of prompts is added."""
BATCH_DIALS = (1, 2, 4, 8)
"""The dial of those that make several calls at once."""


def cross_fitted(
    log: LogMatrix, part: Nested, seed: int = 0, more: LabelledAnswers | None = None
) -> tuple[BudgetModel, ...]:
    """A budget model per fold, learned from the others.

    Args:
        log: With answers.
        part: Folds and nested rewards of its queries.
        seed: Of the models.
        more: Answers to other queries, from which all learn as well.
    """
    models = []
    for place, number in enumerate(np.unique(part.fold)):
        train = part.training(number)
        reward = part.reward[place, train]
        models.append(fit(log.take(train), reward, part.fold[train], more=more, seed=seed))
    return tuple(models)


def replay_folds(
    models: Sequence[BudgetModel],
    log: LogMatrix,
    fold: np.ndarray,
    scores: Scores,
    make: Callable[[BudgetModel], Policy],
) -> Outcome:
    """Run each fold's policy on its queries, through the loop that answers users.

    Args:
        models: One per fold, in the order of their numbers.
        log: All queries.
        fold: Fold of each, shape (queries,).
        scores: What the policies are told of them.
        make: From a fold's model to its policy.
    """
    found = np.empty((len(fields(Outcome)), len(fold)))
    for model, number in zip(models, np.unique(fold), strict=True):
        mine = fold == number
        told = Scores(scores.reward[mine], scores.accuracy[mine], scores.tokens[mine])
        one = replay(make(model), log.take(mine), told)
        found[:, mine] = [getattr(one, field.name) for field in fields(Outcome)]
    return Outcome(*found)


def dials(prompts: int) -> list[float]:
    """The settings of the dial that are reported for a log of so many prompts."""
    return [*(dial for dial in DIALS if dial < prompts), prompts]


def makers(prompts: int) -> Iterator[Callable[[BudgetModel], Policy]]:
    """Makers of all settings that are reported, for a log of so many prompts."""
    learned = [entry.learned for entry in entries().values() if entry.learned is not None]
    for dial in dials(prompts):
        for settings in (settings for settings in learned if "batch" not in settings):
            yield partial(Budgeted.for_calls, calls=dial, **settings)
    for settings in (settings for settings in learned if "batch" in settings):
        for dial in (dial for dial in BATCH_DIALS if dial <= prompts):
            yield partial(Budgeted.for_calls, calls=dial, **settings)


def outcomes(
    log: LogMatrix,
    parts: Sequence[Nested],
    scores: Sequence[Scores],
    more: LabelledAnswers | None = None,
) -> dict[tuple[str, float | None], Outcome]:
    """Every reported setting of the budget policy, averaged over repetitions.

    Args:
        log: With answers.
        parts: Folds and nested rewards, one per repetition.
        scores: What all policies are told, one per repetition, over the same folds.
        more: Answers to other queries, from which all models learn as well.
    """
    found: dict[tuple[str, float | None], list[Outcome]] = {}
    for seed, (part, told) in enumerate(zip(parts, scores, strict=True)):
        models = cross_fitted(log, part, seed, more)
        for make in makers(len(log.prompts)):
            policy = make(models[0])
            outcome = replay_folds(models, log, part.fold, told, make)
            found.setdefault((policy.name, policy.parameter), []).append(outcome)
    return {key: average(repeated) for key, repeated in found.items()}


def scores_of(log: LogMatrix, part: Nested) -> Scores:
    """What policies are told when only the kept queries of the other folds are learned from."""
    reward, accuracy, tokens = (np.empty(log.correct.shape) for _ in range(3))
    for place, number in enumerate(np.unique(part.fold)):
        mine, train = part.fold == number, part.training(number)
        reward[mine] = part.reward[place, mine]
        accuracy[mine] = log.correct[train].mean(axis=0)
        tokens[mine] = log.total_tokens[train].mean(axis=0)
    return Scores(reward, accuracy, tokens)


def train_shipped(
    table: pd.DataFrame,
    dataset: str,
    on_fit: Callable[[], None] = lambda: None,
) -> BudgetModel:
    """Fit the budget model that is shipped for one LLM, on all queries of a data set.

    It learns from answers with their miscalculations mended, as it will be given them.

    Its rewards are cross-fitted as the shipped reward model is fitted, on all of the LLM's
    published labels, so that they mean the same as those that it will be told.

    Args:
        table: All demonstrations of one LLM.
        dataset: The one whose answers it learns from.
        on_fit: Called after each of the five fits of a reward model.
    """
    known = [prompt for prompt in PROMPTS if (table["prompt_id"] == prompt.id).any()]
    scored = cross_fit(table, known, label="published_correct", seed=0, on_fit=on_fit)
    mine = table[table["dataset"] == dataset]
    rows = answered_rows(mine)
    log = build(rows, answered_prompts(rows), grader="project")
    more = answers_beside(mine, log)
    index = query_index(log)
    reward = scored.reward[[prompt.id for prompt in log.prompts]].reindex(index).to_numpy()
    fold = scored.fold.reindex(index).to_numpy()
    return fit(log.repaired(), reward, fold, more=more.repaired())
