"""The LLM behind an API, asked of another project's server: ``transformers serve``."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from core.llms import Control, Sampling
from core.llms.openai_api import OpenAICompatible

_NEEDED = ("transformers", "torch", "fastapi", "uvicorn", "openai", "tenacity")
_MISSING = [name for name in _NEEDED if find_spec(name) is None]
_START_S = 180

pytestmark = pytest.mark.skipif(
    bool(_MISSING), reason=f"transformers serve needs `pip install {' '.join(_MISSING)}`"
)


@pytest.fixture(scope="module")
def served(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """The base URL of a server and the folder of the one model that it has."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = "from transformers.cli.transformers import main; main()"
    options = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    log = tmp_path_factory.mktemp("serve") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", command, "serve", str(tiny), *options],
            env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/v1", tiny
    finally:
        process.kill()
        process.wait(30)


def _wait_until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    pytest.fail(f"the server did not come up: {log.read_text('utf-8')[-2000:]}")


@pytest.mark.parametrize("streamed", [False, True])
def test_it_answers(served: tuple[str, Path], streamed: bool) -> None:
    url, folder = served
    llm = OpenAICompatible(str(folder), Sampling(temperature=0, max_tokens=8), base_url=url)
    attempts, pieces = [], []
    on_text = (lambda _, piece: pieces.append(piece)) if streamed else None
    [answer] = llm.complete(["How many are left?"], Control(attempts.append, on_text))
    assert answer.text
    assert "".join(pieces) == (answer.text if streamed else "")
    assert answer.usage.prompt_tokens > 0
    assert answer.usage.completion_tokens == 8
    assert answer.finish_reason == "length"
    assert [attempt.outcome for attempt in attempts] == ["ok"]


def test_it_says_that_it_has_no_other_model(served: tuple[str, Path]) -> None:
    [failure] = OpenAICompatible("gpt-none", base_url=served[0]).complete(["q"])
    assert failure.kind == "bad request"
    assert "gpt-none" in failure.message
