"""From the results of a benchmark to answers behind an API, by commands alone."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import openai
import pytest
from fake_openai import FakeOpenAI, completion

from core.paths import FOLDER

TEMPLATES = {"steps": "{{question}} Think step by step.", "terse": "{{question}} Answer:"}
TASKS = 120


def _samples(folder: Path) -> list[Path]:
    """A file for each prompt as lm-evaluation-harness 0.4 writes it."""
    paths = []
    for place, (task, template) in enumerate(TEMPLATES.items()):
        path = folder / f"samples_{task}_2026-11-25T22-53-55.413955.jsonl"
        lines = [json.dumps(_line(number, place, template)) for number in range(TASKS)]
        path.write_text("\n".join(lines))
        paths.append(path)
    return paths


def _line(number: int, place: int, template: str) -> dict[str, object]:
    thing = chr(97 + number % 26) * (2 + number // 26)
    question = f"How many {thing} are {number} {thing} and 2 {thing}?"
    right = number % 3 != 0 if place == 0 else number % 3 == 0
    said = f"The answer is {number + 2 if right else number}."
    return {
        "doc_id": number,
        "doc": {"question": question, "gold": str(number + 2)},
        "target": str(number + 2),
        "arguments": {"gen_args_0": {"arg_0": template.replace("{{question}}", question)}},
        "resps": [[said]],
        "filtered_resps": [said],
        "filter": "none",
        "metrics": ["exact_match"],
        "doc_hash": str(number),
        "exact_match": float(right),
    }


@pytest.fixture
def behind() -> Iterator[FakeOpenAI]:
    server = FakeOpenAI(lambda asked: completion("The answer is 7."))
    yield server
    server.close()


def test_five_commands_lead_from_a_benchmark_to_answers(tmp_path: Path, behind: FakeOpenAI) -> None:
    logs = [part for path in _samples(tmp_path) for part in ("--log", str(path))]
    environment = os.environ | {"OPENAI_API_KEY": "k", "NO_PROXY": "127.0.0.1"}
    environment["PYTHONPATH"] = str(FOLDER.parent)

    def core(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "core", *arguments]

    options = {"cwd": tmp_path, "env": environment}
    learned = ("my.zip", *logs, "--budget", "my-budget.zip")
    subprocess.run(core("train", *learned), check=True, **options)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    models = ("--model", "my.zip", "--budget", "my-budget.zip")
    where = ("--upstream", behind.url, "--port", port)
    serving = subprocess.Popen(core("serve", "--llm", "openai:m", *models, *where), **options)
    try:
        address = f"http://127.0.0.1:{port}"
        with httpx2.Client(transport=httpx2.HTTPTransport(retries=12)) as client:
            client.get(f"{address}/usage")
        api = openai.OpenAI(base_url=f"{address}/v1", api_key="mine", max_retries=0)
        question = [{"role": "user", "content": "How many cc are 5 cc and 2 cc?"}]
        for model in ("best-of-n", "majority-vote:2", "budgeted:2", "best-single"):
            answer = api.chat.completions.create(model=model, messages=question)
            assert answer.choices[0].message.content == "The answer is 7."
        usage = httpx2.get(f"{address}/usage").json()
    finally:
        serving.terminate()
        serving.wait(20)
    assert usage["questions"] == 4
    assert usage["exhaustive_calls"] == 8
    asked = question[0]["content"]
    expected = {text.replace("{{question}}", asked) for text in TEMPLATES.values()}
    assert {one.message for one in behind.asked} <= expected


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--llm", "openai:m", "--host", "0.0.0.0"), "Set PROMPT_OIRL_ACCESS_KEY"),
        (("--llm", "embedded", "--upstream", "http://x/v1"), "--upstream is for openai:MODEL"),
        (("--llm", "embedded", "--policy", "guess"), "Unknown model 'guess'"),
        (("--llm", "embedded", "--ledger", "no/such/folder.csv"), "cannot be written"),
    ],
)
def test_what_cannot_be_served_is_said_before_anything_listens(
    options: tuple[str, ...], says: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core", "serve", *options],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=FOLDER.parent,
        env=os.environ | {"OPENAI_API_KEY": "k"},
    )
    assert done.returncode == 1
    assert says in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
