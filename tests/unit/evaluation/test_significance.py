"""A gain over single prompts is claimed where there is one, and hardly ever where there is none."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.crossfit import accuracy_elsewhere
from core.evaluation.frontier import one_call, significant
from core.evaluation.panels import Panel
from core.evaluation.replay import Scores
from core.evaluation.report import Result, evaluate, frontier
from core.evaluation.statistics import (
    ClusterBootstrap,
    calibration_error_of_perfect,
)
from core.logs.matrix import LogMatrix
from core.prompts import PROMPTS

QUERIES, COUNT, FOLDS = 200, 8, 5


def _result(seed: int, skill: float) -> Result:
    """Outcomes on a log whose prompts are equally good; ``skill`` is what rewards know."""
    random = np.random.default_rng(seed)
    difficulty = random.normal(0, 1, (QUERIES, 1))
    suits = random.normal(0, 1, (QUERIES, COUNT))
    correct = random.random((QUERIES, COUNT)) < 1 / (1 + np.exp(-difficulty - suits))
    nothing = np.full((QUERIES, COUNT), np.nan)
    log = LogMatrix(
        llm="made-up",
        dataset="own",
        prompts=PROMPTS[:COUNT],
        grader="project",
        split=np.full(QUERIES, "test"),
        query_id=np.arange(QUERIES),
        query=np.array([f"query {number}" for number in range(QUERIES)], dtype=object),
        group=np.arange(QUERIES),
        correct=correct,
        answer=None,
        text=None,
        prompt_tokens=nothing,
        completion_tokens=nothing,
    )
    fold = random.permutation(np.arange(QUERIES) % FOLDS)
    reward = skill * suits + (1 - skill) * random.normal(0, 1, (QUERIES, COUNT))
    scores = Scores(1 / (1 + np.exp(-reward)), accuracy_elsewhere(log, fold), nothing)
    return evaluate(Panel("clean", "own", log, (scores,), folds=(fold,)))


def _rows(seed: int, skill: float) -> pd.DataFrame:
    return frontier(_result(seed, skill))


def _best(rows: pd.DataFrame) -> pd.Series:
    return rows[rows["policy"] == "best-of-n"].iloc[0]


def test_where_there_is_no_gain_one_is_claimed_in_a_twentieth_at_most() -> None:
    results = [_result(seed, skill=0.0) for seed in range(150)]
    claimed, held_fixed = [], []
    for result in results:
        best = _best(frontier(result))
        claimed.append(significant(best, "minus_best_single") and best["minus_best_single"] > 0)
        gain = result.outcomes["best-of-n", None].correct - result.best_single.correct
        held_fixed.append(result.bootstrap.mean(gain).low > 0)
    assert np.mean(claimed) <= 0.05
    # A pick of each fold that the resamples hold fixed is beaten by luck far more often.
    assert np.mean(held_fixed) > 0.05


def test_where_there_is_a_gain_it_is_claimed() -> None:
    found = [_best(_rows(seed, skill=0.8)) for seed in range(10)]
    assert all(significant(row, "minus_best_single") for row in found)
    assert all(row["minus_same_prompt"] <= row["minus_best_single"] + 0.1 for row in found)


@pytest.mark.parametrize(("skill", "policy"), [(0.8, "best-of-n"), (0.0, "best-single")])
def test_the_best_prompt_is_left_for_a_sure_gain_alone(skill: float, policy: str) -> None:
    offered = [one_call(_rows(seed, skill))["policy"] for seed in range(12)]
    assert np.mean([name == policy for name in offered]) > 0.7


def test_a_gain_holds_against_every_prompt_or_is_none() -> None:
    row = {f"minus_best_single{end}": 0.02 for end in ("", "_low", "_high")}
    assert significant(row | {"minus_same_prompt_low": 0.001}, "minus_best_single")
    assert not significant(row | {"minus_same_prompt_low": -0.001}, "minus_best_single")


def test_a_pick_among_equals_has_an_interval_of_its_own() -> None:
    random = np.random.default_rng(0)
    correct, fold = random.random((300, 6)) < 0.5, np.arange(300) % 5
    draws = ClusterBootstrap(np.arange(300)).picked_draws(correct, fold)
    alone = ClusterBootstrap(np.arange(300)).draws(correct[:, 0].astype(float))
    assert draws.shape == alone.shape
    assert draws.std() > 0.9 * alone.std()
    # Where one prompt is best beyond doubt, it is picked always.
    correct[:, 2] = True
    assert ClusterBootstrap(np.arange(300)).picked_draws(correct, fold) == pytest.approx(1)


@pytest.mark.parametrize(("answers", "low", "high"), [(6000, 0.012, 0.026), (120, 0.09, 0.15)])
def test_chance_alone_leaves_the_more_error_the_fewer_answers(
    answers: int, low: float, high: float
) -> None:
    chances = np.random.default_rng(1).uniform(0.2, 0.8, answers)
    assert low < calibration_error_of_perfect(chances) < high
