"""The embedded LLM behind an API: served by ``transformers serve``, asked like any other."""

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
from core.llms.embedded.llm import load_embedded
from core.llms.openai.api import OpenAICompatible
from core.paths import FOLDER
from core.prompts import message, prompt_by_id

EMBEDDED = FOLDER / "embedded"
# A prompt that is answered without an equation: the server has no calculator.
ASKED = message("Tom has 12 apples and gives away 5. How many are left?", prompt_by_id("direct"))

_NEEDED = ("transformers", "torch", "fastapi", "uvicorn", "openai", "tenacity")
_MISSING = [name for name in _NEEDED if find_spec(name) is None]
_START_S = 180

pytestmark = pytest.mark.skipif(
    bool(_MISSING), reason=f"transformers serve needs `pip install {' '.join(_MISSING)}`"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a server that has the embedded LLM alone."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = "from transformers.cli.transformers import main; main()"
    options = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    log = tmp_path_factory.mktemp("serve") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", command, "serve", str(EMBEDDED), *options],
            env={**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_up(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}/v1"
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
def test_it_answers_as_it_does_in_this_process(served: str, streamed: bool) -> None:
    sampling = Sampling(temperature=0, max_tokens=60)
    llm = OpenAICompatible(str(EMBEDDED), sampling, base_url=served)
    attempts, pieces = [], []
    on_text = (lambda _, piece: pieces.append(piece)) if streamed else None
    [answer] = llm.complete([ASKED], Control(attempts.append, on_text))
    [local] = load_embedded(sampling).complete([ASKED])
    assert answer.text == local.text
    assert "".join(pieces) == (answer.text if streamed else "")
    assert answer.usage.prompt_tokens == local.usage.prompt_tokens
    assert answer.finish_reason == "stop"
    assert [attempt.outcome for attempt in attempts] == ["ok"]


def test_it_says_that_it_has_no_other_model(served: str) -> None:
    [failure] = OpenAICompatible("gpt-none", base_url=served).complete(["q"])
    assert failure.kind == "bad request"
    assert "gpt-none" in failure.message
