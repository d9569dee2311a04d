"""A GGUF LLM on the page of a machine without a network, its file in place."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.browser.conftest import DESKTOP, Watched, running, visiting
from tests.unit.gguf_files import pretrained

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is missing; run `pip install playwright`"
)
expect = sync_api.expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

QUESTION = "There are 6 boxes with 4 pencils in each box. How many pencils are there in all?"
LABEL = "SmolLM2-135M-Instruct.Q4_1, GGUF"
PATIENCE = 300_000
"""Milliseconds; sixteen answers of up to 512 tokens on a machine that may have other things to
do."""


@pytest.fixture(scope="module")
def gguf_address(browser: "Browser", tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a demo runs that offers the small pretrained model and one that was not fetched."""
    with running(
        tmp_path_factory.mktemp("elsewhere"),
        tmp_path_factory.mktemp("empty"),
        PROMPT_OIRL_GGUF=f"{pretrained()},qwen2.5-0.5b-instruct",
        HF_HOME=str(tmp_path_factory.mktemp("hub")),
        HF_HUB_OFFLINE="1",
    ) as found:
        yield found


@pytest.fixture
def gguf_visit(browser: "Browser", gguf_address: str) -> Iterator[Watched]:
    with visiting(browser, gguf_address, DESKTOP) as watched:
        yield watched


def _choose(page: "Page", label: str) -> None:
    page.get_by_label("LLM", exact=True).click()
    page.get_by_role("option", name=label).click()


def test_one_call_is_set_beside_all_sixteen(gguf_visit: Watched) -> None:
    page = gguf_visit.page
    _choose(page, LABEL)
    expect(page.get_by_text("answers on the page's own machine")).to_be_visible()
    expect(page.get_by_text("stands in for an LLM without a log of its own")).to_be_visible()
    page.get_by_label("What would you like solved?").fill(QUESTION)
    page.get_by_role("button", name="Solve", exact=True).click()
    one = page.get_by_role("article").filter(has_text="Best-of-N: one call")
    expect(one).to_contain_text(re.compile(r"1 call · [\d,]+ tokens"), timeout=PATIENCE)
    compare = page.get_by_role("button", name="Compare with exhaustive prompting")
    expect(compare).to_be_enabled(timeout=PATIENCE)
    compare.click()
    every = page.get_by_role("article").filter(has_text="16 calls and a vote")
    expect(every).to_contain_text(
        re.compile(r"\d+ of 16 answers agree · 16 calls"), timeout=PATIENCE
    )


def test_a_model_that_is_not_here_is_offered_to_be_fetched_and_without_a_network_says_so(
    gguf_visit: Watched,
) -> None:
    page = gguf_visit.page
    _choose(page, "Qwen2.5-0.5B, GGUF")
    fetch = page.get_by_role("button", name="Fetch Qwen2.5-0.5B")
    expect(fetch).to_have_text("Fetch Qwen2.5-0.5B: about 0.5 GB, licence Apache 2.0")
    fetch.click()
    expect(page.get_by_text("the Hugging Face Hub cannot be reached")).to_be_visible(timeout=60_000)
    expect(fetch).to_be_enabled()
    _choose(page, "embedded")
    expect(fetch).to_be_hidden()
