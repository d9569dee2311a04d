"""Your logs: check a log of one's own, train a reward model on it, use it in Ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from core.errors import DataError, PromptOIRLError
from core.own_logs import UPLOAD_LIMITS, Inspection, inspect
from core.own_training import OwnLog, check_learnable
from demo.common import hidden, shows_errors
from demo.figures import accuracy_against_cost
from demo.logs_job import Job, Stage, Trained
from demo.logs_results import caption_html, prompts_html, results_html
from demo.logs_view import (
    INTRODUCTION,
    NOTHING,
    PRIVACY,
    checked_html,
    checking_html,
    columns_html,
    progress_html,
    refused_html,
    said_html,
)

UPLOAD_BYTES = int(UPLOAD_LIMITS.file.megabytes * 1_000_000)
"""What the server takes of a file before it stops reading."""
KEPT = 4 * 3600
"""Seconds for which a log and its model are kept while nothing is done with them."""
_QUEUE = {"concurrency_id": "training", "concurrency_limit": 1}
"""A training takes all cores, so there is one at a time; the others wait their turn."""
_CHECKS = {"concurrency_id": "checking", "concurrency_limit": 2}
_WAITING = "Waiting for its turn: one model is trained at a time."
Updates = dict[Any, Any]


@dataclass(frozen=True)
class Checked:
    """A sound log under its file's name."""

    name: str
    found: Inspection


@dataclass(frozen=True)
class Parts:
    """The components that events change."""

    upload: gr.File
    checks: gr.HTML
    train: gr.Button
    stop: gr.Button
    delete: gr.Button
    progress: gr.HTML
    result: gr.Column
    figures: gr.HTML
    plot: gr.Plot
    caption: gr.HTML
    prompts: gr.HTML
    download: gr.DownloadButton
    use: gr.Button
    unuse: gr.Button
    used: gr.HTML
    checked: gr.State
    job: gr.State
    trained: gr.State


def build(own_log: gr.State) -> None:
    """Lay out the tab inside the current Blocks.

    Args:
        own_log: Where the log that Ask uses is put, an ``OwnLog`` or None.
    """
    parts = _lay_out()
    every = [getattr(parts, name) for name in Parts.__dataclass_fields__]
    parts.upload.upload(
        partial(check, parts),
        [parts.upload, parts.job, parts.trained],
        every,
        show_progress="hidden",
        **_CHECKS,
        **hidden("Check a log"),
    )
    parts.train.click(
        lambda: {
            parts.progress: progress_html(Stage(_WAITING, 0)),
            parts.train: gr.update(interactive=False),
            parts.used: NOTHING,
        },
        None,
        [parts.progress, parts.train, parts.used],
        queue=False,
        show_progress="hidden",
        **hidden("Wait for training"),
    ).then(
        partial(train, parts),
        [parts.checked, parts.trained],
        every,
        show_progress="hidden",
        **_QUEUE,
        **hidden("Train a reward model"),
    )
    parts.stop.click(stop, parts.job, None, queue=False, **hidden("Stop training"))
    parts.use.click(
        partial(use, parts, own_log),
        parts.trained,
        [own_log, parts.used, parts.unuse],
        **hidden("Use the log in Ask"),
    )
    parts.unuse.click(
        lambda: {
            own_log: None,
            parts.used: said_html("Ask uses the models that come with the project again."),
            parts.unuse: gr.update(visible=False),
        },
        None,
        [own_log, parts.used, parts.unuse],
        **hidden("Stop using the log in Ask"),
    )
    parts.delete.click(
        partial(delete, parts, own_log),
        [parts.job, parts.trained],
        [*every, own_log],
        queue=False,
        **hidden("Delete the log"),
    )


def _lay_out() -> Parts:
    # States are deleted with the session; what they point to goes with them.
    checked = gr.State(None, time_to_live=KEPT)
    job = gr.State(None, time_to_live=KEPT, delete_callback=stop)
    trained = gr.State(None, time_to_live=KEPT, delete_callback=_delete_model)
    gr.HTML(INTRODUCTION)
    with gr.Row(elem_classes="own-log-start"):
        with gr.Column(scale=5, min_width=300):
            upload = gr.File(
                label="Your log: CSV, JSONL or Parquet",
                file_types=[".csv", ".jsonl", ".parquet"],
                height=170,
                elem_classes="upload-log",
            )
            gr.HTML(PRIVACY)
        with gr.Column(scale=6, min_width=300):
            gr.HTML(columns_html())
    checks = gr.HTML(NOTHING)
    with gr.Row(elem_classes="actions"):
        train_button = gr.Button(
            "Train a reward model", variant="primary", interactive=False, scale=4
        )
        stop_button = gr.Button("Stop training", interactive=False, scale=1)
        delete_button = gr.Button("Delete my log", interactive=False, scale=1)
    progress = gr.HTML(NOTHING)
    with gr.Column(visible=False) as result:
        figures = gr.HTML(NOTHING)
        plot = gr.Plot(show_label=False, elem_classes="figure")
        caption, prompts = gr.HTML(NOTHING), gr.HTML(NOTHING)
        with gr.Row(elem_classes="actions"):
            use_button = gr.Button("Use it in Ask", variant="primary")
            download = gr.DownloadButton("Download the model")
    used = gr.HTML(NOTHING)
    unuse = gr.Button("Stop using it in Ask", size="sm", visible=False, elem_classes="stop-using")
    return Parts(
        upload,
        checks,
        train_button,
        stop_button,
        delete_button,
        progress,
        result,
        figures,
        plot,
        caption,
        prompts,
        download,
        use_button,
        unuse,
        used,
        checked,
        job,
        trained,
    )


