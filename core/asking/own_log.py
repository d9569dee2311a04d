"""Learn from a visitor's log, and judge what was learned on queries it never saw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from core.asking.ranking import Scorer
from core.costs.lengths import TokensByLength
from core.errors import DataError
from core.evaluation.crossfit import (
    FOLDS,
    QUERY_KEY,
    CrossFit,
    assign_folds,
    cross_fit,
    folds_of,
    query_index,
)
from core.evaluation.frontier import one_call
from core.evaluation.nested import NESTED_FITS, Nested, nested
from core.evaluation.panels import Panel
from core.evaluation.replay import Scores
from core.evaluation.report import FRONTIER_COLUMNS, evaluate, frontier
from core.evaluation.statistics import (
    calibration_error,
    calibration_error_of_perfect,
    reliability,
)
from core.logs.matrix import LogMatrix, build, groups
from core.logs.own import FEWEST_AGREEING, agreement, read_answers
from core.policies.budget import BudgetModel
from core.policies.budget.training import fit as fit_budget
from core.prompts import Prompt
from core.reward import RewardModel

FITS = FOLDS + 1
"""Reward models that ``learn`` fits in any case: one on everything, one for each fold."""
FEWEST_FOR_BUDGET = 100
"""Queries with answers to all prompts from which the budget policy is learned."""
FEWEST_QUERIES = 20
"""Distinct queries, numbers aside, that five folds need to say anything."""
MOST_JUDGED = 10_000
_MOST_CALLS = 600_000
"""Recorded calls that replaying the votes may look at, so that nobody waits for minutes: 2,000
queries with sixteen prompts."""
_FEWEST_JUDGED = 200


class StoppedError(Exception):
    """Learning was stopped by the one who asked for it."""


@dataclass(frozen=True, eq=False)
class OwnLog:
    """A visitor's log, learned from: what ranks its prompts, and how good that is.

    Two of them are equal when they are the same one: tables and models are not compared.

    Attributes:
        name: File name, as shown.
        prompts: Those of the log.
        scorer: The reward model, learned from every row, with accuracy and tokens by prompt id.
        frontier: Rows in ``FRONTIER_COLUMNS`` from one repetition of grouped cross-validation; none
            when no query was logged with all prompts.
        calibration: Expected calibration error of the same models over all rows, 0..1.
        calibration_of_perfect: What chance alone would give a model whose chances are all true.
        complete: Queries that were logged with all prompts; the policies are judged on these, or
            on a random choice of them.
        budget: What the budget policy learned; None where the log has too few answers for it.
        unvoted: Why policies that vote are not judged; empty where they are.
    """

    name: str
    prompts: tuple[Prompt, ...]
    scorer: Scorer
    frontier: pd.DataFrame
    calibration: float
    calibration_of_perfect: float
    complete: int
    budget: BudgetModel | None = None
    unvoted: str = ""


@dataclass(frozen=True)
class Hooks:
    """How ``learn`` tells its caller where it is; by default it tells nobody.

    Attributes:
        stage: Called with a line about what begins, and how many models are fitted in all.
        fit: Called after each reward model.
        cancelled: Asked between them; once it is true, ``StoppedError`` is raised.
    """

    stage: Callable[[str, int], None] = field(default=lambda text, fits: None)
    fit: Callable[[], None] = field(default=lambda: None)
    cancelled: Callable[[], bool] = field(default=lambda: False)

    def begin(self, text: str, fits: int) -> None:
        """Tell of a stage unless it was stopped."""
        self.go_on()
        self.stage(text, fits)

    def fitted(self) -> None:
        """Tell of a model unless it was stopped."""
        self.fit()
        self.go_on()

    def go_on(self) -> None:
        """Raise StoppedError when it was stopped."""
        if self.cancelled():
            raise StoppedError


def learn(
    table: pd.DataFrame, prompts: Sequence[Prompt], name: str, hooks: Hooks | None = None
) -> OwnLog:
    """Fit a reward model to a log and judge it by grouped cross-validation.

    Args:
        table: Demonstrations as ``own_logs.inspect`` gives them.
        prompts: Those that occur in it.
        name: What to call the log.
        hooks: What to tell meanwhile.

    Raises:
        DataError: the log is too small or too uniform; the message says what is missing.
        StoppedError: ``hooks.cancelled`` said so.
    """
    hooks = hooks or Hooks()
    table = _as_one_data_set(table)
    check_learnable(table, prompts)
    judged = _judged(table, prompts)
    part = judged if judged is not None and _feeds_budget(judged.log, _folds(table)) else None
    fits = FITS + (0 if part is None else NESTED_FITS)
    hooks.begin("Training the reward model on the whole log", fits)
    model = RewardModel.fit(table, prompts)
    hooks.fitted()
    hooks.begin(f"Cross-validation: {FOLDS} models, each judged on queries it never saw", fits)
    fit = cross_fit(table, prompts, label="correct", seed=0, on_fit=hooks.fitted)
    inner = None
    if part is not None:
        hooks.begin("Cross-validation within its parts, for the budget policy", fits)
        (fold,) = folds_of(part.log, [fit])
        inner = nested(part.rows, part.log, fold, seed=0, on_fit=hooks.fitted)
    rows, budget = pd.DataFrame(columns=FRONTIER_COLUMNS), None
    if judged is not None:
        hooks.begin("Replaying the policies on the recorded answers", fits)
        panel = _panel(judged.log, table, fit, inner)
        rows = frontier(evaluate(panel))
        if inner is not None:
            hooks.begin("Learning the budget policy from the whole log", fits)
            budget = fit_budget(judged.log, panel.scores[0].reward, inner.fold)
    hooks.go_on()
    return OwnLog(
        name,
        tuple(prompts),
        scorer_of(model, table),
        rows,
        *_calibration(table, fit),
        0 if judged is None else judged.complete,
        budget,
        "" if judged is None else judged.unvoted,
    )


def _panel(log: LogMatrix, table: pd.DataFrame, fit: CrossFit, inner: Nested | None) -> Panel:
    """The comparison of all policies on a log, one repetition."""
    folds = folds_of(log, [fit])
    parts = () if inner is None else (inner,)
    return Panel("clean", "own", log, (_scores(log, table, fit),), nested=parts, folds=folds)


def offered_policy(log: OwnLog) -> str:
    """The policy to use for one call: best-of-N, or the best single prompt where that is safer."""
    row = one_call(log.frontier)
    return "best-of-n" if row is None else str(row["policy"])


def check_learnable(table: pd.DataFrame, prompts: Sequence[Prompt]) -> None:
    """Raise DataError when nothing can be learned from a log, or not be judged.

    Args:
        table: Demonstrations.
        prompts: Those that occur in it.
    """
    if len(prompts) < 2:
        raise DataError(
            "The log has one prompt; at least 2 are needed to learn which is better for a query."
        )
    queries = table.drop_duplicates(QUERY_KEY)["query"].tolist()
    distinct = len(np.unique(groups(queries)))
    if distinct < FEWEST_QUERIES:
        raise DataError(
            f"The log has {distinct} distinct quer{'y' if distinct == 1 else 'ies'}, those that "
            f"differ in numbers alone counted once; at least {FEWEST_QUERIES} are needed to learn "
            "from some and judge on others."
        )
    right = table["correct"].astype(bool)
    if right.all() or not right.any():
        raise DataError(
            f"Every answer in the log is {'right' if right.all() else 'wrong'}; both right and "
            "wrong ones are needed to learn from."
        )
    row_fold = _folds(table).reindex(pd.MultiIndex.from_frame(table[QUERY_KEY])).to_numpy()
    for rare, kind in ((right, "right"), (~right, "wrong")):
        if len(np.unique(row_fold[rare])) < 2:
            raise DataError(
                f"The log has {int(rare.sum())} {kind} answer{'s' if rare.sum() > 1 else ''}, too "
                "few to learn from some and judge on others."
            )


def scorer_of(model: RewardModel, table: pd.DataFrame) -> Scorer:
    """What ranks prompts: the model, and each prompt's share right and mean tokens."""
    counted = table.assign(tokens=table["prompt_tokens"] + table["completion_tokens"])
    by_prompt = counted.groupby("prompt_id", observed=True)
    lengths = {
        str(prompt_id): TokensByLength.fit(rows["query"].tolist(), rows["tokens"].tolist())
        for prompt_id, rows in by_prompt
        if rows["tokens"].notna().any()
    }
    accuracy, tokens = by_prompt["correct"].mean(), by_prompt["tokens"].mean().dropna()
    return Scorer(model, accuracy.to_dict(), tokens.to_dict(), lengths)


