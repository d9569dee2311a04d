"""GGUF LLMs in the terminal: consent to a download, answers, and a log that is learned from."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from fake_hub import FakeHub
from typer.testing import CliRunner

from core.cli import app
from core.costs import prices
from core.errors import DataError

NAME = "gguf:me/mine/small.gguf"
QUESTION = "There are 6 boxes with 4 pencils in each box. How many pencils are there in all?"


@pytest.fixture
def served(fake_hub: FakeHub, embedded_gguf: Path, tmp_path: Path) -> FakeHub:
    """A hub that has the file."""
    folder = tmp_path / "repo"
    folder.mkdir()
    shutil.copy(embedded_gguf, folder / "small.gguf")
    fake_hub.repos["me/mine"] = folder
    return fake_hub


def _run(*arguments: str) -> object:
    return CliRunner().invoke(app, [*arguments], env={"COLUMNS": "200"})


def test_a_download_is_announced_and_needs_an_agreement(served: FakeHub) -> None:
    refused = _run("ask", QUESTION, "--llm", NAME)
    assert refused.exit_code != 0
    said = refused.output + str(refused.exception)
    assert "licence apache-2.0" in said
    assert "--yes" in said
    assert served.sent == []


def test_once_agreed_it_is_fetched_and_answers(served: FakeHub) -> None:
    answered = _run("ask", QUESTION, "--llm", NAME, "--yes", "--seed", "1", "--compare")
    assert answered.exit_code == 0, answered.output
    assert served.sent == ["small.gguf"]
    assert re.search(r"calls\s+1\s+16", answered.output)
    assert f"{NAME} answers on the processor." in answered.output
    assert "no price" in answered.output
    again = _run("ask", QUESTION, "--llm", NAME, "--seed", "1")
    assert again.exit_code == 0
    assert served.sent == ["small.gguf"]


def test_an_hour_s_price_makes_seconds_dollars(
    embedded_gguf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(prices.HOURLY_PRICE, "3600")
    ledger = tmp_path / "ledger.csv"
    asked = _run("ask", QUESTION, "--llm", f"gguf:{embedded_gguf}", "--ledger", str(ledger))
    assert asked.exit_code == 0, asked.output
    [entry] = pd.read_csv(ledger).to_dict("records")
    assert entry["dollars"] == pytest.approx(entry["seconds"])
    assert entry["price"] == "$3600 an hour of this machine"


@pytest.mark.parametrize("price", ["free", "-1", "nan", "1e9"])
def test_an_hour_s_price_is_a_number(price: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(prices.HOURLY_PRICE, price)
    with pytest.raises(DataError, match=r"PROMPT_OIRL_HOURLY_PRICE is '.*0 to 10,000"):
        prices.machine_price()
