"""Rebuilding what comes from the log of one LLM leaves the rows of others alone."""

from pathlib import Path

import pandas as pd
from typer.testing import CliRunner

from core.artifacts import save_table
from core.building import precompute
from core.cli import app
from core.demonstrations import EMBEDDED, GPT35, LLAMA2
from core.errors import UnknownNameError


def test_rows_of_other_llms_stay_byte_for_byte_and_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "frontier.csv"
    path.write_text(
        "policy,llm,accuracy,note\n"
        f'one,{LLAMA2},0.1,"a, b"\n'
        f"one,{GPT35},0.30000,\n"
        f"old,{EMBEDDED},0.5,\n"
    )
    made = pd.DataFrame(
        {"policy": ["new", "newer"], "llm": EMBEDDED, "accuracy": [1 / 3, 1.0], "note": None}
    )
    precompute._save_rows(made, "frontier", tmp_path)
    assert path.read_text() == (
        "policy,llm,accuracy,note\n"
        f'one,{LLAMA2},0.1,"a, b"\n'
        f"one,{GPT35},0.30000,\n"
        f"new,{EMBEDDED},0.333333,\n"
        f"newer,{EMBEDDED},1,\n"
    )


def test_a_table_that_is_not_there_is_made(tmp_path: Path) -> None:
    made = pd.DataFrame({"llm": [EMBEDDED], "accuracy": [0.5]})
    precompute._save_rows(made, "frontier", tmp_path)
    whole = tmp_path / "whole"
    whole.mkdir()
    save_table(made, "frontier", whole)
    assert (tmp_path / "frontier.csv").read_bytes() == (whole / "frontier.csv").read_bytes()


def test_an_llm_without_a_log_is_named(tmp_path: Path) -> None:
    shown = CliRunner().invoke(app, ["precompute", "--llm", "gpt-5", "--out", str(tmp_path)])
    assert isinstance(shown.exception, UnknownNameError)
    assert EMBEDDED in str(shown.exception)
