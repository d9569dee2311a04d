"""A trained model that a visitor uploads: used in Ask as one that was trained here, then gone."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest
from arms_log import arms_log
from model_files import published_log, rewritten, write_model
from own_log import own_log

from core.asking.own_model import OwnModel
from core.errors import DataError
from core.policies.budget import BudgetModel
from core.policies.budget import storage as budget_storage
from demo.ask.choices import OWN, Choices, prepare
from demo.ask.controls import offer_log
from demo.own_logs import kept as logs_kept
from demo.own_logs import tab as logs_tab
from demo.own_logs.tab import Parts

SCRIPT = "<img src=x onerror=alert(1)>"
USED = gr.State(None)
QUERY = "Zoe takes 9 kites to the beach and 2 back. How many are left after that?"


@pytest.fixture(scope="module")
def parts() -> Iterator[Parts]:
    with gr.Blocks():
        yield logs_tab.lay_out()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"), published_log())


@pytest.fixture(scope="module")
def saved_without_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"), own_log(40), with_log=False)


@pytest.fixture
def upload(saved: Path, tmp_path: Path) -> Path:
    """A file where Gradio would have put it: in a folder of its own."""
    folder = tmp_path / "cache" / "hash"
    folder.mkdir(parents=True)
    return Path(shutil.copy(saved, folder))


def _checked(parts: Parts, *paths: Path) -> dict:
    """What the tab shows after an upload, the last of each part."""
    shown: dict = {}
    for step in logs_tab.check(parts, USED, [str(path) for path in paths], None, None):
        shown |= step
    return shown


def _used(parts: Parts, shown: dict) -> OwnModel:
    return logs_tab.use(parts, USED, shown[parts.log])[USED]


def _choices(model: OwnModel, policy: str = "best-of-n") -> Choices:
    ids = [prompt.id for prompt in model.prompts]
    return Choices("embedded", "", QUERY, None, policy, 2, ids, None, OWN)


def test_ask_ranks_the_prompts_of_an_uploaded_model(parts: Parts, upload: Path) -> None:
    shown = _checked(parts, upload)
    assert "480" in shown[parts.checks]
    assert "The log is not in it" in shown[parts.checks]
    assert "Let&#39;s think step by step:" in shown[parts.prompts]
    model = _used(parts, shown)
    scores, prompts, policy = offer_log(model)
    assert ("your model, mine.zip", OWN) in scores["choices"]
    assert (len(prompts["value"]), policy) == (8, "best-of-n")
    ready = prepare(_choices(model), model)
    assert ready.ranking.prompts == model.prompts
    assert "the reward model in mine.zip" in ready.note
    best = prepare(_choices(model, "best-single"), model)
    (asked,) = best.marks
    assert best.ranking.accuracy[asked] == max(best.ranking.accuracy)
    shown[parts.log].forget()


def test_the_budgeted_policy_needs_its_file(
    parts: Parts, upload: Path, budget_model: BudgetModel
) -> None:
    budget = upload.with_name("budget.zip")
    budget_storage.save(budget_model, budget)
    shown = _checked(parts, upload, budget)
    model = _used(parts, shown)
    assert prepare(_choices(model, "budgeted"), model).policy.name == "budgeted"
    shown[parts.log].forget()
    with pytest.raises(DataError, match=r"is not in mine\.zip: upload with it the file"):
        prepare(_choices(model, "budgeted"), replace(model, budget=None))


def test_a_model_without_its_log_says_which_policy_cannot_be_had(
    parts: Parts, saved_without_log: Path, tmp_path: Path
) -> None:
    (tmp_path / "hash").mkdir()
    shown = _checked(parts, Path(shutil.copy(saved_without_log, tmp_path / "hash")))
    assert "not known" in shown[parts.prompts]
    model = _used(parts, shown)
    assert prepare(_choices(model), model).marks
    with pytest.raises(DataError, match="does not say how often each prompt was right"):
        prepare(_choices(model, "best-single"), model)
    logs_tab.delete(parts, USED, shown[parts.log], None)


def test_a_model_that_chooses_among_llms_shows_whom_and_what_they_cost(
    parts: Parts, tmp_path: Path
) -> None:
    (tmp_path / "hash").mkdir()
    shown = _checked(parts, write_model(tmp_path / "hash", arms_log(40)))
    for cell in ("<th>LLM</th>", "<td>large</td>", "<th>$ per 1,000 calls</th>", "<td>$2.00</td>"):
        assert cell in shown[parts.prompts]
    shown[parts.log].forget()


def test_its_file_goes_at_once_and_the_model_when_it_is_deleted(parts: Parts, upload: Path) -> None:
    shown = _checked(parts, upload)
    assert not upload.parent.exists()
    assert shown[parts.upload] is None
    held = shown[parts.log]
    assert shown[parts.delete] == gr.update(value="Delete my model", interactive=True)
    gone = logs_tab.delete(parts, USED, held, None)
    assert "The model is deleted." in gone[parts.used]
    assert gone[USED] is None
    assert gone[parts.prompts] == ""
    assert gone[parts.delete]["value"] == "Delete my log"
    with pytest.raises(gr.Error, match="upload the file again"):
        logs_tab.use(parts, USED, held)


def test_another_upload_takes_its_place(parts: Parts, upload: Path, saved: Path) -> None:
    first = _checked(parts, upload)[parts.log]
    upload.parent.mkdir()
    shutil.copy(saved, upload)
    *_, last = logs_tab.check(parts, USED, [str(upload)], first, None)
    assert first.usable is None
    assert last[parts.log].usable is not None
    last[parts.log].forget()


def test_a_model_is_nothing_to_train_on(parts: Parts, upload: Path) -> None:
    shown = _checked(parts, upload)
    assert not shown[parts.train]["interactive"]
    with pytest.raises(gr.Error, match="no log to train on"):
        list(logs_tab.train(parts, shown[parts.log]))
    shown[parts.log].forget()


def test_a_refused_file_is_deleted_and_leaves_nothing(parts: Parts, upload: Path) -> None:
    upload.write_bytes(upload.read_bytes()[:3000])
    shown = _checked(parts, upload)
    assert "mine.zip holds no trained model" in shown[parts.checks]
    assert not upload.parent.exists()
    assert shown[parts.log] is None
    assert not shown[parts.result]["visible"]


def test_a_model_more_than_there_is_room_for_is_refused(
    parts: Parts, upload: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs_kept, "MOST_BYTES", 1_000)
    assert "Try again later" in _checked(parts, upload)[parts.checks]


def test_what_a_stranger_wrote_into_it_is_text(parts: Parts, upload: Path) -> None:
    def change(header: dict) -> None:
        for prompt in header["prompts"]:
            prompt.update(text=SCRIPT, label=SCRIPT, source=SCRIPT)
        header["description"].update(demonstrations=SCRIPT, queries=-1)

    rewritten(upload, change)
    named = upload.rename(upload.with_name(f"{SCRIPT}.zip"))
    shown = _checked(parts, named)
    used = logs_tab.use(parts, USED, shown[parts.log])
    for html in (shown[parts.checks], shown[parts.prompts], used[parts.used]):
        assert "&lt;img" in html
        assert "<img" not in html
    shown[parts.log].forget()
    upload.parent.mkdir()
    upload.with_name(f"{SCRIPT}.zip").write_text("PK")
    assert "<img" not in _checked(parts, upload.with_name(f"{SCRIPT}.zip"))[parts.checks]
