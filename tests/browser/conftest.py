"""A browser and a running page; without a browser these tests are skipped and say what to install."""

import shutil
from collections.abc import Iterator

import pytest

from demo.app import create_app, launch_options

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync", "--no-first-run"]


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium on the PATH; on Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    app = create_app()
    _, url, _ = app.launch(prevent_thread_lock=True, quiet=True, **launch_options())
    yield url
    app.close()


@pytest.fixture
def page(browser: object, address: str) -> Iterator[object]:
    """A fresh page; afterwards its console must be clean and no request may have left."""
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    complaints: list[str] = []
    hosts: set[str] = set()
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else 0)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    opened.goto(address)
    yield opened
    opened.close()
    assert complaints == []
    assert {host.split(":")[0] for host in hosts if host} <= {"127.0.0.1", "localhost"}
