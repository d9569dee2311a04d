"""`train-embedded`, `measure-embedded`, `questions`: the small LLM that comes with the project."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.artifacts import load_table, save_table
from core.cli.output import errors, progress_bar, results
from core.demonstrations import STORIES
from core.errors import DataError
from core.llms.base import Sampling
from core.paths import FOLDER
from core.prompts import PROMPTS, Prompt

LOG_SEED = 1
"""Of the questions in the shipped log; those of the learning curve and the report have others."""


def train_embedded(
    out: Annotated[Path, typer.Option(help="Folder for the finished model.")] = FOLDER / "embedded",
    work: Annotated[
        Path,
        typer.Option(help="Folder for checkpoints; a stopped training goes on from there."),
    ] = Path("embedded-training"),
    steps: Annotated[
        int | None, typer.Option(min=1, help="Batches, for a shorter or longer training.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the weights and of every question.")] = 1,
    source: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Folder of a finished model to go on from, at half the learning rate. "
            "Give another seed than its own, for other questions.",
        ),
    ] = None,
) -> None:
    """Train the embedded LLM from scratch (hours on a processor); can be stopped at any time.

    Needs the published questions: `python -m core fetch`.
    """
    from core.embedded_training import training
    from core.embedded_training.recipe import Recipe

    if out.is_file():
        raise DataError(f"{out} is a file; --out must be a folder.")
    recipe = Recipe(seed=seed) if steps is None else Recipe(seed=seed, steps=steps)
    if source is not None:
        for name in (training.WEIGHTS, training.RECORD):
            if not (source / name).is_file():
                raise DataError(f"There is no {name} in {source} to go on from.")
        recipe = recipe.going_on(source / training.WEIGHTS)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("batches"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors) as bar:
        task = bar.add_task("Starting", total=recipe.steps)
        row = training.build(
            recipe,
            work,
            out,
            on_step=lambda now: bar.update(
                task, completed=now.step, description=f"loss {now.loss:.3f}"
            ),
            on_measure=lambda row: errors.print(_figures(row), highlight=False),
            source=source,
        )
    results.print(f"{out}: {_figures(row)}", highlight=False, soft_wrap=True)


def _figures(row: dict[str, float]) -> str:
    return (
        f"after {row['step']:,.0f} batches: own questions {100 * row['own']:.0f} %, "
        f"MAWPS {100 * row['mawps']:.0f} %, SVAMP {100 * row['svamp']:.0f} % "
        f"({row['seconds'] / 60:.0f} minutes)"
    )


def measure_embedded(
    out: Annotated[Path, typer.Option(help="Folder to write embedded-accuracy.csv to.")] = FOLDER,
) -> None:
    """Measure the embedded LLM's accuracy per prompt on questions that training never saw.

    Needs the published questions: `python -m core fetch`.
    """
    from core import llms
    from core.embedded_training.accuracy import PUBLISHED, accuracy_table

    if not out.is_dir():
        raise DataError(f"There is no folder {out}.")
    llm = llms.get("embedded", Sampling(seed=0))
    with progress_bar(len(PROMPTS) * (1 + len(PUBLISHED)), "batches") as bar:

        def on_prompt(prompt: Prompt) -> None:
            bar.stage(prompt.label)
            bar.step()

        table = accuracy_table(llm, on_prompt)
    save_table(table, "embedded-accuracy", out)
    show_embedded()


def show_embedded() -> None:
    """Print the embedded LLM's accuracy per prompt as shipped, as the README shows it."""
    from core.embedded_training.accuracy import accuracy_markdown

    labels = {prompt.id: prompt.label for prompt in PROMPTS}
    typer.echo(accuracy_markdown(load_table("embedded-accuracy"), labels))


def questions(
    out: Annotated[Path, typer.Argument(help="CSV file to write: dataset, query_id, query, gold.")],
    count: Annotated[int, typer.Option(min=1, max=100_000, help="How many.")] = 600,
    seed: Annotated[int, typer.Option(help="The same seed gives the same questions.")] = LOG_SEED,
) -> None:
    """Write questions of the project's own, in phrases that the embedded LLM never saw."""
    import pandas as pd

    from core.embedded_training.accuracy import own_items

    if not out.parent.is_dir():
        raise DataError(f"There is no folder {out.parent} to write {out.name} into.")
    rows = [
        (STORIES, place, item.query, item.gold) for place, item in enumerate(own_items(count, seed))
    ]
    pd.DataFrame(rows, columns=["dataset", "query_id", "query", "gold"]).to_csv(out, index=False)
    results.print(f"{out}: {count:,} questions", soft_wrap=True)
