"""Boosters fitted on a Dask cluster: as good as those of one machine, and clear where it fails."""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from own_log import own_log, write_log
from typer.testing import CliRunner

from core.cli import app
from core.logs import own
from core.reward import RewardModel, cluster, storage

distributed = pytest.importorskip("distributed", reason="install dask distributed")

QUERIES = 700


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster of two processes on this machine."""
    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": ":0"}
    with distributed.LocalCluster(processes=True, **options) as started:
        yield started.scheduler_address


@pytest.fixture
def without_workers() -> Iterator[str]:
    """A cluster nobody works in."""
    with distributed.LocalCluster(n_workers=0, dashboard_address=":0") as started:
        yield started.scheduler_address


def _log_loss(model: RewardModel, table: pd.DataFrame) -> float:
    queries = table.drop_duplicates("query_id")["query"].tolist()
    right = table["correct"].to_numpy(dtype=float).reshape(len(queries), -1)
    chance = model.predict(queries).probability
    return -float(np.log(np.where(right > 0, chance, 1 - chance)).mean())


def test_two_workers_learn_as_well_as_one_machine(address: str, tmp_path: Path) -> None:
    log = write_log(own_log(2 * QUERIES, answers=False), tmp_path / "log.parquet")
    table, prompts = own.read(log)
    learned, held_out = table[table["query_id"] < QUERIES], table[table["query_id"] >= QUERIES]
    here = RewardModel.fit(learned, prompts)
    with cluster.cluster(address) as fit:
        there = RewardModel.fit(learned, prompts, fit_booster=fit)
    assert all("[num_machines: 2]" in one.model_to_string() for one in there.means.boosters)
    guess = learned["correct"].mean()
    knows_nothing = -float(guess * np.log(guess) + (1 - guess) * np.log(1 - guess))
    assert _log_loss(there, held_out) < knows_nothing - 0.05
    assert abs(_log_loss(there, held_out) - _log_loss(here, held_out)) < 0.01


def test_the_file_that_a_cluster_trained_is_read_and_names_no_worker(
    address: str, tmp_path: Path
) -> None:
    log = write_log(own_log(answers=False), tmp_path / "log.csv")
    model = tmp_path / "m.zip"
    shown = CliRunner().invoke(app, ["train", str(model), "--log", str(log), "--dask", address])
    assert shown.exit_code == 0, shown.output
    fitted = storage.load(model)
    assert fitted.means.boosters
    assert "127.0.0.1" not in "".join(one.model_to_string() for one in fitted.means.boosters)


def _refused(tmp_path: Path, *given: str) -> str:
    log = write_log(own_log(40, answers=False), tmp_path / "log.csv")
    command = ["train", str(tmp_path / "m.zip"), "--log", str(log), *given]
    return str(CliRunner().invoke(app, command).exception)


@pytest.mark.parametrize("wrong", ["tcp://127.0.0.1:1", "somewhere"])
def test_an_address_where_nobody_answers_is_named(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "_SECONDS", 0.2)
    assert f"No Dask scheduler answers at {wrong!r}" in _refused(tmp_path, "--dask", wrong)


def test_a_cluster_without_a_worker_is_refused(without_workers: str, tmp_path: Path) -> None:
    said = _refused(tmp_path, "--dask", without_workers)
    assert f"{without_workers!r} has no worker" in said


def test_a_missing_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install dask distributed" in _refused(tmp_path, "--dask", "tcp://127.0.0.1:1")


def test_a_cluster_learns_from_a_log_of_ones_own_alone(tmp_path: Path) -> None:
    command = ["train", str(tmp_path / "m.zip"), "--dask", "tcp://127.0.0.1:1"]
    assert "--log names it" in str(CliRunner().invoke(app, command).exception)
