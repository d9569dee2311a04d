"""Rebuild the tables and reward models under `precomputed/` from the logs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core import artifacts
from core.artifacts import RecordedScores
from core.asking.examples import example_table
from core.asking.ranking import scorer_of
from core.building.data_card import data_card
from core.costs.lengths import TokensByLength
from core.demonstrations import EMBEDDED, GPT35, LLAMA2, LLMS, STORIES
from core.errors import DataError
from core.evaluation.answer_report import extraction_report
from core.evaluation.budgeted import cross_fitted, train_shipped
from core.evaluation.crossfit import FOLDS, REPETITIONS
from core.evaluation.equation_report import equation_report
from core.evaluation.graders import GRADERS, compare_graders
from core.evaluation.learning import SIZES, learning_curve
from core.evaluation.nested import NESTED_FITS
from core.evaluation.panels import (
    ANSWERED_FAMILIES,
    FAMILIES,
    PROTOCOLS,
    Panel,
    answered_prompts,
    answered_rows,
    clean_panels,
    published_panels,
)
from core.evaluation.repair_report import ANSWERED_LLMS, repair_reports
from core.evaluation.report import Result, evaluate, frontier, reliability_curve, summary
from core.evaluation.statistics import ClusterBootstrap
from core.logs import load as demonstrations
from core.logs import published
from core.logs.matrix import build
from core.paths import FOLDER
from core.policies.budget import storage as budget_storage
from core.prompts import PROMPTS, TRAINING_PROMPTS, Prompt
from core.query import masked
from core.reward import RewardModel
from core.reward import storage as reward_storage

_CLEAN_FAMILIES = {
    LLAMA2: len(FAMILIES[LLAMA2]) + len(ANSWERED_FAMILIES),
    GPT35: len(FAMILIES[GPT35]),
    EMBEDDED: 1,
}
_BUDGET_PANELS = {LLAMA2: sum(map(len, ANSWERED_FAMILIES)), EMBEDDED: 1}
"""Data sets on whose answers the budget policy is judged."""
BUDGET_DATASETS = {LLAMA2: "gsm8k", EMBEDDED: STORIES}
"""What the budget policy of an LLM is learned from: a log with answers to all sixteen prompts."""
GRADER_FITS = len(GRADERS) * REPETITIONS * (FOLDS + NESTED_FITS)
"""Reward models that comparing the graders takes."""
Tables = dict[str, pd.DataFrame]


@dataclass
class Progress:
    """Tells a caller what is being done; both hooks do nothing by default.

    Attributes:
        stage: Called with a line about what begins.
        step: Called after each fit of a reward model.
    """

    stage: Callable[[str], None] = field(default=lambda text: None)
    step: Callable[[], None] = field(default=lambda: None)


def number_of_fits(llms: Iterable[str], protocols: Iterable[str]) -> int:
    """How many reward models ``results`` fits, for a progress bar."""
    fits = 0
    for llm in llms:
        if "clean" in protocols:
            fits += _CLEAN_FAMILIES[llm] * REPETITIONS * FOLDS
            fits += _BUDGET_PANELS.get(llm, 0) * REPETITIONS * NESTED_FITS
        if "published" in protocols and llm == LLAMA2:
            fits += 1
    return fits


def number_of_further_fits(llms: Iterable[str] = LLMS) -> int:
    """How many more ``precompute`` fits: budget models, and LLaMA2's learning curve and graders."""
    chosen = set(llms)
    fits = len(BUDGET_DATASETS.keys() & chosen) * FOLDS
    return fits + (len(SIZES) * NESTED_FITS + GRADER_FITS if LLAMA2 in chosen else 0)


def prompts_of(llm: str) -> tuple[Prompt, ...]:
    """The prompts that were logged with ``llm``."""
    return TRAINING_PROMPTS if llm == GPT35 else PROMPTS


