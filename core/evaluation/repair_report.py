"""What mending miscalculations changes in recorded answers, by LLM and data set."""

import numpy as np
import pandas as pd

from core.demonstrations import EMBEDDED, LLAMA2
from core.evaluation.panels import answered_prompts, answered_rows
from core.evaluation.replay import Scores, replay
from core.evaluation.statistics import ClusterBootstrap
from core.grading.repair import repair
from core.logs.matrix import LogMatrix, build
from core.policies import MajorityVote

ANSWERED_LLMS = (LLAMA2, EMBEDDED)
"""LLMs whose log has the texts of answers."""


def repair_report(log: LogMatrix) -> dict[str, object]:
    """Set a log's answers as they were given beside the same with miscalculations mended.

    Args:
        log: With answers.

    Returns:
        llm, dataset, prompts, answers (their number), counts of those with another number
        (changed), of changes for the better (wrong_to_right) and for the worse (right_to_wrong),
        and of the latter two among those changes that are sure; as shares of all answers with
        their 95 % intervals the first three again. Then accuracies as answered and repaired, and
        the gain with its interval: of all answers, of always the same prompt (the best one as
        answered) and of the majority vote of all prompts.
    """
    mended, bootstrap = log.repaired(), ClusterBootstrap(log.group)
    changed, sure = _changes(log)
    better, worse = mended.correct & ~log.correct, log.correct & ~mended.correct
    counts = {"changed": changed, "wrong_to_right": better, "right_to_wrong": worse}
    row: dict[str, object] = {
        "llm": log.llm,
        "dataset": log.dataset,
        "prompts": len(log.prompts),
        "answers": log.correct.size,
        **{name: int(flags.sum()) for name, flags in counts.items()},
        "wrong_to_right_sure": int((better & sure).sum()),
        "right_to_wrong_sure": int((worse & sure).sum()),
    }
    for name, flags in counts.items():
        row |= bootstrap.mean(flags.mean(axis=1)).columns(f"{name}_share")
    best = int(log.correct.mean(axis=0).argmax())
    pairs = {
        "all": (log.correct.mean(axis=1), mended.correct.mean(axis=1)),
        "single": (log.correct[:, best].astype(float), mended.correct[:, best].astype(float)),
        "vote": (_voted(log), _voted(mended)),
    }
    for name, (before, after) in pairs.items():
        row |= {f"{name}_as_answered": before.mean(), f"{name}_repaired": after.mean()}
        row |= bootstrap.mean(after - before).columns(f"{name}_gain")
    return row


def repair_reports(table: pd.DataFrame) -> pd.DataFrame:
    """A row of ``repair_report`` for each data set of an LLM whose prompts were all answered.

    Args:
        table: All demonstrations of the LLM; its test questions are reported.
    """
    rows = []
    for _, mine in table.groupby("dataset", observed=True):
        answered = answered_rows(mine)
        rows.append(repair_report(build(answered, answered_prompts(answered), grader="project")))
    return pd.DataFrame(rows)


def _changes(log: LogMatrix) -> tuple[np.ndarray, np.ndarray]:
    """Which answers were given another number, and which of those for sure."""
    changed, sure = np.zeros(log.correct.shape, dtype=bool), np.zeros(log.correct.shape, dtype=bool)
    for row, (query, texts) in enumerate(zip(log.query, log.said()[1], strict=True)):
        for column, text in enumerate(texts):
            found = repair(text or "", str(query))
            changed[row, column] = bool(found.mends)
            sure[row, column] = bool(found.mends) and found.sure
    return changed, sure


def _voted(log: LogMatrix) -> np.ndarray:
    """Whether the majority vote of all prompts is right, shape (queries,)."""
    accuracy = np.broadcast_to(log.correct.mean(axis=0), log.correct.shape)
    scores = Scores(accuracy, accuracy, np.full(log.correct.shape, np.nan))
    return replay(MajorityVote(len(log.prompts)), log, scores).correct
