"""What the commands share: where they write, a bar, and the options of those that ask an LLM."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core.building.precompute import Progress as Hooks

results = Console()
errors = Console(stderr=True)
"""Everything that is no result goes to standard error."""

# Options of the commands that draw answers from an LLM; ``Sampling`` has their defaults.
Temperature = Annotated[
    float, typer.Option(help="How freely tokens are drawn; 0 takes the likeliest.")
]
TopP = Annotated[float, typer.Option(help="Mass of the likeliest tokens that are drawn from.")]
MaxTokens = Annotated[int, typer.Option(help="Most tokens of an answer.")]
Seed = Annotated[int | None, typer.Option(help="Repeats the answers of an LLM on this machine.")]


@contextmanager
def progress_bar(total: int, unit: str) -> Iterator[Hooks]:
    """Show a bar on standard error while the block runs; yields the hooks that move it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(unit),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=errors) as bar:
        task = bar.add_task("Starting", total=total)
        yield Hooks(
            stage=lambda text: bar.update(task, description=text),
            step=lambda: bar.advance(task),
        )
