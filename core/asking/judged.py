"""What policies are judged on in a visitor's log, and what they are told of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.evaluation.crossfit import QUERY_KEY, CrossFit, assign_folds, query_index, query_numbers
from core.evaluation.replay import Scores
from core.logs.matrix import LogMatrix, build
from core.logs.own import FEWEST_AGREEING, agreement, read_answers
from core.policies.base import as_tokens
from core.prompts import Prompt

FEWEST_FOR_BUDGET = 100
"""Queries with answers to all prompts from which the budget policy is learned."""
MOST_JUDGED = 10_000
_MOST_CALLS = 600_000
"""Recorded calls that replaying the votes may look at, so that nobody waits for minutes: 2,000
queries with sixteen prompts."""
_FEWEST_JUDGED = 200


@dataclass(frozen=True)
class Judged:
    """What policies are judged on: queries that were logged with all prompts.

    Attributes:
        rows: Of these queries.
        log: The same as matrices.
        complete: How many such queries there are; a random part is judged where all take long.
        unvoted: Why answers are not voted on; empty where they are.
    """

    rows: pd.DataFrame
    log: LogMatrix
    complete: int
    unvoted: str = ""


def judged_part(table: pd.DataFrame, prompts: Sequence[Prompt]) -> Judged | None:
    """Choose what policies are judged on; None where no query was logged with all prompts."""
    whole = table.groupby("query_id")["prompt_id"].transform("size") == len(prompts)
    rows = table[whole.to_numpy()]
    if rows.empty:
        return None
    ids = rows["query_id"].unique()
    answered, unvoted = _answered(rows)
    most = MOST_JUDGED
    if answered is not None:
        # A vote of every size is replayed, which takes about the square of the prompts in calls.
        most = max(_FEWEST_JUDGED, _MOST_CALLS // (len(prompts) * (len(prompts) + 3)))
        rows = answered
    if len(ids) > most:
        picked = np.random.default_rng(0).choice(ids, most, replace=False)
        rows = rows[rows["query_id"].isin(picked)]
    log = build(rows, prompts, grader="project")
    kept = log if answered is not None else replace(log, answer=None)
    return Judged(rows, kept, len(ids), unvoted)


def _answered(rows: pd.DataFrame) -> tuple[pd.DataFrame | None, str]:
    """Rows with the answers that are voted on, or None and why there is no vote."""
    answered = read_answers(rows)
    if answered is None:
        return None, "The log has labels alone."
    share = agreement(answered)
    if share >= FEWEST_AGREEING:
        return answered, ""
    return None, (
        f"Of two right answers to one query only {100 * share:.0f} % read equal, so they are not "
        "read rightly, and no vote is taken over them. Log the final answer as predicted_answer."
    )


def query_folds(table: pd.DataFrame) -> pd.Series:
    """The fold of each query of a table in the cross-validation, by ``QUERY_KEY``."""
    queries = table.drop_duplicates(QUERY_KEY)
    index = pd.MultiIndex.from_frame(queries[QUERY_KEY])
    return pd.Series(assign_folds(queries["query"].tolist(), 0), index=index)


def feeds_budget(log: LogMatrix, folds: pd.Series) -> bool:
    """Whether the budget policy can be learned from a log, and from all of it but one fold."""
    if log.answer is None or len(np.unique(log.group)) < FEWEST_FOR_BUDGET:
        return False
    fold = folds.reindex(query_index(log)).to_numpy()
    parts = [log.correct[fold != number] for number in np.unique(fold)]
    return all(part.any() and not part.all() for part in parts)


def scores_of(log: LogMatrix, table: pd.DataFrame, fit: CrossFit) -> Scores:
    """What policies are told about each query: all of it from the other folds.

    Shares right and tokens, or dollars, come from every row of the other folds, so that a log in
    which few queries have all prompts still knows its best single prompt.
    """
    index = query_index(log)
    fold = fit.fold.reindex(index).to_numpy()
    row_fold = fit.fold.to_numpy()[query_numbers(table)]
    names = [prompt.id for prompt in log.prompts]
    size = (
        table["dollars"] if log.is_priced else table["prompt_tokens"] + table["completion_tokens"]
    )
    accuracy, tokens = np.empty(log.correct.shape), np.empty(log.correct.shape)
    for number in np.unique(fold):
        other = table["prompt_id"].where(row_fold != number)
        mine = fold == number
        accuracy[mine] = table["correct"].groupby(other).mean().reindex(names)
        sizes = size.groupby(other).mean().reindex(names).to_numpy()
        tokens[mine] = as_tokens(sizes) if log.is_priced else sizes
    return Scores(fit.reward[names].reindex(index).to_numpy(), accuracy, tokens)
