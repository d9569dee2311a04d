"""Where the command line writes: results to standard output, everything else beside it."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from core.building.precompute import Progress as Hooks

results = Console()
errors = Console(stderr=True)


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
