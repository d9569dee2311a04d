"""Boosters beside each other: a page ranks for one visitor while it learns another's log.

LightGBM keeps one number of threads for the whole process. Two calls at once that ask for different
numbers end the process, rarely enough that no test by trial would be sure to see it.
"""

import lightgbm as lgb
import pandas as pd
import pytest
from budget_log import made_up_log

from core.policies.budget import training
from core.reward import RewardModel


@pytest.fixture
def threads(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The number of threads that each call of LightGBM asks for; None for its default."""
    asked: list[object] = []
    train, predict = lgb.train, lgb.Booster.predict

    def counted_train(params, *args, **kwargs):
        asked.append(params.get("num_threads"))
        return train(params, *args, **kwargs)

    def counted_predict(booster, *args, **kwargs):
        asked.append(kwargs.get("num_threads"))
        return predict(booster, *args, **kwargs)

    monkeypatch.setattr(lgb, "train", counted_train)
    monkeypatch.setattr(lgb.Booster, "predict", counted_predict)
    return asked


def test_learning_and_ranking_ask_for_the_same_number_of_threads(threads: list[object]) -> None:
    log, reward, fold = made_up_log(60, texts=True)
    rows = [
        {"dataset": log.dataset, "split": "test", "query_id": at, "prompt_id": prompt.id}
        | {"query": str(log.query[at]), "correct": bool(log.correct[at, column])}
        for at in range(len(log.query))
        for column, prompt in enumerate(log.prompts)
    ]
    RewardModel.fit(pd.DataFrame(rows), log.prompts).predict(["Two pens."], log.prompts)
    ranked = len(threads)
    training.fit(log, reward, fold)
    assert 0 < ranked < len(threads)
    assert set(threads) == {1}
