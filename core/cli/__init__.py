"""The command line: one small module per group of commands."""

import sys

import typer

from core.cli import ask, collect, data, embedded, evaluate, grade, serve, train
from core.cli.output import errors
from core.errors import PromptOIRLError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Learn offline which prompt answers a question best, then spend one LLM call on it.",
)
app.command("fetch")(data.fetch)
app.command("train")(train.train)
app.command("evaluate")(evaluate.evaluate)
app.command("train-embedded")(embedded.train_embedded)
app.command("measure-embedded")(embedded.measure_embedded)
app.command("questions")(embedded.questions)
app.command("ask")(ask.ask)
app.command("serve")(serve.serve)
app.command("collect")(collect.collect)
app.command("precompute")(train.precompute)
app.command("results")(evaluate.show_results)
app.command("grade")(grade.grade)
app.command("answers")(evaluate.answers)
app.command("repairs")(evaluate.repairs)
app.command("graders")(evaluate.graders)


def main() -> None:
    """Run the command line; an error that a user can act on is one line and exit status 1."""
    try:
        app()
    except PromptOIRLError as error:
        errors.print(f"Error: {error}", style="red", markup=False, highlight=False)
        sys.exit(1)
