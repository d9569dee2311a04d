"""The events of the tab of own logs without a browser: what is deleted, what is said."""

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import gradio as gr
import pandas as pd
import pytest
from own_log import own_log

from core.asking.own_log import FITS, Hooks, OwnLog, learn
from core.logs.own import inspect
from core.reward import storage
from demo.own_logs import job as logs_job
from demo.own_logs import kept as logs_kept
from demo.own_logs import tab as logs_tab
from demo.own_logs.check_view import checked_html, refused_html, template_csv
from demo.own_logs.job import WAITING, Stage
from demo.own_logs.kept import KeptLog
from demo.own_logs.result_view import caption_html, prompts_html, results_html
from demo.own_logs.tab import Parts

SCRIPT = "<img src=x onerror=alert(1)>"
USED = gr.State(None)
PATIENCE = 30
"""Seconds after which something that ought to happen is given up."""


@pytest.fixture(scope="module")
def parts() -> Iterator[Parts]:
    with gr.Blocks():
        yield logs_tab.lay_out()


@pytest.fixture(autouse=True)
def _served(parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Models are saved for this test alone."""
    monkeypatch.setattr(parts.download, "GRADIO_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def keep(tmp_path: Path) -> Iterator[Callable[..., KeptLog]]:
    """Make logs that are forgotten in the end."""
    kept = []

    def make(name: str = "log.csv", rows: pd.DataFrame | None = None) -> KeptLog:
        path = tmp_path / name
        (own_log(30) if rows is None else rows).to_csv(path, index=False)
        kept.append(KeptLog(name, inspect(path)))
        return kept[-1]

    yield make
    for log in kept:
        log.forget()


class Fit:
    """A fit that goes on until the test ends it, whoever stopped its training."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun, self.now, self.most = threading.Semaphore(0), 0, 0
        self._end = threading.Semaphore(0)
        monkeypatch.setattr(logs_job, "learn", self)

    def __call__(self, *args: object) -> OwnLog:
        self.now += 1
        self.most = max(self.most, self.now)
        self.begun.release()
        self._end.acquire(timeout=PATIENCE)
        self.now -= 1
        return learn(*args[:3])

    def end(self) -> None:
        self._end.release()


@pytest.fixture
def fit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fit]:
    made = Fit(monkeypatch)
    yield made
    for _ in range(9):
        made.end()
    assert logs_job._TURN.acquire(timeout=PATIENCE)
    logs_job._TURN.release()


def _shown(updates: list[dict], part: gr.components.Component) -> object:
    """What a component shows after these updates."""
    return next((step[part] for step in reversed(updates) if part in step), None)


@pytest.fixture
def upload(tmp_path: Path) -> Path:
    """A file where Gradio would have put it: in a folder of its own."""
    path = tmp_path / "cache" / "hash" / "log.csv"
    path.parent.mkdir(parents=True)
    return path


@pytest.mark.parametrize("content", ["[1", "PK\x03\x04", '{"a":\n{"b":'])
def test_an_upload_without_columns_is_deleted_at_once(
    parts: Parts, upload: Path, content: str
) -> None:
    upload.write_text(content)
    said = list(logs_tab.check(parts, USED, [str(upload)], None, None))
    assert not upload.parent.exists()
    # The box is empty again, so that nothing on the page points to the file.
    assert _shown(said, parts.upload) is None
    assert _shown(said, parts.file) is None
    assert not _shown(said, parts.menus.fold)["visible"]


@pytest.mark.parametrize("content", [own_log(30).to_csv(index=False), "query,other\nHow?,1\n"])
@pytest.mark.parametrize("end", ["train", "delete", "check", "leave"])
def test_an_upload_with_columns_is_kept_until_they_are_settled(
    parts: Parts, upload: Path, content: str, end: str
) -> None:
    upload.write_text(content)
    said = list(logs_tab.check(parts, USED, [str(upload)], None, None))
    assert said[-1][parts.upload] is None
    assert said[-1][parts.delete]["interactive"]
    assert said[-1][parts.menus.fold]["visible"]
    log, file = said[-1].get(parts.log), said[-1][parts.file]
    assert not upload.parent.exists()
    kept = file.paths[0]
    assert kept.read_text() == content
    if end == "train":
        assert logs_tab.begin(parts, file)[parts.file] is None
    elif end == "delete":
        assert not logs_tab.delete(parts, USED, log, file)[parts.menus.fold]["visible"]
    elif end == "check":
        upload.parent.mkdir()
        upload.write_text("query\n")
        list(logs_tab.check(parts, USED, [str(upload)], log, file))
    del said, file
    gc.collect()
    assert not kept.exists()
    if log is not None:
        log.forget()


