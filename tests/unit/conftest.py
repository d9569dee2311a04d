"""What unit tests share."""

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from budget_log import MadeUp, made_up_log
from fake_hub import FakeHub
from fake_openai import Asked, FakeOpenAI, Reply, completion
from gguf_files import convert
from tiny_llama import make_tiny_embedded, make_tiny_llama

from core.paths import FOLDER
from core.policies.budget import BudgetModel
from core.policies.budget.training import fit


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny LLaMA's folder; a test that changes it makes a copy."""
    return make_tiny_llama(tmp_path_factory.mktemp("tiny") / "llama")


@pytest.fixture(scope="session")
def tiny_embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny LLaMA of the embedded LLM's kind; a test that changes it copies it."""
    return make_tiny_embedded(tmp_path_factory.mktemp("tiny") / "embedded")


@pytest.fixture(scope="session")
def made_up() -> MadeUp:
    """A small log for the budget policy."""
    return made_up_log(60)


@pytest.fixture(scope="session")
def budget_model(made_up: MadeUp) -> BudgetModel:
    """What the budget policy learns from it."""
    return fit(*made_up)


@pytest.fixture
def no_openai_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a key or another setting for servers that speak the OpenAI API."""
    for name in os.environ:
        if name.startswith("OPENAI_") or name == "PROMPT_OIRL_TIMEOUT":
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def fake_server() -> Iterator[Callable[..., FakeOpenAI]]:
    """Start servers; give the replies in order, the last one again and again, or a function.

    Without any they answer 18.
    """
    servers = []

    def start(*replies: Reply | Callable[[Asked], Reply]) -> FakeOpenAI:
        replies = replies or (completion("18"),)

        def scripted(asked: Asked) -> Reply:
            reply = replies[min(asked.number, len(replies) - 1)]
            return reply(asked) if callable(reply) else reply

        servers.append(FakeOpenAI(scripted))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def fake_hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeHub]:
    """A hub on this machine instead of huggingface.co, and an empty cache."""
    from huggingface_hub import constants

    state = FakeHub()
    server = state.serve()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        url + "/{repo_id}/resolve/{revision}/{filename}",
    )
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_TOKEN", "hf_secretsecretsecret")
    yield state
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture(scope="session")
def embedded_gguf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The embedded LLM as a GGUF file; a test that changes it makes a copy."""
    return convert(FOLDER / "embedded", tmp_path_factory.mktemp("gguf") / "embedded.gguf")