def _as_one_data_set(table: pd.DataFrame) -> pd.DataFrame:
    """Number the queries over all data sets and splits, which are learned from together."""
    number = table.groupby(QUERY_KEY, sort=False, observed=True).ngroup()
    return table.assign(dataset="own", split="train", query_id=number.to_numpy())


def _calibration(table: pd.DataFrame, fit: CrossFit) -> tuple[float, float]:
    """Calibration errors over every logged row: of models that never saw it, of a perfect one."""
    row = fit.reward.index.get_indexer(pd.MultiIndex.from_frame(table[QUERY_KEY].astype(object)))
    column = fit.reward.columns.get_indexer(table["prompt_id"])
    predicted = fit.reward.to_numpy()[row, column]
    error = calibration_error(reliability(predicted, table["correct"].to_numpy()))
    return error, calibration_error_of_perfect(predicted)


@dataclass(frozen=True)
class _Judged:
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


def _judged(table: pd.DataFrame, prompts: Sequence[Prompt]) -> _Judged | None:
    """Choose what policies are judged on; None where no query was logged with all prompts."""
    whole = table.groupby("query_id")["prompt_id"].transform("size") == len(prompts)
    rows = table[whole.to_numpy()]
    if rows.empty:
        return None
    ids = rows["query_id"].unique()
    answered, unvoted = read_answers(rows), "The log has labels alone."
    if answered is not None and (share := agreement(answered)) < FEWEST_AGREEING:
        answered, unvoted = (
            None,
            (
                f"Of two right answers to one query only {100 * share:.0f} % read equal, so they "
                "are not read rightly, and no vote is taken over them. Log the final answer as "
                "predicted_answer."
            ),
        )
    most = MOST_JUDGED
    if answered is not None:
        # A vote of every size is replayed, which takes about the square of the prompts in calls.
        most = max(_FEWEST_JUDGED, _MOST_CALLS // (len(prompts) * (len(prompts) + 3)))
        rows = answered
    if len(ids) > most:
        picked = np.random.default_rng(0).choice(ids, most, replace=False)
        rows = rows[rows["query_id"].isin(picked)]
    log = build(rows, prompts, grader="project")
    if answered is None:
        return _Judged(rows, replace(log, answer=None), len(ids), unvoted)
    return _Judged(rows, log, len(ids))


def _folds(table: pd.DataFrame) -> pd.Series:
    """The fold of each query of a table in the cross-validation, by ``QUERY_KEY``."""
    queries = table.drop_duplicates(QUERY_KEY)
    index = pd.MultiIndex.from_frame(queries[QUERY_KEY])
    return pd.Series(assign_folds(queries["query"].tolist(), 0), index=index)


def _feeds_budget(log: LogMatrix, folds: pd.Series) -> bool:
    """Whether the budget policy can be learned from a log, and from all of it but one fold."""
    if log.answer is None or len(np.unique(log.group)) < FEWEST_FOR_BUDGET:
        return False
    fold = folds.reindex(query_index(log)).to_numpy()
    parts = [log.correct[fold != number] for number in np.unique(fold)]
    return all(part.any() and not part.all() for part in parts)


def _scores(log: LogMatrix, table: pd.DataFrame, fit: CrossFit) -> Scores:
    """What policies are told about each query: all of it from the other folds.

    Shares right and tokens come from every row of the other folds, so that a log in which few
    queries have all prompts still knows its best single prompt.
    """
    index = query_index(log)
    fold = fit.fold.reindex(index).to_numpy()
    row_fold = fit.fold.reindex(
        pd.MultiIndex.from_frame(table[QUERY_KEY].astype(object))
    ).to_numpy()
    names = [prompt.id for prompt in log.prompts]
    tokens_of = table["prompt_tokens"] + table["completion_tokens"]
    accuracy, tokens = np.empty(log.correct.shape), np.empty(log.correct.shape)
    for number in np.unique(fold):
        other = table["prompt_id"].where(row_fold != number)
        mine = fold == number
        accuracy[mine] = table["correct"].groupby(other).mean().reindex(names)
        tokens[mine] = tokens_of.groupby(other).mean().reindex(names)
    return Scores(fit.reward[names].reindex(index).to_numpy(), accuracy, tokens)
