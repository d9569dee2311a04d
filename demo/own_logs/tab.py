"""Your logs: check a log of one's own, train a reward model on it, or bring one; use it in Ask."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import gradio as gr

from core.asking.example_log import write_example
from core.asking.own_log import FITS, OwnLog, check_learnable, offered_policy
from core.asking.own_model import OwnModel, read_model
from core.errors import DataError, PromptOIRLError
from core.logs.own import UPLOAD_LIMITS, Inspection, Reading, inspect_all, look_at_columns
from demo.common import hidden, shows_errors
from demo.figures.accuracy import accuracy_against_cost
from demo.own_logs import menus as column_menus
from demo.own_logs.check_view import (
    INTRODUCTION,
    NOTHING,
    PRIVACY,
    checked_html,
    checking_html,
    columns_html,
    model_html,
    progress_html,
    refused_html,
    said_html,
)
from demo.own_logs.job import WAITING, Stage
from demo.own_logs.kept import Kept, KeptLog, KeptModel, Trained
from demo.own_logs.menus import Menus
from demo.own_logs.result_view import axis_of, caption_html, prompts_html, results_html
from demo.own_logs.uploaded import Uploaded

UPLOAD_BYTES = int(UPLOAD_LIMITS.file.megabytes * 1_000_000)
"""What the server takes of a file before it stops reading."""
KEPT = 4 * 3600
"""Seconds for which a log and its model are kept while nothing is done with them."""
_QUEUE = {"concurrency_id": "training", "concurrency_limit": 1}
"""Of the events that train so many run at once; the others wait in the queue."""
_CHECKS = {"concurrency_id": "checking", "concurrency_limit": 2}
_DELETE_LOG, _DELETE_MODEL = "Delete my log", "Delete my model"
Updates = dict[Any, Any]


@dataclass(frozen=True)
class Parts:
    """The components that events change."""

    upload: gr.File
    example: gr.Button
    checks: gr.HTML
    menus: Menus
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
    log: gr.State
    file: gr.State

    def every(self) -> list[Any]:
        """All of them, the menus one by one."""
        others = [getattr(self, name) for name in Parts.__dataclass_fields__ if name != "menus"]
        return [*others, *self.menus.parts()]


def build(own_log: gr.State) -> None:
    """Lay out the tab inside the current Blocks.

    Args:
        own_log: Where the log or model that Ask uses is put, an ``OwnModel`` or None.
    """
    parts = lay_out()
    every = parts.every()
    parts.upload.upload(
        partial(check, parts, own_log),
        [parts.upload, parts.log, parts.file],
        [*every, own_log],
        show_progress="hidden",
        **_CHECKS,
        **hidden("Check a log"),
    )
    parts.example.click(
        partial(check_example, parts, own_log),
        [parts.log, parts.file],
        [*every, own_log],
        show_progress="hidden",
        **_CHECKS,
        **hidden("Check the example log"),
    )
    parts.menus.again.click(
        partial(check_again, parts, own_log),
        [parts.log, parts.file, *parts.menus.chosen()],
        [*every, own_log],
        show_progress="hidden",
        **_CHECKS,
        **hidden("Check a log with chosen columns"),
    )
    parts.train.click(
        partial(begin, parts),
        parts.file,
        [parts.progress, parts.train, parts.used, parts.file, parts.menus.fold],
        queue=False,
        show_progress="hidden",
        **hidden("Wait for training"),
    ).then(
        partial(train, parts),
        parts.log,
        every,
        show_progress="hidden",
        **_QUEUE,
        **hidden("Train a reward model"),
    )
    parts.stop.click(stop, parts.log, None, queue=False, **hidden("Stop training"))
    parts.use.click(
        partial(use, parts, own_log),
        parts.log,
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
        [parts.log, parts.file],
        [*every, own_log],
        queue=False,
        **hidden("Delete the log"),
    )


def lay_out() -> Parts:
    # The state is deleted with the session; what it points to goes with it.
    log = gr.State(None, time_to_live=KEPT, delete_callback=_forget)
    file = gr.State(None, time_to_live=KEPT, delete_callback=_forget_file)
    gr.HTML(INTRODUCTION)
    with gr.Row(elem_classes="own-log-start"):
        with gr.Column(scale=5, min_width=300):
            upload = gr.File(
                label="Your log, in one file or several; or a model",
                file_count="multiple",
                file_types=[
                    ".csv",
                    ".tsv",
                    ".json",
                    ".jsonl",
                    ".ndjson",
                    ".xlsx",
                    ".parquet",
                    ".eval",
                    ".gz",
                    ".zip",
                ],
                height=170,
                elem_classes="upload-log",
            )
            example = gr.Button("Try an example log", size="sm", elem_classes="small")
            gr.HTML(PRIVACY)
        with gr.Column(scale=6, min_width=300):
            gr.HTML(columns_html())
    checks = gr.HTML(NOTHING)
    menus = column_menus.lay_out()
    with gr.Row(elem_classes="actions"):
        train_button = gr.Button(
            "Train a reward model", variant="primary", interactive=False, scale=4
        )
        stop_button = gr.Button("Stop training", interactive=False, scale=1)
        delete_button = gr.Button(_DELETE_LOG, interactive=False, scale=1)
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
        example,
        checks,
        menus,
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
        log,
        file,
    )


@shows_errors
def check(
    parts: Parts,
    own_log: gr.State,
    uploaded: list[str] | None,
    before: Kept | None,
    replaced: Uploaded | None,
) -> Iterator[Updates]:
    """Look at all of uploaded files; what was there before is forgotten.

    Several files become one log, such as the results of a tool that writes a file for each prompt,
    or one model with its budgeted policy.
    """
    file = Uploaded([Path(one) for one in uploaded or ()])
    _forget(before)
    _forget_file(replaced)
    yield _empty(parts) | {parts.checks: checking_html(file.name), own_log: None}
    found = _model_in(parts, file) if file.is_model else _looked_at(parts, file, None)
    yield {parts.upload: None} | found


@shows_errors
def check_example(
    parts: Parts, own_log: gr.State, before: Kept | None, replaced: Uploaded | None
) -> Iterator[Updates]:
    """Look at the example as at an uploaded file."""
    path = write_example(Path(mkdtemp()))
    yield from check(parts, own_log, [str(path)], before, replaced)


@shows_errors
def check_again(
    parts: Parts, own_log: gr.State, before: Kept | None, file: Uploaded | None, *chosen: Any
) -> Iterator[Updates]:
    """Look at every row once more, with the columns that were chosen."""
    reading = column_menus.reading(*chosen)
    _forget(before)
    if file is None or not file.there:
        yield _empty(parts) | {own_log: None}
        raise DataError("The file is here no longer; upload it again.")
    yield _no_log(parts) | {parts.checks: checking_html(file.name), own_log: None}
    yield _looked_at(parts, file, reading)


def _model_in(parts: Parts, file: Uploaded) -> Updates:
    """What a model knows, or why its files were refused; they are of no further use."""
    try:
        model = read_model(file.paths)
        kept = KeptModel(model)
    except PromptOIRLError as problem:
        return {parts.checks: refused_html(file.name, str(problem))}
    finally:
        file.delete()
    return {
        parts.checks: model_html(model),
        parts.log: kept,
        parts.delete: gr.update(value=_DELETE_MODEL, interactive=True),
        parts.result: gr.update(visible=True),
        # Of the log, which is not there; empty they would leave a gap.
        **dict.fromkeys((parts.figures, parts.plot, parts.caption), gr.update(visible=False)),
        parts.prompts: prompts_html(model),
        parts.download: gr.update(value=None, visible=False),
    }


def _looked_at(parts: Parts, file: Uploaded, reading: Reading | None) -> Updates:
    """What files hold, or why they were refused, and their columns with either."""
    try:
        found = inspect_all(file.paths, reading=reading)
    except PromptOIRLError as problem:
        refused = {parts.checks: refused_html(file.name, str(problem))}
        # What was chosen stays chosen.
        return refused | (_columns_alone(parts, file) if reading is None else {})
    hindrance = "" if found.table is None else _hindrance(found)
    try:
        sound = found.table is not None and not hindrance
        log = KeptLog(file.name, found) if sound else None
    except DataError as full:
        file.delete()
        return _empty(parts) | {parts.checks: refused_html(file.name, str(full))}
    return {
        parts.checks: checked_html(file.name, found, hindrance),
        parts.log: log,
        parts.train: gr.update(interactive=sound),
        **_with_menus(parts, file, found, sound),
    }


def _columns_alone(parts: Parts, file: Uploaded) -> Updates:
    """The menus of files that are no log as they were read."""
    try:
        found = look_at_columns(file.paths[0])
    except DataError:
        file.delete()
        return {}
    return _with_menus(parts, file, found, False)


def _with_menus(parts: Parts, file: Uploaded, found: Inspection, sound: bool) -> Updates:
    """The menus, with the files for as long as they are of use; without columns neither."""
    if not found.columns:
        file.delete()
        return {}
    return {
        parts.file: file,
        parts.delete: gr.update(interactive=True),
        **parts.menus.filled(found.columns, found.names, found.arms, sound),
    }


def _hindrance(found: Inspection) -> str:
    """Why nothing can be learned from sound rows; empty when it can."""
    try:
        check_learnable(found.table, found.prompts)
    except DataError as problem:
        return str(problem)
    return ""


def begin(parts: Parts, file: Uploaded | None) -> Updates:
    """Show that a training waits; its columns are settled, and the file goes."""
    _forget_file(file)
    return {
        parts.progress: progress_html(Stage(WAITING, 0, FITS)),
        parts.train: gr.update(interactive=False),
        parts.used: NOTHING,
        parts.file: None,
        parts.menus.fold: gr.update(visible=False),
    }


@shows_errors
def train(parts: Parts, log: Kept | None) -> Iterator[Updates]:
    """Train on a checked log and show where it stands, at last what was learned."""
    found = log.found if isinstance(log, KeptLog) else None
    if not isinstance(log, KeptLog) or found is None:
        yield {parts.progress: NOTHING}
        raise DataError("There is no log to train on any more; upload it again.")
    job = log.train()
    # The log is put again, so that its time begins anew.
    yield _no_result(parts) | {parts.log: log, parts.stop: gr.update(interactive=True)}
    idle = {
        parts.progress: NOTHING,
        parts.train: gr.update(interactive=True),
        parts.stop: gr.update(interactive=False),
    }
    end: Updates = {parts.progress: said_html("Training was stopped.")}
    try:
        for event in job.run(found, log.name):
            if isinstance(event, Stage):
                yield {parts.progress: progress_html(event)}
            else:
                end = _learned(parts, log, event)
    except Exception:
        # Foreseen or not, the tab has to be of use again.
        if log.found is not None:
            yield idle
        raise
    # Whoever let the log be forgotten has emptied the tab, and nothing of it may come back.
    if log.found is not None:
        yield idle | end
        if log.found is None:
            yield _no_result(parts) | {parts.progress: NOTHING}


def _learned(parts: Parts, log: KeptLog, learned: OwnLog) -> Updates:
    trained = Trained(learned, Path(parts.download.GRADIO_CACHE), parts.download.keep_in_cache)
    if not log.learned(trained):
        return {}
    known = not learned.frontier.empty
    return {
        parts.result: gr.update(visible=True),
        parts.figures: gr.update(value=results_html(learned), visible=True),
        parts.plot: gr.update(
            value=accuracy_against_cost(learned.frontier, axis_of(learned)) if known else None,
            visible=known,
        ),
        parts.caption: gr.update(value=caption_html(learned), visible=True),
        parts.prompts: prompts_html(learned),
        parts.download: gr.update(value=str(trained.model), visible=True),
    }


def stop(log: Kept | None) -> None:
    """Stop a training if there is one."""
    if log is not None:
        log.stop()


@shows_errors
def use(parts: Parts, own_log: gr.State, log: Kept | None) -> Updates:
    """Let Ask use what was learned or brought."""
    model = None if log is None else log.usable
    if model is None:
        raise DataError("There is no trained model any more; upload the file again.")
    count = len(model.prompts)
    return {
        own_log: model,
        parts.used: said_html(
            f"Ask now ranks the {f'{count} prompts' if count > 1 else 'one prompt'} of "
            f"{model.name}, in this session alone, and answers {_advice(model)}."
        ),
        parts.unuse: gr.update(visible=True),
    }


def _advice(model: OwnModel) -> str:
    """The policy that Ask takes from now on, in words."""
    if not isinstance(model, OwnLog):
        return "with best-of-N; which policy was better on its log, the file does not say"
    if offered_policy(model) == "best-single":
        return "with the best single prompt: best-of-N gained too little over it on this log"
    return "with best-of-N"


def delete(parts: Parts, own_log: gr.State, log: Kept | None, file: Uploaded | None) -> Updates:
    """Forget a log, its file and everything that was made from it, or a model."""
    _forget(log)
    _forget_file(file)
    gone = (
        "The model is deleted."
        if isinstance(log, KeptModel)
        else "The log and its model are deleted."
    )
    return _empty(parts) | {
        parts.used: said_html(gone),
        own_log: None,
    }


def _empty(parts: Parts) -> Updates:
    """The tab without a log and a file."""
    return {
        **_no_log(parts),
        **parts.menus.hidden(),
        parts.file: None,
        parts.delete: gr.update(value=_DELETE_LOG, interactive=False),
    }


def _no_log(parts: Parts) -> Updates:
    """The tab without a log."""
    return _no_result(parts) | {
        parts.checks: NOTHING,
        parts.log: None,
        parts.train: gr.update(interactive=False),
        parts.stop: gr.update(interactive=False),
        parts.progress: NOTHING,
        parts.used: NOTHING,
        parts.unuse: gr.update(visible=False),
    }


def _no_result(parts: Parts) -> Updates:
    """Nothing of what was learned, shown or hidden."""
    return {
        parts.result: gr.update(visible=False),
        parts.figures: NOTHING,
        parts.plot: None,
        parts.caption: NOTHING,
        parts.prompts: NOTHING,
        parts.download: None,
    }


def _forget(log: Kept | None) -> None:
    if log is not None:
        log.forget()


def _forget_file(file: Uploaded | None) -> None:
    if file is not None:
        file.delete()