def results(table: pd.DataFrame, protocols: Sequence[str], progress: Progress) -> Iterator[Result]:
    """Evaluate every panel of one LLM's logs."""
    llm = str(table["llm"].iloc[0])
    if "published" in protocols and llm == LLAMA2:
        progress.stage(f"{llm}, published split")
        yield from map(evaluate, published_panels(table))
        progress.step()
    if "clean" in protocols:
        progress.stage(f"{llm}, clean cross-validation")
        yield from map(evaluate, clean_panels(table, progress.step))


def tables_of(found: Iterable[Result]) -> Tables:
    """The frontier, summary and reliability tables of evaluated panels, one panel at a time."""
    rows: dict[str, list[dict[str, Any]]] = {"frontier": [], "summary": [], "reliability": []}
    for result in found:
        rows["frontier"] += frontier(result).to_dict("records")
        rows["summary"] += summary(result).to_dict("records")
        rows["reliability"] += reliability_curve(result).to_dict("records")
    return {name: pd.DataFrame(part) for name, part in rows.items()}


def train(table: pd.DataFrame, seed: int = 0) -> RewardModel:
    """Fit the reward model that is shipped for one LLM, on all of its logged labels."""
    prompts = prompts_of(str(table["llm"].iloc[0]))
    return RewardModel.fit(table, prompts, label="published_correct", seed=seed)


def prompt_table(table: pd.DataFrame) -> pd.DataFrame:
    """Accuracy and tokens of each prompt, per data set and over all of them.

    Returns:
        llm, dataset, prompt_id, n, accuracy with its interval (published labels), accuracy_project
        (this project's grading, where answer texts were published) and mean tokens of a call.
    """
    rows = []
    wording = {query: masked(query) for query in table["query"].unique()}
    parts = [("all", table), *table.groupby("dataset", observed=True)]
    for dataset, part in parts:
        for prompt_id, mine in part.groupby("prompt_id", observed=True):
            label = mine["published_correct"].to_numpy(dtype=float)
            clusters = pd.factorize(mine["query"].map(wording))[0]
            interval = ClusterBootstrap(clusters).mean(label)
            answered = mine[mine["answer"].notna()]
            tokens = mine["prompt_tokens"] + mine["completion_tokens"]
            line = TokensByLength.fit(mine["query"].tolist(), tokens.tolist())
            rows.append(
                {
                    "llm": mine["llm"].iloc[0],
                    "dataset": dataset,
                    "prompt_id": prompt_id,
                    "n": len(mine),
                    **interval.columns("accuracy"),
                    "accuracy_project": answered["correct"].astype(float).mean(),
                    "tokens": tokens.mean(),
                    "tokens_fixed": line.fixed,
                    "tokens_per_character": line.per_character,
                }
            )
    return pd.DataFrame(rows)


def recorded_scores(panel: Panel) -> RecordedScores:
    """Cross-fitted scores of the recorded GSM8K questions, in the order of the questions."""
    order = np.argsort(panel.log.query_id)
    scores = panel.scores[0]
    if panel.bounds is None:
        raise DataError("The panel of recorded questions was made without bounds.")
    lower, upper = panel.bounds
    return RecordedScores(
        tuple(prompt.id for prompt in panel.log.prompts),
        scores.reward[order],
        lower[order],
        upper[order],
        scores.accuracy[order],
        scores.tokens[order],
        panel.folds[0][order],
    )