def test_a_wide_table_of_scores_needs_nothing_but_where_right_begins(
    parts: Parts, upload: Path
) -> None:
    wide = own_log(60).pivot_table(index="query", columns="prompt", values="correct") * 0.9
    wide.reset_index().rename(columns={"query": "prompt"}).to_csv(upload, index=False)
    *_, refused = logs_tab.check(parts, USED, [str(upload)], None, None)
    assert "scores such as 0.9" in refused[parts.checks]
    seen = _menus(refused, parts)
    assert (seen["query"], seen["prompt"]) == ("prompt", [*wide.columns])
    file = refused[parts.file]
    *_, found = logs_tab.check_again(parts, USED, None, file, *seen.values(), "0.5")
    assert "Every row is sound" in found[parts.checks]
    found[parts.log].forget()
    file.delete()


def _menus(updates: dict, parts: Parts) -> dict[str, object]:
    """What the menus show."""
    names = ("query", "prompt", "correct", "answer", "gold")
    return {name: updates[getattr(parts.menus, name)]["value"] for name in names}


def test_menus_show_what_was_recognised_and_read_the_file_anew(parts: Parts, upload: Path) -> None:
    rows = own_log(30).rename(columns={"query": "Frage", "correct": "is_correct"})
    rows.assign(score=0.5).to_csv(upload, index=False)
    *_, refused = logs_tab.check(parts, USED, [str(upload)], None, None)
    assert "lacks the column &#39;query&#39;" in refused[parts.checks]
    assert refused[parts.menus.fold]["open"]
    choices = [("none", ""), *((name, name) for name in (*rows.columns, "score"))]
    assert refused[parts.menus.query]["choices"] == choices
    seen = {"prompt": ["prompt"], "correct": "is_correct", "answer": "answer", "gold": ""}
    assert _menus(refused, parts) == seen | {"query": ""}
    file = refused[parts.file]
    chosen = ("Frage", ["prompt"], "is_correct", "answer", "", "")
    *_, sound = logs_tab.check_again(parts, USED, None, file, *chosen)
    assert "Every row is sound" in sound[parts.checks]
    assert not sound[parts.menus.fold]["open"]
    assert _menus(sound, parts) == seen | {"query": "Frage"}
    chosen = ("Frage", ["prompt"], "score", "", "", "")
    *_, scored = logs_tab.check_again(parts, USED, sound[parts.log], file, *chosen)
    assert "scores such as 0.5" in scored[parts.checks]
    assert sound[parts.log].found is None
    assert parts.menus.query not in scored
    *_, alike = logs_tab.check_again(parts, USED, None, file, *chosen[:-1], " 0.7 ")
    assert "Every answer in the log is wrong" in alike[parts.checks]
    for typed in ("half", "nan"):
        with pytest.raises(
            gr.Error, match=f"Right from a score of &#x27;{typed}&#x27;: it must be"
        ):
            list(logs_tab.check_again(parts, USED, None, file, *chosen[:-1], typed))
    file.delete()
    with pytest.raises(gr.Error, match="here no longer; upload it again"):
        list(logs_tab.check_again(parts, USED, None, file, *chosen))


def test_menus_name_prompts_of_a_wide_table(parts: Parts, upload: Path) -> None:
    wide = own_log(60).pivot_table(index="query", columns="prompt", values="correct")
    wide.astype(int).assign(extra=0).reset_index().to_csv(upload, index=False)
    *_, found = logs_tab.check(parts, USED, [str(upload)], None, None)
    assert "5 columns are prompts: &#39;Prompt 0, think:&#39;" in found[parts.checks]
    assert _menus(found, parts)["prompt"] == [*wide.columns, "extra"]
    chosen = ("query", list(wide.columns), "", "", "", "")
    *_, fewer = logs_tab.check_again(parts, USED, found[parts.log], found[parts.file], *chosen)
    assert "4 columns are prompts" in fewer[parts.checks]
    assert "not read: &#39;extra&#39;" in fewer[parts.checks]
    *_, llms = logs_tab.check_again(parts, USED, fewer[parts.log], fewer[parts.file], *chosen, True)
    assert "4 columns are LLMs" in llms[parts.checks]
    assert llms[parts.log].found.llms == tuple(wide.columns)
    llms[parts.log].forget()
    llms[parts.file].delete()


