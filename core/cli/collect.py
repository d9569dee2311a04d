"""`collect`: make an offline log by asking an LLM every question with every prompt."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core import collect as collecting
from core import llms
from core.cli.gguf_files import offer_gguf, say_device
from core.cli.output import (
    MaxTokens,
    Seed,
    Temperature,
    Timeout,
    TopP,
    errors,
    results,
    sampling_of,
)
from core.errors import DataError
from core.llms import Sampling


def collect(
    llm: Annotated[str, typer.Option(help=f"Who is asked, such as {', '.join(llms.NAMES)}.")],
    queries: Annotated[
        Path,
        typer.Option(help="CSV, JSONL or Parquet with query and gold, the correct answer."),
    ],
    out: Annotated[
        Path, typer.Option(help="Log to write, .csv, .jsonl or .parquet; goes on where it stopped.")
    ],
    prompts: Annotated[
        str, typer.Option(help="all, ids with commas between, or a text file: a prompt per line.")
    ] = "all",
    samples: Annotated[int, typer.Option(min=1, help="Answers to each query and prompt.")] = 1,
    limit_dollars: Annotated[
        float | None, typer.Option(help="Stop before all runs of this log cost more.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask before spending or a download.")
    ] = False,
    concurrency: Annotated[
        int, typer.Option(min=1, help="Calls at the same time, of a served LLM.")
    ] = collecting.CONCURRENCY,
    batch_size: Annotated[
        int, typer.Option(min=1, help="Messages at the same time, of an LLM on this machine.")
    ] = collecting.BATCH_SIZE,
    temperature: Temperature = Sampling.temperature,
    top_p: TopP = Sampling.top_p,
    max_tokens: MaxTokens = Sampling.max_tokens,
    seed: Seed = Sampling.seed,
    timeout: Timeout = None,
    ledger: Annotated[
        Path | None,
        typer.Option(help="CSV of every attempt and its cost. Default: beside the log."),
    ] = None,
) -> None:
    """Ask an LLM every question with every prompt and write a log for `train --log`.

    Says first what it may cost. Stopped by Ctrl-C, a limit or a crash, the same command goes on.
    """
    sampling = sampling_of(temperature, top_p, max_tokens, seed)
    table, chosen = collecting.read_queries(queries), collecting.read_prompts(prompts)
    offer_gguf(llm, yes=yes)
    answering = llms.get(llm, sampling, concurrency=concurrency, timeout_s=timeout)
    say_device(answering)
    job = collecting.Job(answering, table, chosen, sampling, samples)
    estimate = collecting.estimate(job, out, limit_dollars)
    errors.print(_expectation(job, estimate), markup=False, highlight=False, soft_wrap=True)
    if estimate.may_cost and not yes:
        _confirm()
    try:
        last = _collect(job, out, limit_dollars, concurrency, batch_size, ledger)
    except collecting.StoppedError as stopped:
        _warn(str(stopped))
        _report_failures(stopped.progress)
        raise typer.Exit(130 if stopped.reason == "cancelled" else 1) from None
    _report(out, last, max_tokens)


def _collect(
    job: collecting.Job,
    out: Path,
    limit_dollars: float | None,
    concurrency: int,
    batch_size: int,
    ledger: Path | None,
) -> collecting.Progress:
    """Collect under a progress bar; returns how far it came."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("calls"),
        TimeRemainingColumn(),
    )
    reports: list[collecting.Progress] = []
    with Progress(*columns, console=errors) as bar:
        task = bar.add_task("Starting", total=job.calls)

        def show(now: collecting.Progress) -> None:
            reports[:] = [now]
            bar.update(task, completed=now.done, description=_so_far(now))

        collecting.collect(
            job,
            out,
            limit_dollars=limit_dollars,
            concurrency=concurrency,
            batch_size=batch_size,
            ledger=ledger,
            on_progress=show,
        )
    return reports[-1]


def _expectation(job: collecting.Job, estimate: collecting.Estimate) -> str:
    if not estimate.calls:
        return f"{job.llm.name}: all {estimate.answered:,} calls are answered already."
    if estimate.dollars is None:
        cost = "no price is known"
    else:
        cost = (
            f"about ${estimate.dollars:.4f}, at most ${estimate.dollars_limit:.4f} without retries"
        )
    before = f" ({estimate.answered:,} are answered already)" if estimate.answered else ""
    return (
        f"{job.llm.name}: {estimate.calls:,} calls{before}, about {estimate.prompt_tokens:,} "
        f"prompt and {estimate.completion_tokens:,} completion tokens (at most "
        f"{estimate.completion_tokens_limit:,}): {cost}."
    )


def _confirm() -> None:
    """Ask a person to agree to the cost."""
    if not _someone_is_there():
        raise DataError("These calls may cost money and nobody can be asked here; add --yes.")
    if not typer.confirm("Make these calls?", err=True):
        errors.print("Nothing was asked and nothing was spent.")
        raise typer.Exit(1)


def _someone_is_there() -> bool:
    return sys.stdin.isatty()


def _so_far(now: collecting.Progress) -> str:
    failed = sum(group.calls for group in now.failed)
    cost = "no price" if now.dollars is None else f"${now.dollars:.4f}"
    return f"{cost}, {failed:,} failed" if failed else cost


def _report(out: Path, last: collecting.Progress, max_tokens: int) -> None:
    results.print(
        f"{out}: {last.done:,} of {last.calls:,} calls answered, {_so_far(last)}.",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    if last.cut:
        _warn(
            f"{last.cut:,} answers were cut at {max_tokens:,} tokens, so their last number may not "
            "be their answer. --max-tokens allows more, in a new log."
        )
    _report_failures(last)


def _report_failures(last: collecting.Progress) -> None:
    for group in last.failed:
        _warn(f"{group.kind}: {group.calls:,} failed, such as: {group.message}")
    if last.failed:
        _warn("The same command tries them again.")


def _warn(text: str) -> None:
    errors.print(text, style="yellow", markup=False, highlight=False, soft_wrap=True)
