"""LLMs in GGUF files at the terminal: fetched after a person agreed, and what they run on."""

import sys

import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from core.cli.output import errors
from core.errors import DataError
from core.llms import LLM
from core.llms.gguf import parse
from core.llms.gguf.hub import cached, describe, fetch
from core.llms.gguf.llm import GgufLLM


def offer_gguf(llm: str, *, yes: bool) -> None:
    """Fetch the file of an LLM called ``gguf:…`` that is not on this machine.

    Args:
        llm: Any LLM's name; others need nothing.
        yes: Whether the person has agreed already.

    Raises:
        UnknownNameError: no GGUF file is called so.
        LLMError: the Hub does not have it, or cannot be reached.
        DataError: nobody has agreed, and nobody can be asked.
    """
    kind, _, model = llm.partition(":")
    if kind != "gguf":
        return
    source = parse(model)
    if source.path is not None or cached(source) is not None:
        return
    remote = describe(source)
    errors.print(f"{remote}.", markup=False, highlight=False, soft_wrap=True)
    if not yes:
        _confirm()
    with Progress(BarColumn(), DownloadColumn(), TimeRemainingColumn(), console=errors) as bar:
        task = bar.add_task("", total=remote.size)
        fetch(remote, lambda here, size: bar.update(task, completed=here))


def say_device(llm: LLM) -> None:
    """Say which device computes the answers of an LLM in a GGUF file."""
    if isinstance(llm, GgufLLM):
        from core.llms.gguf.engine import device

        errors.print(f"{llm.name} answers on {device()}.", markup=False, highlight=False)


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise DataError("It is not on this machine and nobody can be asked here; add --yes.")
    if not typer.confirm("Download it?", err=True):
        errors.print("Nothing was downloaded.")
        raise typer.Exit(1)
