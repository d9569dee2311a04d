"""A small pretrained model in 4 bits from a question to a reward model; needs its file."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from gguf_files import pretrained
from typer.testing import CliRunner

from core import llms
from core.cli import app
from core.llms import Sampling
from core.logs import own
from core.reward import storage

ROOT = Path(__file__).resolve().parents[3]
_DIES_MIDWAY = """
import os, signal, sys
from core import collect
from core.cli import app

def die(progress):
    if progress.done >= 8:
        os.kill(os.getpid(), signal.SIGKILL)

collecting = collect.collect
collect.collect = lambda *job, **options: collecting(*job, **{**options, "on_progress": die})
app(sys.argv[1:])
"""
THINGS = ("pens", "cups", "hats", "nuts", "bags", "keys")
SHORT = ("--max-tokens", "12", "--temperature", "0")


@pytest.fixture(scope="module")
def llm() -> str:
    return f"gguf:{pretrained()}"


def _run(*arguments: str) -> str:
    shown = CliRunner().invoke(app, [*arguments], env={"COLUMNS": "200"}, catch_exceptions=False)
    assert shown.exit_code == 0, shown.output
    return shown.output


def test_it_answers_in_its_own_frame(llm: str) -> None:
    [answer] = llms.get(llm, Sampling(temperature=0, max_tokens=40)).complete(
        ["What is the capital of France? Answer with one word."]
    )
    assert "Paris" in answer.text
    # Its frame has a system message of its own.
    assert answer.usage.prompt_tokens > 30
    assert answer.finish_reason == "stop"


def test_ask_sets_one_call_beside_two(llm: str) -> None:
    shown = _run(
        *("ask", "What is 2 + 3?", "--llm", llm, "--policy", "majority-vote:2", "--seed", "1"),
        *("--max-tokens", "12"),
    )
    assert re.search(r"calls\s+2\s", shown)
    assert re.search(r"agree\s+\d of 2", shown)


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
def test_a_log_goes_on_after_a_kill_and_is_learned_from(llm: str, tmp_path: Path) -> None:
    queries, log, model = tmp_path / "q.csv", tmp_path / "log.csv", tmp_path / "model.zip"
    things = [f"{first}{last}" for first in ("red", "big", "old", "new") for last in THINGS]
    sums = [(f"What is {n % 4 + 2} + 1, in {one}?", n % 4 + 3) for n, one in enumerate(things)]
    pd.DataFrame(sums, columns=["query", "gold"]).to_csv(queries, index=False)
    prompts = tmp_path / "prompts.txt"
    prompts.write_text("The answer is:\nAnswer with a number:\n")
    command = (
        *("collect", "--llm", llm, "--queries", str(queries), "--out", str(log)),
        *("--prompts", str(prompts), "--yes", "--batch-size", "4", *SHORT),
    )
    killed = subprocess.run([sys.executable, "-c", _DIES_MIDWAY, *command], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not log.exists()
    said = _run(*command)
    assert "(8 are answered already)" in said
    assert "48 of 48 calls answered" in said
    table, found = own.read(log)
    assert len(table) == 48
    assert len(found) == 2
    assert pd.read_csv(log)["seconds"].gt(0).all()
    assert table["correct"].nunique() == 2
    _run("train", str(model), "--log", str(log))
    ranked = storage.load(model).predict(["What is 4 + 4?"], found)
    assert ((ranked.probability > 0) & (ranked.probability < 1)).all()