def test_several_files_are_one_log_of_a_prompt_each(parts: Parts, tmp_path: Path) -> None:
    rows = own_log(60)
    paths = []
    for number, (_, part) in enumerate(rows.groupby("prompt", sort=False)):
        folder = tmp_path / f"upload-{number}"
        folder.mkdir()
        paths.append(folder / f"prompt-{number}.csv")
        part.drop(columns="prompt").to_csv(paths[-1], index=False)
    *_, last = logs_tab.check(parts, USED, [str(path) for path in paths], None, None)
    assert f"{len(paths)} files, prompt-0.csv" in last[parts.checks]
    assert last[parts.train]["interactive"]
    found = last[parts.log].found
    assert (found.rows, len(found.prompts)) == (len(rows), len(paths))
    last[parts.file].delete()
    assert not any(path.exists() for path in paths)


def test_a_problem_in_one_of_several_files_is_named_with_its_file(
    parts: Parts, tmp_path: Path
) -> None:
    paths = [tmp_path / "good.csv", tmp_path / "bad.csv"]
    paths[0].write_text("query,correct\n1 + 1?,1\n")
    paths[1].write_text("query,correct\n1 + 1?,perhaps\n")
    *_, last = logs_tab.check(parts, USED, [str(path) for path in paths], None, None)
    assert "bad.csv: Row 1: correct is &#39;perhaps&#39;" in last[parts.checks]


def test_a_file_that_did_not_arrive_is_explained(parts: Parts, upload: Path) -> None:
    with pytest.raises(gr.Error, match="choose it again"):
        list(logs_tab.check(parts, USED, [str(upload)], None, None))


def test_the_same_file_can_be_uploaded_again_and_by_another_visitor(
    parts: Parts, upload: Path
) -> None:
    found = []
    for _ in range(2):
        # Gradio puts equal files into one place.
        upload.parent.mkdir(exist_ok=True)
        upload.write_text(own_log(30).to_csv(index=False))
        found += [list(logs_tab.check(parts, USED, [str(upload)], None, None))[-1]]
    first, second = found
    logs_tab.delete(parts, USED, first[parts.log], first[parts.file])
    assert second[parts.file].there
    logs_tab.delete(parts, USED, second[parts.log], second[parts.file])


def test_another_upload_stops_the_training_and_forgets_the_log_everywhere(
    parts: Parts, upload: Path, keep: Callable[..., KeptLog]
) -> None:
    upload.write_text("query\n")
    log = keep()
    list(logs_tab.train(parts, log))
    model, job = log.trained.model, log.train()
    said = list(logs_tab.check(parts, USED, [str(upload)], log, None))
    assert job.stopped
    assert not model.parent.exists()
    assert log.found is None
    assert _shown(said, USED) is None
    assert any(USED in step for step in said)


def test_training_ends_with_a_model_in_a_folder_of_its_own(
    parts: Parts, keep: Callable[..., KeptLog]
) -> None:
    rows = own_log(30).assign(prompt=lambda rows: rows["prompt"] + SCRIPT)
    log = keep(f"{SCRIPT}.csv", rows)
    list(logs_tab.train(parts, log))
    trained = log.trained
    assert trained.model.name == "-img-src-x-onerror-alert-1---reward-model.zip"
    assert storage.load(trained.model).prompts == trained.log.prompts
    for html in (
        results_html(trained.log),
        caption_html(trained.log),
        prompts_html(trained.log),
        logs_tab.use(parts, USED, log)[parts.used],
    ):
        assert "<img" not in html


def test_deleting_clears_page_file_and_memory(parts: Parts, keep: Callable[..., KeptLog]) -> None:
    log = keep()
    list(logs_tab.train(parts, log))
    model = log.trained.model
    assert str(model) in parts.download.keep_in_cache
    said = logs_tab.delete(parts, USED, log, None)
    assert not model.parent.exists()
    assert str(model) not in parts.download.keep_in_cache
    for part in (parts.figures, parts.plot, parts.caption, parts.prompts, parts.download):
        assert said[part] in (None, "")
    assert (log.found, log.trained) == (None, None)


