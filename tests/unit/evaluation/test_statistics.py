"""Intervals, calibration and curve summaries, against cases worked out by hand or simulation."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.statistics import (
    ClusterBootstrap,
    calibration_error,
    calls_to_reach,
    normalised_area,
    reliability,
    summarise,
)


def test_intervals_cover_the_truth_about_as_often_as_they_say() -> None:
    random = np.random.default_rng(0)
    covered = 0
    for trial in range(200):
        values = random.random(120) < 0.3
        interval = ClusterBootstrap(np.arange(120), seed=trial, resamples=400).mean(values)
        covered += interval.low <= 0.3 <= interval.high
    assert 0.89 <= covered / 200 <= 0.99


def test_an_interval_leaves_out_a_fortieth_at_either_end() -> None:
    interval = summarise(0.5, np.linspace(0, 1, 1001))
    assert (interval.low, interval.high) == pytest.approx((0.025, 0.975))


def test_repeated_questions_widen_the_interval() -> None:
    values = (np.random.default_rng(1).random(100) < 0.5).astype(float)
    alone = ClusterBootstrap(np.arange(500)).mean(np.repeat(values, 5))
    together = ClusterBootstrap(np.repeat(np.arange(100), 5)).mean(np.repeat(values, 5))
    assert alone.value == together.value
    assert together.high - together.low > 1.8 * (alone.high - alone.low)


def test_a_paired_difference_is_narrower_than_two_intervals_apart() -> None:
    random = np.random.default_rng(2)
    first = (random.random(400) < 0.5).astype(float)
    second = np.where(random.random(400) < 0.05, 1 - first, first)
    bootstrap = ClusterBootstrap(np.arange(400))
    difference, alone = bootstrap.mean(second - first), bootstrap.mean(first)
    assert difference.high - difference.low < 0.6 * (alone.high - alone.low)


def test_unknown_values_give_an_unknown_interval() -> None:
    interval = ClusterBootstrap(np.arange(3)).mean(np.array([1.0, np.nan, 0.0]))
    assert np.isnan([interval.value, interval.low, interval.high]).all()


def test_calibration_error_is_zero_for_honest_and_large_for_overconfident_chances() -> None:
    random = np.random.default_rng(3)
    chance = random.random(60_000)
    correct = random.random(60_000) < chance
    assert calibration_error(reliability(chance, correct)) < 0.01
    boastful = calibration_error(reliability(np.full(60_000, 0.9), correct))
    assert boastful == pytest.approx(0.4, abs=0.01)


def test_reliability_bins_hold_every_row_once() -> None:
    curve = reliability(np.linspace(0, 1, 100), np.arange(100) >= 50, bins=15)
    assert curve["n"].sum() == 100
    assert curve["predicted"].is_monotonic_increasing
    assert isinstance(curve, pd.DataFrame)


def test_normalised_area_is_the_mean_height() -> None:
    calls = np.array([1.0, 3.0])
    assert normalised_area(calls, np.array([0.2, 0.4])) == pytest.approx(0.3)
    draws = normalised_area(calls, np.array([[0.2, 0.4], [0.0, 0.0]]))
    assert draws.tolist() == pytest.approx([0.3, 0.0])


@pytest.mark.parametrize(
    ("target", "calls"), [(0.1, 1.0), (0.2, 1.0), (0.3, 2.0), (0.4, 3.0), (0.5, float("nan"))]
)
def test_calls_to_reach_reads_the_curve_between_its_points(target: float, calls: float) -> None:
    found = calls_to_reach(np.array([1.0, 3.0]), np.array([0.2, 0.4]), target)
    assert found == pytest.approx(calls, nan_ok=True)
