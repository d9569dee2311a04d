"""The events of the tab of own logs without a browser: what is deleted, what is said."""

import threading
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pandas as pd
import pytest
from own_log import own_log

from core.own_logs import inspect
from core.reward import RewardModel
from demo import logs_tab
from demo.logs_job import Job, Trained
from demo.logs_results import caption_html, prompts_html, results_html
from demo.logs_tab import Checked, Parts
from demo.logs_view import checked_html, refused_html, template_csv

SCRIPT = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def parts() -> Iterator[Parts]:
    with gr.Blocks():
        yield logs_tab._lay_out()


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    """A file where Gradio would have put it: in a folder of its own."""
    path = tmp_path / "cache" / "hash" / "log.csv"
    path.parent.mkdir(parents=True)
    return path


@pytest.mark.parametrize("content", [own_log(20).to_csv(index=False), "query\n", "a;b\n\0"])
def test_an_upload_is_deleted_whatever_is_in_it(parts: Parts, upload: Path, content: str) -> None:
    upload.write_text(content)
    said = list(logs_tab.check(parts, str(upload), None, None))
    assert not upload.parent.exists()
    # The box is empty again, so that nothing on the page points to the file.
    assert said[-1][parts.upload] is None


def test_a_file_that_did_not_arrive_is_explained(parts: Parts, upload: Path) -> None:
    with pytest.raises(gr.Error, match="choose it again"):
        list(logs_tab.check(parts, str(upload), None, None))


def test_another_upload_stops_the_training_and_deletes_the_model(
    parts: Parts, upload: Path, tmp_path: Path
) -> None:
    upload.write_text("query\n")
    model = tmp_path / "model-x" / "model.zip"
    model.parent.mkdir()
    model.write_bytes(b"x")
    job = Job()
    list(logs_tab.check(parts, str(upload), job, Trained(None, model)))
    assert job.stopped
    assert not model.parent.exists()


def test_training_ends_with_a_model_in_a_folder_of_its_own(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts.download, "GRADIO_CACHE", str(tmp_path / "cache"))
    path = tmp_path / f"{SCRIPT}.csv"
    own_log(30).assign(prompt=lambda rows: rows["prompt"] + SCRIPT).to_csv(path, index=False)
    updates = list(logs_tab.train(parts, Checked(path.name, inspect(path)), None))
    trained = updates[-1][parts.trained]
    assert trained.model.name == "-img-src-x-onerror-alert-1---reward-model.zip"
    assert RewardModel.load(trained.model).prompts == trained.log.prompts
    for html in (
        results_html(trained.log),
        caption_html(trained.log),
        prompts_html(trained.log),
        logs_tab.use(parts, gr.State(None), trained)[parts.used],
    ):
        assert "<img" not in html
    logs_tab.delete(parts, gr.State(None), None, trained)
    assert not trained.model.parent.exists()


def test_a_stopped_training_ends_at_once_and_says_so(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.csv"
    own_log(30).to_csv(path, index=False)
    going_on = threading.Event()
    monkeypatch.setattr("demo.logs_job.learn", lambda *_: going_on.wait())
    updates = logs_tab.train(parts, Checked(path.name, inspect(path)), None)
    logs_tab.stop(next(updates)[parts.job])
    (last,) = updates
    assert "Training was stopped" in last[parts.progress]
    going_on.set()


def test_checks_escape_names_and_cells(tmp_path: Path) -> None:
    path = tmp_path / f"{SCRIPT}.csv"
    rows = own_log(20).astype(object)
    rows.loc[2, "correct"] = SCRIPT
    rows.loc[3, "correct"] = "=1+1"
    rows.to_csv(path, index=False)
    html = checked_html(path.name, inspect(path))
    assert "<img" not in html
    assert "2 problems in 80" in html
    assert "=1+1" in html
    assert "<img" not in refused_html(path.name, SCRIPT)


def test_the_template_is_a_sound_log(tmp_path: Path) -> None:
    path = tmp_path / "log-template.csv"
    path.write_text(template_csv())
    found = inspect(path)
    assert (found.rows, found.problems.count, len(found.prompts)) == (6, 0, 2)
    cells = pd.read_csv(path, dtype=str).to_numpy().ravel()
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
