"""An LLM behind an API on the page: who pays, what a visitor may spend, where a key goes."""

import re
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from fake_openai import Asked, FakeOpenAI, Reply, stream

from tests.browser.conftest import Watched, running

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is missing; run `pip install playwright`"
)
expect = sync_api.expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

MODEL = "test-model"
KEY = "sk-visitor-0123456789abcdef"
QUESTION = "What is 2 + 3?"
SLOW = "Take your time."
SESSION_CALLS = 3
PATIENCE = 30_000


class Server:
    """A fake OpenAI whose answers to slow questions wait until they are let go."""

    def __init__(self) -> None:
        self.go_on, self.heard = threading.Event(), threading.Event()
        self.fake = FakeOpenAI(self._answer)

    def _answer(self, asked: Asked) -> Reply:
        if SLOW in asked.message:
            self.heard.set()
            self.go_on.wait(20)
        return stream(["2 + 3 = 5. ", "The answer ", "is 5."])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.go_on.set()
    found.fake.close()


@pytest.fixture(scope="module")
def printed() -> list[str]:
    """What the demo printed, whole once it has ended."""
    return []


@pytest.fixture(scope="module")
def api_address(
    browser: "Browser",
    server: Server,
    printed: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[str]:
    """The demo of an operator with a server of his own and a limit of three calls a session."""
    folder, empty = tmp_path_factory.mktemp("elsewhere"), tmp_path_factory.mktemp("empty")
    settings = {
        "OPENAI_BASE_URL": server.fake.url,
        "PROMPT_OIRL_API_MODELS": MODEL,
        "PROMPT_OIRL_SESSION_CALLS": str(SESSION_CALLS),
    }
    with running(folder, empty, printed, **settings) as found:
        yield found
    # The demo has ended, so all that it printed is here.
    assert KEY not in "".join(printed)


@pytest.fixture
def page(browser: "Browser", api_address: str) -> Iterator["Page"]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    watched = Watched(context.new_page())
    watched.page.goto(api_address)
    watched.page.get_by_role("combobox", name="LLM", exact=True).click()
    watched.page.get_by_role("option", name=MODEL).click()
    expect(watched.page.get_by_label("Your own API key")).to_be_visible()
    yield watched.page
    context.close()
    assert (watched.strangers, watched.complaints) == ([], [])


def solve(page: "Page", question: str) -> None:
    page.get_by_label("What would you like solved?").fill(question)
    page.get_by_role("button", name="Solve", exact=True).click()


def answer(page: "Page") -> "sync_api.Locator":
    return page.get_by_role("article").first


def session(page: "Page") -> "sync_api.Locator":
    return page.get_by_role("region", name="This session")


def test_the_operator_pays_up_to_the_limit_of_a_session(page: "Page", server: Server) -> None:
    solve(page, QUESTION)
    expect(answer(page)).to_contain_text("1 call · 10 tokens", timeout=PATIENCE)
    expect(answer(page).locator(".value")).to_have_text(re.compile("^5( |$)"))
    before = len(server.fake.asked)
    page.get_by_role("button", name="Compare with exhaustive prompting").click()
    # Sixteen calls are more than the two that are left; none of them is made.
    expect(page.get_by_text("What is left: 2 of the 3 calls")).to_be_visible(timeout=PATIENCE)
    assert len(server.fake.asked) == before
    solve(page, QUESTION)
    expect(session(page)).to_contain_text("2 questions", timeout=PATIENCE)


def test_a_typed_key_goes_to_the_server_and_nowhere_else(page: "Page", server: Server) -> None:
    page.get_by_label("Your own API key").fill(KEY)
    solve(page, QUESTION)
    expect(answer(page)).to_contain_text("1 call", timeout=PATIENCE)
    assert server.fake.asked[-1].authorization == f"Bearer {KEY}"
    assert KEY not in page.content()
    assert KEY not in page.url
    stored = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert KEY not in stored
    assert page.context.cookies() == [] or KEY not in str(page.context.cookies())


def test_stop_ends_the_spending_and_counts_it(page: "Page", server: Server) -> None:
    server.go_on.clear()
    server.heard.clear()
    solve(page, f"{QUESTION} {SLOW}")
    expect(answer(page)).to_contain_text("is answering", timeout=PATIENCE)
    assert server.heard.wait(20)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(answer(page)).to_contain_text("Stopped before the answer was complete", timeout=PATIENCE)
    expect(session(page)).to_contain_text("0 questions", timeout=PATIENCE)
    session(page).get_by_text("The latest calls").click()
    expect(session(page)).to_contain_text("cancelled")
    server.go_on.set()
    # The page asks again as if nothing had happened.
    solve(page, QUESTION)
    expect(answer(page)).to_contain_text("1 call · 10 tokens", timeout=PATIENCE)