def test_a_model_goes_with_a_session_that_nobody_deletes(
    parts: Parts, keep: Callable[..., KeptLog], tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    own_log(30).to_csv(path, index=False)
    log = KeptLog("log.csv", inspect(path))
    list(logs_tab.train(parts, log))
    model = log.trained.model
    del log
    gc.collect()
    assert not model.exists()


def test_a_stopped_training_ends_at_once_and_says_so(
    parts: Parts, keep: Callable[..., KeptLog], fit: Fit
) -> None:
    log = keep()
    updates = logs_tab.train(parts, log)
    next(updates)
    logs_tab.stop(log)
    (last,) = updates
    assert "Training was stopped" in last[parts.progress]


def test_a_training_waits_until_the_fit_of_a_stopped_one_has_ended(
    parts: Parts, keep: Callable[..., KeptLog], fit: Fit
) -> None:
    log, second = keep(), keep()
    page = threading.Thread(target=list, args=(log.train().run(log.found, log.name),))
    page.start()
    assert fit.begun.acquire(timeout=PATIENCE)
    log.stop()
    page.join(PATIENCE)
    assert not page.is_alive()
    events = second.train().run(second.found, second.name)
    assert next(events) == Stage(WAITING, 0, FITS)
    fit.end()
    assert fit.begun.acquire(timeout=PATIENCE)
    fit.end()
    assert isinstance(list(events)[-1], OwnLog)
    assert fit.most == 1


def test_a_training_that_takes_too_long_is_stopped_and_says_so(
    parts: Parts, keep: Callable[..., KeptLog], fit: Fit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs_job, "MOST_MINUTES", 0)
    with pytest.raises(gr.Error, match="took longer than 0 minutes and was stopped"):
        list(logs_tab.train(parts, keep()))


@pytest.mark.parametrize("event", ["delete", "check"])
def test_what_is_forgotten_during_training_does_not_come_back(
    parts: Parts, keep: Callable[..., KeptLog], fit: Fit, upload: Path, event: str
) -> None:
    log = keep()
    updates = logs_tab.train(parts, log)
    next(updates)
    if event == "delete":
        logs_tab.delete(parts, USED, log, None)
    else:
        upload.write_text("query\n")
        list(logs_tab.check(parts, USED, [str(upload)], log, None))
    assert list(updates) == []


def test_a_log_deleted_as_its_results_appear_is_cleared_once_more(
    parts: Parts, keep: Callable[..., KeptLog]
) -> None:
    log = keep()
    updates = logs_tab.train(parts, log)
    shown = next(step for step in updates if step.get(parts.figures))
    assert shown[parts.figures]
    logs_tab.delete(parts, USED, log, None)
    assert _shown(list(updates), parts.figures) == ""


def test_a_log_deleted_after_the_last_stage_is_not_kept(
    parts: Parts, keep: Callable[..., KeptLog], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = keep()

    def forgotten_meanwhile(*args: object) -> OwnLog:
        # It is forgotten too late for the learning to notice.
        learned = learn(*args[:3])
        log.forget()
        return learned

    monkeypatch.setattr(logs_job, "learn", forgotten_meanwhile)
    said = list(logs_tab.train(parts, log))
    assert not _shown(said, parts.figures)
    assert log.trained is None
    assert not list((tmp_path / "cache").glob("*"))


def test_an_unforeseen_fault_is_raised_and_the_button_works_again(
    parts: Parts, keep: Callable[..., KeptLog], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(found: object, prompts: object, name: str, hooks: Hooks) -> None:
        hooks.begin("Fitting", 1)
        raise ZeroDivisionError

    monkeypatch.setattr(logs_job, "learn", broken)
    said = []

    def collect() -> None:
        for step in logs_tab.train(parts, keep()):
            said.append(step)

    with pytest.raises(gr.Error, match="Something went wrong") as shown:
        collect()
    assert isinstance(shown.value.__cause__, ZeroDivisionError)
    assert _shown(said, parts.train)["interactive"]
    assert _shown(said, parts.progress) == ""


@pytest.mark.parametrize("name", ["MOST_LOGS", "MOST_BYTES"])
def test_a_log_more_than_there_is_room_for_is_refused_until_one_is_deleted(
    parts: Parts,
    upload: Path,
    keep: Callable[..., KeptLog],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    first, _ = keep(), keep()
    monkeypatch.setattr(logs_kept, name, 2 if name == "MOST_LOGS" else int(2.5 * first.bytes_held))
    content = own_log(30).to_csv(index=False)
    upload.write_text(content)
    said = list(logs_tab.check(parts, USED, [str(upload)], None, None))
    assert "Try again later" in said[-1][parts.checks]
    assert not upload.parent.exists()
    first.forget()
    upload.parent.mkdir()
    upload.write_text(content)
    (*_, last) = logs_tab.check(parts, USED, [str(upload)], None, None)
    assert last[parts.train]["interactive"]
    last[parts.log].forget()


def test_checks_escape_names_and_cells(tmp_path: Path) -> None:
    path = tmp_path / f"{SCRIPT}.csv"
    rows = own_log(20).astype(object)
    rows.loc[2, "correct"] = SCRIPT
    rows.loc[3, "correct"] = "=1+1"
    rows.to_csv(path, index=False)
    wide = tmp_path / "wide.csv"
    wide.write_text(f"question,{SCRIPT},b\nHow?,1,0\n")
    assert "<img" not in checked_html(wide.name, inspect(wide))
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
