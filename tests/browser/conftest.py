"""The demo as a visitor starts it, and a browser that notes what the page asks for."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import pytest

from core.logs import download

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

APP = Path(__file__).resolve().parents[2] / "demo" / "app.py"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1440, "height": 900}
_THIS_MACHINE = {"127.0.0.1", "localhost"}
_READY = "Running on local URL:"
_LEAVING = ("AbortError", "errored out")
"""What Gradio says of its requests that are broken off when a test goes to another address."""


@dataclass
class Watched:
    """A page and what happened on it.

    Attributes:
        page: To be driven.
        complaints: Errors of the console and of scripts.
        strangers: Requests that left this machine.
    """

    page: "Page"
    complaints: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self._complain(str(error)))
        self.page.on("console", self._hear)
        self.page.on("request", self._see)

    def _hear(self, said: object) -> None:
        if said.type == "error":
            self._complain(said.text)

    def _complain(self, text: str) -> None:
        if not any(word in text for word in _LEAVING):
            self.complaints.append(text)

    def _see(self, request: object) -> None:
        address = urlparse(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and (
            address.hostname not in _THIS_MACHINE
        ):
            self.strangers.append(request.url)


@contextmanager
def running(
    folder: Path, data: Path, log: list[str] | None = None, **settings: str
) -> Iterator[str]:
    """Start the demo from an unrelated folder and wait for the address that it prints.

    Args:
        folder: Where it is started; what it keeps across restarts lies below it.
        data: Folder of the published files.
        log: Is given what the demo prints until it is ready, and the rest when it has ended.
        settings: Of its environment.
    """
    lines = [] if log is None else log
    bare = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI_")}
    process = subprocess.Popen(
        [sys.executable, str(APP)],
        cwd=folder,
        env={
            **bare,
            download.DATA_VARIABLE: str(data),
            "PROMPT_OIRL_STATE": str(folder / "state"),
            "PYTHONUNBUFFERED": "1",
            **settings,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        for line in process.stdout:
            lines.append(line)
            if _READY in line:
                yield line.split(_READY)[1].strip()
                return
        raise AssertionError("The demo ended before it had an address:\n" + "".join(lines))
    finally:
        process.terminate()
        lines.append(process.communicate(timeout=20)[0])


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Chromium without a window; the test is skipped where it or Playwright is missing."""
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is missing; run `pip install playwright`"
    )
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("Chromium is missing; on Debian run `apt-get install chromium`")
    with playwright.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def address(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the demo runs on a machine without the published logs."""
    with running(tmp_path_factory.mktemp("elsewhere"), tmp_path_factory.mktemp("empty")) as found:
        yield found


@pytest.fixture(scope="session")
def recorded_address(
    browser: "Browser", published_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where the demo runs on a machine with the published logs."""
    with running(tmp_path_factory.mktemp("elsewhere"), published_data) as found:
        yield found


@contextmanager
def visiting(browser: "Browser", address: str, viewport: dict[str, int]) -> Iterator[Watched]:
    context = browser.new_context(viewport=viewport, accept_downloads=True)
    watched = Watched(context.new_page())
    watched.page.goto(address)
    yield watched
    context.close()
    # Whatever a test is about, the page stays on this machine and its console stays clean.
    assert watched.strangers == []
    assert watched.complaints == []


@pytest.fixture
def visit(browser: "Browser", address: str, request: pytest.FixtureRequest) -> Iterator[Watched]:
    """The open page; parametrize indirectly with a viewport for another than the desktop's."""
    with visiting(browser, address, getattr(request, "param", DESKTOP)) as watched:
        yield watched


@pytest.fixture
def recorded_visit(browser: "Browser", recorded_address: str) -> Iterator[Watched]:
    """The open page where the published logs are on the machine."""
    with visiting(browser, recorded_address, DESKTOP) as watched:
        yield watched
