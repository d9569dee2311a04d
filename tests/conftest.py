"""What all tests share: no network, and the published data only where it is asked for."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from core import llms
from core.logs import download

# Machines that do other work too are no reason for a test to fail.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
_REASON = (
    "the published logs are not on this machine; run `python -m core fetch`, or set "
    f"{download.DATA_VARIABLE} to a folder that holds them"
)


@pytest.fixture(scope="session")
def published_data() -> Path:
    """The folder of the published files; the test is skipped where they are not all present."""
    if not all(download.is_present(path) for path in download.registry()):
        pytest.skip(_REASON)
    return download.data_folder()


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sockets reach this machine alone."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> object:
        host = address[0] if isinstance(address, tuple) else "local"
        if host not in ("127.0.0.1", "::1", "localhost", "local", "0.0.0.0"):
            raise AssertionError(f"a test tried to reach {host}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _own_llms() -> Iterator[None]:
    """Let no test meet a model that another one loaded and used."""
    yield
    llms.close()
