"""How often recorded answers are right whose equations hold, and those with a wrong equation."""

import numpy as np
import pandas as pd

from core.evaluation.statistics import ClusterBootstrap
from core.grading.final_answer import extract, grade
from core.grading.working import Working, read_working

KINDS = ("all equations hold", "an equation is wrong", "no equation")


def equation_report(answers: pd.DataFrame) -> pd.DataFrame:
    """Share of right answers by what their equations look like.

    Args:
        answers: Columns query_id, answer, gold; a row per query and prompt. Others are ignored.

    Returns:
        A row per kind of ``KINDS`` that occurs: kind, answers (their number), accuracy with its
        95 % interval over queries drawn with replacement.
    """
    kind = np.array([_kind(read_working(text)) for text in answers["answer"]])
    pairs = zip(answers["answer"], answers["gold"], strict=True)
    correct = np.array([grade(extract(text), gold) for text, gold in pairs], dtype=float)
    rows = []
    for name in KINDS:
        mine = kind == name
        if mine.any():
            bootstrap = ClusterBootstrap(answers["query_id"].to_numpy()[mine])
            share = bootstrap.mean(correct[mine])
            rows.append({"kind": name, "answers": int(mine.sum())} | share.columns("accuracy"))
    return pd.DataFrame(rows)


def _kind(working: Working) -> str:
    if not working.equations:
        return "no equation"
    return "all equations hold" if working.sound else "an equation is wrong"
