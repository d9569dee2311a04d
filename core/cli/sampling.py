"""Options of the commands that draw answers from an LLM; ``Sampling`` has their defaults."""

from typing import Annotated

import typer

Temperature = Annotated[
    float, typer.Option(help="How freely tokens are drawn; 0 takes the likeliest.")
]
TopP = Annotated[float, typer.Option(help="Mass of the likeliest tokens that are drawn from.")]
MaxTokens = Annotated[int, typer.Option(help="Most tokens of an answer.")]
Seed = Annotated[int | None, typer.Option(help="Repeats the answers of an LLM on this machine.")]
