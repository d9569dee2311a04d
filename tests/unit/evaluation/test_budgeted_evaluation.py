"""The budget policy over a log: no query is judged by what it taught, and the dial moves calls."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from budget_log import COUNT, MadeUp, made_up_log, table_of

from core.evaluation.budgeted import cross_fitted, outcomes, replay_folds, scores_of, train_shipped
from core.evaluation.learning import keep_some, learning_curve
from core.evaluation.nested import Nested, nested
from core.evaluation.statistics import area_up_to
from core.logs.matrix import LogMatrix
from core.policies.budget import BudgetModel, storage
from core.policies.budgeted import Budgeted


def _part(log: LogMatrix, reward: np.ndarray, fold: np.ndarray) -> Nested:
    return Nested(fold, np.stack([reward] * 5), np.ones(len(fold), dtype=bool))


def test_a_query_never_takes_part_in_its_own_model(made_up: MadeUp, tmp_path: Path) -> None:
    """Turning the labels of one fold round changes every model but the one that judges it."""
    log, reward, fold = made_up
    turned = replace(log, correct=log.correct ^ (fold == 2)[:, None])
    same = []
    for number, models in enumerate(
        zip(
            cross_fitted(log, _part(log, reward, fold)),
            cross_fitted(turned, _part(turned, reward, fold)),
            strict=True,
        )
    ):
        for model, name in zip(models, ("before", "after"), strict=True):
            storage.save(model, tmp_path / name)
        if (tmp_path / "before").read_bytes() == (tmp_path / "after").read_bytes():
            same.append(number)
    assert same == [2]


def _table(log: LogMatrix) -> pd.DataFrame:
    return table_of(log, "The answer is near.")


def test_nested_rewards_see_neither_the_judged_fold_nor_their_own() -> None:
    log, _, fold = made_up_log(30)
    fold = fold % 3
    turned = replace(log, correct=log.correct ^ (fold == 1)[:, None])
    before, after = (nested(_table(one), one, fold, seed=0).reward for one in (log, turned))
    same = (before == after).all(axis=2)
    assert same[1].all()
    assert same[:, fold == 1].all()
    assert not same[0][fold == 2].any()
    assert not same[0][fold == 0].any()


def test_only_kept_queries_are_learned_from() -> None:
    log, _, fold = made_up_log(60)
    kept = keep_some(fold, log.group, 24, seed=0)
    assert [kept[fold == number].sum() for number in range(5)] == [6] * 5
    assert (keep_some(fold, log.group, 40, seed=0) >= kept).all()
    turned = replace(log, correct=log.correct ^ ~kept[:, None])
    before, after = (nested(_table(one), one, fold, seed=0, kept=kept) for one in (log, turned))
    assert (before.reward == after.reward).all()
    assert (scores_of(log, before).accuracy == scores_of(turned, after).accuracy).all()


def test_the_shipped_model_learns_from_all_queries() -> None:
    log, _, _ = made_up_log(60)
    model = train_shipped(_table(log), "gsm8k")
    assert model.description["queries"] == 60
    assert model.prompts == tuple(prompt.id for prompt in log.prompts)


def test_the_learning_curve_has_a_row_per_size_that_the_log_allows() -> None:
    log, _, _ = made_up_log(60)
    curve = learning_curve(_table(log), log, sizes=(24, 800))
    assert curve["queries"].tolist() == [24]
    assert (curve["accuracy_low"] <= curve["accuracy"]).all()
    assert (curve["area_high"] >= curve["area"]).all()


def test_the_dial_moves_mean_calls_over_a_log() -> None:
    log, reward, fold = made_up_log(300)
    part = _part(log, reward, fold)
    found = outcomes(log, [part], [scores_of(log, part)])
    calls = [found["budgeted", dial].calls.mean() for dial in (1, 2, 4, 6, COUNT)]
    assert calls == sorted(calls)
    assert (calls[0], calls[-1]) == (1, COUNT)
    for name in ("budgeted", "budgeted-tokens", "budgeted-2-at-once", "budgeted-4-at-once"):
        assert found[name, 4].calls.mean() == pytest.approx(4, abs=1.2), name
    assert found["budgeted-2-at-once", COUNT].correct.tolist() == (
        found["budgeted", COUNT].correct.tolist()
    )


def test_replay_gives_each_query_to_the_model_of_its_fold(
    made_up: MadeUp, budget_model: BudgetModel
) -> None:
    log, reward, fold = made_up
    scores = scores_of(log, _part(log, reward, fold))
    models = [replace(budget_model, description={"fold": number}) for number in range(5)]
    found = replay_folds(
        models,
        log,
        fold,
        scores,
        lambda one: Budgeted(one, -1.0 if one.description["fold"] == 3 else 9.0),
    )
    assert (found.calls == np.where(fold == 3, COUNT, 1)).all()


def test_the_area_is_the_mean_height_and_level_outside_the_points() -> None:
    assert area_up_to(np.array([2.0, 4.0]), np.array([0.2, 0.4]), 5.0) == pytest.approx(
        (0.2 + 2 * 0.3 + 0.4) / 4
    )
    draws = area_up_to(np.array([1.0, 3.0]), np.array([[0.2, 0.4], [0.0, 0.0]]), 3.0)
    assert draws == pytest.approx([0.3, 0.0])
