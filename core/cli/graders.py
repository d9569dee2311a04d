"""`graders`: the budget policy beside its rivals under the published and this project's grader."""

import json
from typing import Annotated

import typer

from core.building import precompute as building
from core.building.readme_tables import graders_markdown
from core.cli.output import progress_bar
from core.evaluation.graders import compare_graders
from core.logs import load as demonstrations


def graders(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Compare budgeted on LLaMA2's GSM8K answers under both graders, a quarter of an hour."""
    llm = demonstrations.LLAMA2
    with progress_bar(building.GRADER_FITS, "models") as bar:
        bar.stage("Both graders")
        table = compare_graders(
            demonstrations.load(llm), building.BUDGET_DATASETS[llm], on_fit=bar.step
        )
    if not as_json:
        typer.echo(graders_markdown(table))
        return
    for row in table.astype(object).where(table.notna(), None).to_dict("records"):
        typer.echo(json.dumps(row))
