"""What the commands share: where they write, a bar, and the options of those that ask an LLM."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core.asking import own_log
from core.building.precompute import Progress as Hooks
from core.llms import Sampling

results = Console(emoji=False)
errors = Console(stderr=True, emoji=False)
"""Everything that is no result goes to standard error."""


def _number_or_none(text: str) -> float:
    """The number, NaN for none; Typer says what is wrong with anything else."""
    if str(text).strip().lower() == "none":
        return math.nan
    return float(text)


# Options of the commands that draw answers from an LLM; ``Sampling`` has their defaults.
Temperature = Annotated[
    float,
    typer.Option(
        help="How freely tokens are drawn; 0 takes the likeliest, none lets a server choose.",
        parser=_number_or_none,
        metavar="FLOAT|none",
    ),
]
TopP = Annotated[
    float,
    typer.Option(
        help="Mass of the likeliest tokens that are drawn from; none lets a server choose.",
        parser=_number_or_none,
        metavar="FLOAT|none",
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        help="Seconds that a server may be silent before a call is given up. Default: "
        "PROMPT_OIRL_TIMEOUT, or 60."
    ),
]
Arms = Annotated[
    list[str] | None,
    typer.Option(
        "--arm",
        help="Who answers for an LLM that --model chooses: NAME=LLM, the name of the log first, "
        "such as mixtral=openai:mistralai/mixtral-8x7b; may be repeated. Default: its name, behind "
        "the OpenAI API.",
    ),
]
MaxTokens = Annotated[int, typer.Option(help="Most tokens of an answer.")]
Seed = Annotated[int | None, typer.Option(help="Repeats the answers of an LLM on this machine.")]


def sampling_of(temperature: float, top_p: float, max_tokens: int, seed: int | None) -> Sampling:
    """What the options above say; raises DataError for a value outside its range."""
    given = {"temperature": temperature, "top_p": top_p}
    said = {name: value for name, value in given.items() if not math.isnan(value)}
    unsent = tuple(name for name in given if name not in said)
    return Sampling(**said, max_tokens=max_tokens, seed=seed, unsent=unsent)


def _bar(unit: str) -> Progress:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
    )
    return Progress(*columns, console=errors)


@contextmanager
def progress_bar(total: int, unit: str) -> Iterator[Hooks]:
    """Show a bar on standard error while the block runs; yields the hooks that move it."""
    with _bar(unit) as bar:
        task = bar.add_task("Starting", total=total)
        yield Hooks(
            stage=lambda text: bar.update(task, description=text),
            step=lambda: bar.advance(task),
        )


@contextmanager
def learning_bar() -> Iterator[own_log.Hooks]:
    """The same while a log of one's own is learned from, a step for each model."""
    with _bar("models") as bar:
        task = bar.add_task("Looking at the log", total=None)
        yield own_log.Hooks(
            stage=lambda text, fits: bar.update(task, description=text, total=fits),
            fit=lambda: bar.advance(task),
        )
