"""Learn from a visitor's log, and judge what was learned on queries it never saw."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pandas as pd

from core.asking.judged import (
    FEWEST_FOR_BUDGET,
    Judged,
    feeds_budget,
    judged_part,
    query_folds,
    scores_of,
)
from core.asking.list_prices import with_list_prices
from core.asking.own_model import OwnModel
from core.asking.ranking import Scorer
from core.costs.lengths import TokensByLength
from core.errors import DataError
from core.evaluation.crossfit import (
    FOLDS,
    QUERY_KEY,
    CrossFit,
    cross_fit,
    folds_of,
    query_numbers,
)
from core.evaluation.frontier import one_call
from core.evaluation.nested import NESTED_FITS, Nested, nested
from core.evaluation.panels import Panel
from core.evaluation.report import FRONTIER_COLUMNS, evaluate, frontier
from core.evaluation.statistics import (
    calibration_error,
    calibration_error_of_perfect,
    reliability,
)
from core.logs.matrix import groups
from core.logs.own import kind_of_answers
from core.policies.budget.training import fit as fit_budget
from core.prompts import Prompt
from core.reward import RewardModel

FITS = FOLDS + 1
"""Reward models that ``learn`` fits in any case: one on everything, one for each fold."""
FEWEST_QUERIES = 20
"""Distinct queries, numbers aside, that five folds need to say anything."""


class StoppedError(Exception):
    """Learning was stopped by the one who asked for it."""


@dataclass(frozen=True, eq=False)
class OwnLog(OwnModel):
    """A visitor's log, learned from: what ranks its prompts, and how good that is.

    Attributes:
        frontier: Rows in ``FRONTIER_COLUMNS`` from one repetition of grouped cross-validation; none
            when no query was logged with all prompts.
        calibration: Expected calibration error of the same models over all rows, 0..1.
        calibration_of_perfect: What chance alone would give a model whose chances are all true.
        complete: Queries that were logged with all prompts; the policies are judged on these, or
            on a random choice of them.
        unvoted: Why policies that vote are not judged; empty where they are.
    """

    noun: ClassVar[str] = "log"
    frontier: pd.DataFrame
    calibration: float
    calibration_of_perfect: float
    complete: int
    unvoted: str = ""

    @property
    def origin(self) -> str:
        """Where its chances come from, in words."""
        return f"a reward model that learned from {self.name}"

    @property
    def unbudgeted(self) -> str:
        """Why the budgeted policy cannot be chosen where it was not learned."""
        return (
            f"{self.name} has too few answers to learn the budgeted policy from: it takes "
            f"{FEWEST_FOR_BUDGET} queries with an answer for every prompt. Choose another policy."
        )


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
    table = _as_one_data_set(with_list_prices(table, prompts))
    check_learnable(table, prompts)
    judged = judged_part(table, prompts)
    feeds = judged is not None and feeds_budget(judged.log, query_folds(table))
    fits = FITS + NESTED_FITS * feeds
    hooks.begin("Training the reward model on the whole log", fits)
    model = RewardModel.fit(table, prompts)
    hooks.fitted()
    hooks.begin(f"Cross-validation: {FOLDS} models, each judged on queries it never saw", fits)
    fit = cross_fit(table, prompts, label="correct", seed=0, on_fit=hooks.fitted)
    rows, budget = pd.DataFrame(columns=FRONTIER_COLUMNS), None
    if judged is not None:
        panel = _panel(judged, table, fit, hooks, fits if feeds else None)
        hooks.begin("Replaying the policies on the recorded answers", fits)
        rows = frontier(evaluate(panel))
        if feeds:
            hooks.begin("Learning the budget policy from the whole log", fits)
            budget = fit_budget(judged.log, panel.scores[0].reward, panel.folds[0])
    hooks.go_on()
    return OwnLog(
        name,
        tuple(prompts),
        scorer_of(model, table),
        budget,
        rows,
        *_calibration(table, fit),
        0 if judged is None else judged.complete,
        "" if judged is None else judged.unvoted,
    )


def _panel(
    judged: Judged, table: pd.DataFrame, fit: CrossFit, hooks: Hooks, fits: int | None
) -> Panel:
    """The comparison of all policies on a log, one repetition; without ``fits`` not budgeted."""
    log = judged.log
    (fold,) = folds_of(log, [fit])
    parts: tuple[Nested, ...] = ()
    if fits is not None:
        hooks.begin("Cross-validation within its parts, for the budget policy", fits)
        parts = (nested(judged.rows, log, fold, seed=0, on_fit=hooks.fitted),)
    return Panel("clean", "own", log, (scores_of(log, table, fit),), nested=parts, folds=(fold,))


def offered_policy(model: OwnModel) -> str:
    """The policy to use for one call: best-of-N, or the best single prompt where that is safer."""
    row = one_call(model.frontier) if isinstance(model, OwnLog) else None
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
    row_fold = query_folds(table).to_numpy()[query_numbers(table)]
    for rare, kind in ((right, "right"), (~right, "wrong")):
        if len(np.unique(row_fold[rare])) < 2:
            raise DataError(
                f"The log has {int(rare.sum())} {kind} answer{'s' if rare.sum() > 1 else ''}, too "
                "few to learn from some and judge on others."
            )


def scorer_of(model: RewardModel, table: pd.DataFrame) -> Scorer:
    """What ranks prompts: the model, and each prompt's share right, mean tokens and dollars."""
    counted = table.assign(tokens=table["prompt_tokens"] + table["completion_tokens"])
    by_prompt = counted.groupby("prompt_id", observed=True)
    lengths = {
        str(prompt_id): TokensByLength.fit(rows["query"].tolist(), rows["tokens"].tolist())
        for prompt_id, rows in by_prompt
        if rows["tokens"].notna().any()
    }
    accuracy, tokens = by_prompt["correct"].mean(), by_prompt["tokens"].mean().dropna()
    dollars: dict[str, float] = {}
    if "dollars" in table and any(prompt.llm for prompt in model.prompts):
        # As in judging: all or nothing, and free LLMs are not told apart by what they cost.
        known = table["dollars"].notna().all() and table["dollars"].sum() > 0
        dollars = by_prompt["dollars"].mean().to_dict() if known else {}
    kind = kind_of_answers(table)
    return Scorer(model, accuracy.to_dict(), tokens.to_dict(), lengths, kind, dollars)


def _as_one_data_set(table: pd.DataFrame) -> pd.DataFrame:
    """Number the queries over all data sets and splits, which are learned from together."""
    return table.assign(
        dataset=_constant("own", len(table)),
        split=_constant("train", len(table)),
        query_id=query_numbers(table),
    )


def _constant(value: str, rows: int) -> pd.Categorical:
    return pd.Categorical.from_codes(np.zeros(rows, dtype=np.int8), [value])


def _calibration(table: pd.DataFrame, fit: CrossFit) -> tuple[float, float]:
    """Calibration errors over every logged row: of models that never saw it, of a perfect one."""
    row = query_numbers(table)
    column = fit.reward.columns.get_indexer(table["prompt_id"])
    predicted = fit.reward.to_numpy()[row, column]
    error = calibration_error(reliability(predicted, table["correct"].to_numpy()))
    return error, calibration_error_of_perfect(predicted)
