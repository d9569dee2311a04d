"""Asking an LLM a benchmark's questions with every prompt: the offline log that is learned from.

    job = Job(llm, read_queries(Path("questions.csv")), read_prompts("all"), sampling)
    table = collect(job, Path("log.csv"), limit_dollars=5)

`journal` keeps what was paid for through a kill, `budget` keeps the spending limit, `run` asks.
"""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from core.collect.budget import Budget, check_limit
from core.collect.inputs import check_queries, read_prompts, read_queries
from core.collect.journal import Journal, journal_path, read_journal
from core.collect.log_writer import check_out, log_table, write_atomically, write_log
from core.collect.plan import Estimate, Job, estimate_of
from core.collect.progress import Failed, Progress, StoppedError
from core.collect.run import Run
from core.errors import DataError
from core.llms.base import CONCURRENCY, Failure, LLMError

__all__ = [
    "BATCH_SIZE",
    "CONCURRENCY",
    "Estimate",
    "Failed",
    "Job",
    "Progress",
    "StoppedError",
    "check_queries",
    "collect",
    "estimate",
    "journal_path",
    "read_prompts",
    "read_queries",
]

BATCH_SIZE = 64


def estimate(job: Job, out: Path, limit_dollars: float | None = None) -> Estimate:
    """What is left to ask and what it may cost, without asking or writing anything.

    Args:
        job: What is to be collected.
        out: The log that it is written to; answers in the journal beside it are not asked again.
        limit_dollars: As ``collect`` will get it, checked here so that it fails early.

    Raises:
        DataError: ``out`` cannot be written, its journal belongs to another job or is damaged, or
            the limit cannot be kept.
    """
    check_out(out)
    check_limit(limit_dollars, job)
    journal = journal_path(out)
    if out.exists() and not journal.exists():
        raise DataError(f"{out} is there already. Name another file, or delete it first.")
    return estimate_of(job, read_journal(journal, job.header).done.keys())


def collect(
    job: Job,
    out: Path,
    *,
    limit_dollars: float | None = None,
    concurrency: int = CONCURRENCY,
    batch_size: int = BATCH_SIZE,
    ledger: Path | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
) -> pd.DataFrame:
    """Ask every query with every prompt and write the log once all have been asked.

    Each answer is in the journal beside ``out`` before it counts as done, so a run that was
    stopped or killed goes on where it was when it is called again with the same job. Failed calls
    have no rows and are tried again by the next run.

    With a seed, an LLM on this machine numbers its answers to a message from when it was loaded.
    So a run that goes on gives what an uninterrupted one gives if its LLM was not asked before.

    Args:
        job: What is to be collected.
        out: File whose name ends in .csv, .jsonl or .parquet.
        limit_dollars: No call starts that could bring the cost of all runs of this job above it.
        concurrency: Calls at the same time, of an LLM that is not on this machine.
        batch_size: Messages at the same time, of one on this machine.
        ledger: CSV of all attempts and their cost, written however the run ends; by default
            beside ``out``.
        on_progress: Told how far it is, from the calling thread.

    Returns:
        The log: a row per query, prompt and sample, in this order.

    Raises:
        DataError: a file cannot be written or belongs to another job; the limit cannot be kept.
        StoppedError: the limit was reached, or Ctrl-C was pressed; the message says what is left
            and how to go on.
        LLMError: nothing can be answered at all, or no call was answered.
    """
    estimate(job, out, limit_dollars)
    if concurrency < 1 or batch_size < 1:
        raise DataError("Concurrency and batch size must be at least 1.")
    with Journal.open(journal_path(out), job.header) as journal:
        run = Run(job, journal, Budget(limit_dollars, journal.state.spent), on_progress)
        try:
            run.execute(concurrency, batch_size)
        finally:
            write_atomically(ledger or out.with_name(f"{out.name}.ledger.csv"), run.ledger.to_csv)
        if not run.answers:
            failed = run.progress.failed[0]
            raise LLMError(Failure(failed.kind, failed.message))
        table = log_table(job, run.answers)
        write_log(table, out)
    return table