def precompute(
    folder: Path = FOLDER, progress: Progress | None = None, llms: Sequence[str] = LLMS
) -> None:
    """Write every artifact but the embedded LLM and its log into ``folder``.

    Args:
        folder: Where to.
        progress: Told what is being done.
        llms: Those whose artifacts are made; what is there of others stays as it is.

    Raises:
        MissingDataError: a published file is not on this machine.
        DataError: the reward model of an LLM that is left out is missing or damaged.
    """
    progress = progress or Progress()
    folder.mkdir(parents=True, exist_ok=True)
    made = [_tables(llm, folder, progress) for llm in LLMS if llm in llms]
    for name in dict.fromkeys(name for part in made for name in part):
        _save_rows(pd.concat([part[name] for part in made if name in part]), name, folder)
    models = {llm: reward_storage.load(artifacts.reward_path(llm, folder)) for llm in LLMS}
    if EMBEDDED in llms:
        prompts = made[-1]["prompts"]
        scorer = scorer_of(EMBEDDED, models[EMBEDDED], prompts)
        artifacts.save_table(example_table(scorer), "examples", folder)
    if LLAMA2 in llms:
        progress.stage("Ways of reading answers")
        recorded = published.gsm8k_test_answers()
        artifacts.save_table(extraction_report(recorded), "answers", folder)
        artifacts.save_table(equation_report(recorded), "equations", folder)
    card = data_card(models, pd.read_csv(folder / "frontier.csv"))
    (folder / "DATA_CARD.md").write_text(card, "utf-8")


def _tables(llm: str, folder: Path, progress: Progress) -> Tables:
    """Save the models of one LLM; returns its rows of the tables."""
    progress.stage(f"{llm}, reading the logs")
    table = demonstrations.load(llm)
    found = _keeping_scores(results(table, PROTOCOLS, progress), folder)
    made = tables_of(found) | {"prompts": prompt_table(table)}
    if llm in ANSWERED_LLMS:
        progress.stage(f"{llm}, mending its answers")
        made["repairs"] = repair_reports(table)
    progress.stage(f"{llm}, training the reward model")
    reward_storage.save(train(table), artifacts.reward_path(llm, folder))
    if llm in BUDGET_DATASETS:
        progress.stage(f"{llm}, training the budget model")
        shipped = train_shipped(table, BUDGET_DATASETS[llm], on_fit=progress.step)
        budget_storage.save(shipped, artifacts.budget_path(llm, folder))
    if llm == LLAMA2:
        progress.stage("How much log a budget needs")
        artifacts.save_table(_budget_learning(table, progress), "budget-learning", folder)
        progress.stage("Both graders")
        graded = compare_graders(table, BUDGET_DATASETS[llm], on_fit=progress.step)
        artifacts.save_table(graded, "budget-graders", folder)
    return made


def _save_rows(table: pd.DataFrame, name: str, folder: Path) -> None:
    """Save the rows of the LLMs in a table; rows of others that are there stay as they are."""
    path = folder / f"{name}.csv"
    kept = _as_text(path) if path.is_file() else None
    artifacts.save_table(table, name, folder)
    if kept is None:
        return
    kept = kept[~kept["llm"].isin(table["llm"].unique())]
    joined = pd.concat([kept, _as_text(path)])
    order = joined["llm"].map(LLMS.index).argsort(kind="stable")
    artifacts.save_table(joined.iloc[order], name, folder)


def _as_text(path: Path) -> pd.DataFrame:
    """A table with its numbers as they are written."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def _budget_learning(table: pd.DataFrame, progress: Progress) -> pd.DataFrame:
    """The budget policy's learning curve on LLaMA2's recorded GSM8K answers."""
    rows = answered_rows(table[table["dataset"] == BUDGET_DATASETS[LLAMA2]])
    log = build(rows, answered_prompts(rows), grader="project")
    return learning_curve(rows, log, on_fit=progress.step)


def _keeping_scores(found: Iterable[Result], folder: Path) -> Iterator[Result]:
    """Pass results on; save what plays the recorded questions back when it comes by."""
    for result in found:
        panel = result.panel
        if (panel.prompt_set, panel.log.dataset) == ("answered", "gsm8k"):
            artifacts.save_recorded_scores(recorded_scores(panel), folder)
        if (panel.prompt_set, panel.log.dataset) == ("mended", "gsm8k") and panel.nested:
            models = cross_fitted(panel.log, panel.nested[0], more=panel.more)
            for fold, model in enumerate(models):
                budget_storage.save(model, artifacts.fold_path(fold, folder))
        yield result