@shows_errors
def check(
    parts: Parts, path: str | None, job: Job | None, trained: Trained | None
) -> Iterator[Updates]:
    """Look at every row of an uploaded file and delete it; what was there before is forgotten."""
    stop(job)
    _delete_model(trained)
    if path is None or not Path(path).is_file():
        raise DataError("The file did not arrive; choose it again.")
    name = Path(path).name
    yield _empty(parts) | {parts.checks: checking_html(name)}
    hindrance = ""
    try:
        found = inspect(Path(path))
        if found.table is not None:
            hindrance = _hindrance(found)
    except PromptOIRLError as problem:
        yield {parts.checks: refused_html(name, str(problem)), parts.upload: None}
        return
    finally:
        _delete_upload(Path(path))
    sound = found.table is not None and not hindrance
    yield {
        parts.checks: checked_html(name, found, hindrance),
        parts.upload: None,
        parts.checked: Checked(name, found) if sound else None,
        parts.train: gr.update(interactive=sound),
        parts.delete: gr.update(interactive=sound),
    }


def _hindrance(found: Inspection) -> str:
    """Why nothing can be learned from sound rows; empty when it can."""
    try:
        check_learnable(found.table, found.prompts)
    except DataError as problem:
        return str(problem)
    return ""


@shows_errors
def train(parts: Parts, checked: Checked | None, before: Trained | None) -> Iterator[Updates]:
    """Train on a checked log and show where it stands, at last what was learned."""
    if checked is None:
        yield {parts.progress: NOTHING}
        raise DataError("There is no log to train on any more; upload it again.")
    _delete_model(before)
    job, learned = Job(), None
    yield {
        parts.job: job,
        parts.trained: None,
        parts.result: gr.update(visible=False),
        parts.stop: gr.update(interactive=True),
    }
    idle = {
        parts.progress: NOTHING,
        parts.train: gr.update(interactive=True),
        parts.stop: gr.update(interactive=False),
    }
    try:
        for event in job.run(checked.found, checked.name):
            if isinstance(event, Stage):
                yield {parts.progress: progress_html(event)}
            else:
                learned = event
    except PromptOIRLError:
        yield idle
        raise
    if learned is None:
        yield idle | {parts.progress: said_html("Training was stopped.")}
    else:
        yield idle | _learned(parts, learned)


def _learned(parts: Parts, log: OwnLog) -> Updates:
    trained = Trained.of(log, Path(parts.download.GRADIO_CACHE))
    known = not log.frontier.empty
    return {
        parts.trained: trained,
        parts.result: gr.update(visible=True),
        parts.figures: results_html(log),
        parts.plot: gr.update(
            value=accuracy_against_cost(log.frontier) if known else None, visible=known
        ),
        parts.caption: caption_html(log),
        parts.prompts: prompts_html(log),
        parts.download: gr.update(value=str(trained.model)),
    }


def stop(job: Job | None) -> None:
    """Stop a training if there is one."""
    if job is not None:
        job.stop()


@shows_errors
def use(parts: Parts, own_log: gr.State, trained: Trained | None) -> Updates:
    """Let Ask use what was learned."""
    if trained is None:
        raise DataError("There is no trained log any more; upload it again.")
    log = trained.log
    return {
        own_log: log,
        parts.used: said_html(
            f"Ask now ranks the {len(log.prompts)} prompts of {log.name}, in this session alone."
        ),
        parts.unuse: gr.update(visible=True),
    }


def delete(parts: Parts, own_log: gr.State, job: Job | None, trained: Trained | None) -> Updates:
    """Forget a log and everything that was made from it."""
    stop(job)
    _delete_model(trained)
    return _empty(parts) | {
        parts.used: said_html("The log and its model are deleted."),
        parts.unuse: gr.update(visible=False),
        own_log: None,
    }


def _empty(parts: Parts) -> Updates:
    """The tab without a log."""
    return {
        parts.checks: NOTHING,
        parts.checked: None,
        parts.job: None,
        parts.trained: None,
        parts.train: gr.update(interactive=False),
        parts.stop: gr.update(interactive=False),
        parts.delete: gr.update(interactive=False),
        parts.progress: NOTHING,
        parts.result: gr.update(visible=False),
    }


def _delete_model(trained: Trained | None) -> None:
    if trained is not None:
        trained.delete()


def _delete_upload(path: Path) -> None:
    path.unlink(missing_ok=True)
    # Gradio gives each file a folder of its own.
    if not any(path.parent.iterdir()):
        path.parent.rmdir()
