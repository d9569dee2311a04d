"""A large log takes little more memory than its queries, and teaches what a small one does."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from own_log import own_log, write_log

from core.logs import own
from core.logs.checks import Limits
from core.logs.read import FileLimits
from core.reward import RewardModel, blocks, features

FORMATS = ("log.parquet", "log.csv", "log.jsonl")


def _long_texts(rows: int) -> pd.DataFrame:
    """A log in which a few long texts stand in many rows."""
    number = np.arange(rows)
    return pd.DataFrame(
        {
            "query_id": number // 4,
            "query": [
                f"{'A long story. ' * 300}How many are {one // 4 % 50} pens?" for one in number
            ],
            "prompt": [f"{'Be careful. ' * 100}Way {one % 4}:" for one in number],
            "correct": number % 3 == 0,
        }
    )


@pytest.mark.parametrize("name", FORMATS)
def test_a_text_that_stands_in_many_rows_takes_its_memory_once(name: str, tmp_path: Path) -> None:
    rows = 8_000
    table, _ = own.read(write_log(_long_texts(rows), tmp_path / name))
    once = sum(len(text) for text in table["query"].unique())
    assert len(table) == rows
    assert table.memory_usage(deep=True).sum() < once + 150 * rows


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_says_how_many_rows_were_read(name: str, tmp_path: Path) -> None:
    told: list[int] = []
    log = write_log(own_log(4_200), tmp_path / name)
    own.inspect(log, Limits(FileLimits(on_rows=told.append)))
    assert told[:2] == [8_192, 16_384]


def test_a_log_that_is_learned_from_in_parts_teaches_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, prompts = own.read(write_log(own_log(300), tmp_path / "log.csv"))
    queries = table["query"].unique().tolist()
    whole = RewardModel.fit(table, prompts).predict(queries).probability
    monkeypatch.setattr(blocks, "MOST", 64)
    apart = RewardModel.fit(table, prompts).predict(queries).probability
    np.testing.assert_allclose(apart, whole, atol=1e-6)


def test_words_learned_from_some_of_very_many_queries_do_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, prompts = own.read(write_log(own_log(600), tmp_path / "log.csv"))
    queries = table["query"].unique().tolist()
    monkeypatch.setattr(features, "_MOST_TEXTS", 200)
    chances = RewardModel.fit(table, prompts).predict(queries).probability
    asked_in_all = np.array(["in all" in query or "left" in query for query in queries])
    chosen = chances.argmax(axis=1) % 2
    assert (chosen[asked_in_all] == 0).mean() > 0.95
    assert (chosen[~asked_in_all] == 1).mean() > 0.95


@pytest.mark.parametrize("labels", [True, False])
def test_what_is_learned_from_labels_needs_no_answers_where_there_are_labels(
    labels: bool, tmp_path: Path
) -> None:
    table = own_log(80).assign(gold=4)
    log = write_log(table if labels else table.drop(columns="correct"), tmp_path / "log.jsonl")
    read, _ = own.read(log, reading=own.Reading(answers=False))
    assert read["answer"].notna().any() != labels
    assert read["correct"].tolist() == own.read(log)[0]["correct"].tolist()
