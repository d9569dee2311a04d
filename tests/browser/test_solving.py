"""Asking on the page: one call answers, exhaustive prompting beside it, the session adds up."""

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is missing; run `pip install playwright`"
)
expect = sync_api.expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

QUESTION = "There are 6 boxes with 4 pencils in each box. How many pencils are there in all?"
# On a busy machine an answer takes a while.
PATIENCE = 60_000


def solve(page: "Page", question: str) -> None:
    page.get_by_label("What would you like solved?").fill(question)
    page.get_by_role("button", name="Solve", exact=True).click()


def answer(page: "Page") -> "Locator":
    return page.get_by_role("article").filter(has_text="Best-of-N: one call")


def session(page: "Page") -> "Locator":
    return page.get_by_role("region", name="This session")


def compare(page: "Page") -> "Locator":
    return page.get_by_role("button", name="Compare with exhaustive prompting")


def test_a_question_is_answered_with_one_call(visit: "Watched") -> None:
    page = visit.page
    expect(compare(page)).to_be_disabled()
    solve(page, QUESTION)
    expect(answer(page)).to_contain_text(re.compile(r"1 call · \d+ tokens"), timeout=PATIENCE)
    expect(answer(page)).to_contain_text("The answer is")
    chosen = page.get_by_role("listitem").filter(has_text="chosen").locator(".name").inner_text()
    expect(answer(page)).to_contain_text(f"“{chosen}”")
    expect(session(page)).to_contain_text("1 question · 1 call against 16")


def test_the_comparison_states_its_cost_before_and_the_saving_after(visit: "Watched") -> None:
    page = visit.page
    solve(page, QUESTION)
    expect(compare(page)).to_be_enabled(timeout=PATIENCE)
    expect(compare(page)).to_contain_text(re.compile(r"16 calls, about [\d,]+ tokens"))
    compare(page).click()
    every = page.get_by_role("article").filter(has_text="16 calls and a vote")
    expect(every).to_contain_text(
        re.compile(r"\d+ of 16 answers agree · 16 calls"), timeout=PATIENCE
    )
    expect(page.locator(".verdict:visible")).to_contain_text(re.compile("agree on|They disagree"))
    # A comparison is a demonstration: the saving counts questions alone.
    expect(session(page)).to_contain_text("1 question · 1 call against 16")


def test_the_session_is_downloaded_and_reset(visit: "Watched") -> None:
    page = visit.page
    solve(page, QUESTION)
    expect(session(page)).to_contain_text("1 question", timeout=PATIENCE)
    with page.expect_download() as caught:
        page.get_by_text("Download every call as CSV").click()
    rows = list(csv.DictReader(Path(caught.value.path()).read_text("utf-8").splitlines()))
    assert [(row["llm"], row["policy"], row["outcome"]) for row in rows] == [
        ("embedded", "best-of-n", "ok")
    ]
    page.get_by_role("button", name="Reset this session").click()
    expect(session(page)).to_have_count(0)


def test_an_example_fills_the_box_and_is_answered(visit: "Watched") -> None:
    page = visit.page
    page.get_by_role("button", name="a bus with a stop").click()
    expect(answer(page)).to_contain_text("1 call ·", timeout=PATIENCE)


def test_two_visitors_see_nothing_of_each_other(
    visit: "Watched", browser: "Browser", address: str
) -> None:
    other = browser.new_context().new_page()
    other.goto(address)
    solve(visit.page, QUESTION)
    expect(session(visit.page)).to_contain_text("1 question", timeout=PATIENCE)
    solve(other, "What is 2 + 2?")
    expect(session(other)).to_contain_text("1 question · 1 call against 16", timeout=PATIENCE)
    # Only an event of its own draws the first page's session anew; a second question is one.
    solve(visit.page, "What is 5 + 6?")
    expect(session(visit.page)).to_contain_text(
        "2 questions · 2 calls against 32", timeout=PATIENCE
    )
    other.context.close()


def test_a_question_that_the_llm_cannot_hold_is_explained(visit: "Watched") -> None:
    page = visit.page
    solve(page, "7 + " * 600)
    expect(page.get_by_text("Shorten the question or the prompt")).to_be_visible(timeout=PATIENCE)
    expect(compare(page)).to_be_disabled()
    # Nothing goes on looking as if an answer were to come, and the failed call is in the ledger.
    expect(answer(page)).to_contain_text("No answer.")
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    session(page).get_by_text("The latest calls").click()
    expect(session(page)).to_contain_text("bad request")


def test_stopping_when_nothing_runs_keeps_the_answer(visit: "Watched") -> None:
    page = visit.page
    solve(page, QUESTION)
    expect(answer(page)).to_contain_text("1 call ·", timeout=PATIENCE)
    # The answer was there before, so it is Stop's own reply that is waited for.
    with page.expect_response(lambda response: response.request.method == "POST") as reply:
        page.get_by_role("button", name="Stop", exact=True).click()
    reply.value.finished()
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(answer(page)).to_contain_text("1 call ·")


def test_a_newer_question_takes_the_place_of_a_running_comparison(visit: "Watched") -> None:
    page = visit.page
    solve(page, QUESTION)
    expect(compare(page)).to_be_enabled(timeout=PATIENCE)
    compare(page).click()
    solve(page, "What is 3 + 4?")
    expect(session(page)).to_contain_text("2 questions", timeout=PATIENCE)
    # Neither the older question's verdict nor its comparison stands beside the newer answer.
    expect(page.get_by_text("Once there is an answer, every prompt can be asked")).to_be_visible()
    expect(page.locator(".verdict:visible")).to_have_count(0)


def test_budgeted_shows_every_call_its_beliefs_and_why_it_stopped(visit: "Watched") -> None:
    page = visit.page
    dial = page.get_by_role("spinbutton", name="Calls to spend on a question, on average")
    expect(dial).to_be_hidden()
    page.get_by_role("combobox", name="Policy").click()
    page.get_by_role("option", name="Budgeted: calls where they help").click()
    expect(dial).to_be_visible()
    dial.fill("3")
    dial.press("Tab")
    solve(page, QUESTION)
    card = page.get_by_role("article").filter(has_text="Budgeted: about 3 calls a question")
    expect(card).to_contain_text(re.compile(r"\d+ calls? ·"), timeout=PATIENCE)
    calls = card.get_by_role("region", name="Calls one by one")
    expect(calls.get_by_role("listitem").first).to_contain_text(re.compile(r"\d+ %"))
    expect(calls).to_contain_text(re.compile("Settled|Given up|All 16 prompts"))


def test_only_the_ticked_prompts_are_considered(visit: "Watched") -> None:
    page = visit.page
    page.get_by_role("button", name="Prompts to consider").click()
    page.get_by_title("Select/Deselect All").uncheck()
    solve(page, QUESTION)
    expect(page.get_by_text("No prompt is chosen")).to_be_visible()
    for name in ("step by step", "maze"):
        page.get_by_role("checkbox", name=name, exact=True).check()
    solve(page, QUESTION)
    ranked = page.get_by_role("region", name="Prompts ranked").get_by_role("listitem")
    expect(ranked).to_have_count(2)
    expect(compare(page)).to_contain_text("2 calls", timeout=PATIENCE)
