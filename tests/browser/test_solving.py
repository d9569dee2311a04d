"""Asking on the page: one call answers, exhaustive prompting beside it, the session adds up."""

import csv
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is missing; run `pip install playwright`"
)
expect = sync_api.expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

QUESTION = "There are 7 boxes with 4 pencils in each box. How many pencils are there in all?"
STAND_IN = "Dollars as if the LLM were"
SHARED = "What is 12 & 3 <b>plus</b> 4?"
# On a busy machine an answer takes a while.
PATIENCE = 60_000
_WATCH_FOR_CALLS = """() => {
  const look = () => { window.sawCalls ||= document.body.innerText.includes("of 16 calls"); };
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}"""


def solve(page: "Page", question: str) -> None:
    page.get_by_label("What would you like solved?").fill(question)
    page.get_by_role("button", name="Solve", exact=True).click()


def answer(page: "Page") -> "Locator":
    return page.get_by_role("article").filter(has_text="Best-of-N: one call")


def session(page: "Page") -> "Locator":
    return page.get_by_role("region", name="This session")


def compare(page: "Page") -> "Locator":
    return page.get_by_role("button", name="Compare with exhaustive prompting")


def racing(page: "Page") -> "Locator":
    return page.get_by_role("button", name="Run 20 questions")


def open_settings(page: "Page") -> None:
    page.get_by_role("button", name="how answers are read, and prices").click()


def stand_in(page: "Page", model: str) -> None:
    page.get_by_role("combobox", name=STAND_IN).click()
    page.get_by_role("option", name=model).click()


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
    page.get_by_role("button", name="a discount").click()
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


def test_stop_is_there_only_while_there_is_something_to_stop(visit: "Watched") -> None:
    page = visit.page
    stopping = page.get_by_role("button", name="Stop", exact=True)
    expect(stopping).to_be_hidden()
    page.get_by_role("button", name="Run 20 questions").click()
    expect(stopping).to_be_visible(timeout=PATIENCE)
    expect(stopping).to_be_hidden(timeout=PATIENCE)


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


def test_what_a_stopped_comparison_sent_may_come_late(visit: "Watched") -> None:
    page = visit.page
    solve(page, QUESTION)
    expect(compare(page)).to_be_enabled(timeout=PATIENCE)
    held: list[Any] = []

    def hold(route: Any) -> None:
        # Until the browser knows the event's number it keeps what the event sends.
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    page.route("**/queue/join*", hold)
    compare(page).click()
    solve(page, "What is 3 + 4?")
    expect(session(page)).to_contain_text("2 questions", timeout=PATIENCE)
    page.evaluate(_WATCH_FOR_CALLS)
    [(route, response)] = held
    route.fulfill(response=response)
    page.wait_for_function("window.sawCalls", timeout=PATIENCE)
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


def test_a_question_is_shared_by_its_link_and_ranked_where_it_is_opened(
    visit: "Watched",
) -> None:
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    asked = page.get_by_label("What would you like solved?")
    asked.fill(SHARED)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    other = page.context.new_page()
    other.goto(link)
    expect(other.get_by_label("What would you like solved?")).to_have_value(SHARED)
    expect(other.get_by_text("No LLM has been asked yet")).to_be_visible(timeout=PATIENCE)
    other.close()


@pytest.mark.parametrize("visit", [{"width": 390, "height": 844}], indirect=True)
def test_on_a_phone_the_settings_are_folded_away_until_wanted(visit: "Watched") -> None:
    page = visit.page
    policy = page.get_by_role("combobox", name="Policy")
    expect(page.get_by_role("button", name="Solve", exact=True)).to_be_in_viewport()
    expect(policy).to_be_hidden()
    page.get_by_label("LLM, policy and their settings").check()
    expect(policy).to_be_visible()


def test_only_the_ticked_prompts_are_considered(visit: "Watched") -> None:
    page = visit.page
    page.get_by_role("button", name="Prompts to consider").click()
    page.get_by_title("Select/Deselect All").uncheck()
    solve(page, QUESTION)
    # The toast says it, and the place of the ranking may say it too while one types.
    expect(page.get_by_text("No prompt is chosen").first).to_be_visible()
    for name in ("step by step", "maze"):
        page.get_by_role("checkbox", name=name, exact=True).check()
    solve(page, QUESTION)
    ranked = page.get_by_role("region", name="Prompts ranked").get_by_role("listitem")
    expect(ranked).to_have_count(2)
    expect(compare(page)).to_contain_text("2 calls", timeout=PATIENCE)


def test_what_is_typed_or_pasted_is_ranked_before_anything_is_asked(visit: "Watched") -> None:
    page = visit.page
    ranking = page.get_by_label("Prompts ranked by predicted chance of a correct answer")
    box = page.get_by_label("What would you like solved?")
    box.fill("")
    page.get_by_text("The prompts are ranked while you type").wait_for()
    box.press_sequentially("Ann has 4 pens and buys 5.")
    ranking.get_by_text("No LLM has been asked yet").wait_for()
    box.press("ControlOrMeta+a")
    page.keyboard.insert_text("What is the capital of France?")
    page.get_by_text("There is nothing to compute in this question").wait_for()
    assert session(page).count() == 0


def test_an_answer_steps_back_behind_another_question_and_returns(visit: "Watched") -> None:
    page = visit.page
    solve(page, "12 + 30?")
    answer(page).get_by_text("12 + 30?").wait_for()
    box = page.get_by_label("What would you like solved?")
    box.press("End")
    box.press_sequentially(" and 7")
    page.locator(".stale .card.answer").first.wait_for()
    for _ in " and 7":
        box.press("Backspace")
    page.locator(".stale").first.wait_for(state="detached")


def test_a_comparison_shows_every_answer_and_the_votes(visit: "Watched") -> None:
    page = visit.page
    solve(page, "12 + 30?")
    answer(page).locator(".cost").wait_for()
    compare(page).click()
    page.get_by_text("Show all 16 answers").click()
    rows = page.locator(".all tbody tr")
    assert rows.count() == 16
    votes = page.get_by_label("Votes").locator(".count").all_inner_texts()
    assert sum(map(int, votes)) == 16


def test_a_race_counts_right_answers_against_calls_and_can_be_stopped(visit: "Watched") -> None:
    page = visit.page
    page.get_by_role("button", name="Run 20 questions").click()
    race = page.get_by_role("region", name="Race")
    race.get_by_text("of 20 questions").wait_for()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.locator(".race[aria-busy]").wait_for(state="detached")
    asked = int(race.locator("tbody td").first.inner_text().split(" of ")[1])
    assert 1 <= asked <= 20
    # What was answered while Stop was on its way is paid for, and counted.
    counted = re.search(r"(\d+) questions?", session(page).inner_text())
    assert counted is not None
    assert int(counted[1]) - asked in (0, 1)


def test_a_new_question_is_graded(visit: "Watched") -> None:
    page = visit.page
    page.get_by_role("button", name="a new one, answer known").click()
    answer(page).locator(".grade").wait_for()
    assert answer(page).locator(".grade").inner_text()[0] in "✓✗"


def test_a_price_stands_in_on_all_that_is_shown_and_goes_again(visit: "Watched") -> None:
    page = visit.page
    solve(page, QUESTION)
    expect(compare(page)).to_be_enabled(timeout=PATIENCE)
    compare(page).click()
    every = page.get_by_role("article").filter(has_text="16 calls and a vote")
    expect(every).to_contain_text("no price", timeout=PATIENCE)
    open_settings(page)
    stand_in(page, "gpt-6-luna")
    for part in (answer(page), every, session(page), compare(page), racing(page)):
        expect(part).to_contain_text(re.compile(r"\$0\.\d+ as if it were gpt-6-luna"))
    expect(page.get_by_text("by its list price of 2026-11-01")).to_be_visible()
    # The next question has it from the start.
    solve(page, "12 + 30?")
    expect(answer(page)).to_contain_text("as if it were gpt-6-luna", timeout=PATIENCE)
    stand_in(page, "itself: it has no price")
    expect(page.get_by_text("as if it were")).to_have_count(0)
    expect(answer(page)).to_contain_text("no price")


def test_budgeted_plays_recorded_questions_back(recorded_visit: "Watched") -> None:
    page = recorded_visit.page
    page.get_by_role("combobox", name="LLM", exact=True).click()
    page.get_by_role("option", name="LLaMA2-7B-chat, recorded").click()
    page.get_by_role("combobox", name="Policy").click()
    page.get_by_role("option", name="Budgeted: calls where they help").click()
    page.get_by_role("button", name="Pick one at random").click()
    card = page.get_by_role("article").filter(has_text="Budgeted: about 4 calls a question")
    expect(card).to_contain_text(re.compile(r"\d+ calls? ·"), timeout=PATIENCE)
    expect(card).to_contain_text(re.compile("right|wrong"))
    expect(page.get_by_text("Chances and policy come from models that never saw")).to_be_visible()


def test_no_price_stands_in_for_an_llm_that_has_one(recorded_visit: "Watched") -> None:
    page = recorded_visit.page
    open_settings(page)
    stand_in(page, "claude-haiku-4-5")
    expect(compare(page)).to_contain_text("as if it were claude-haiku-4-5")
    page.get_by_role("combobox", name="LLM", exact=True).click()
    page.get_by_role("option", name="LLaMA2-7B-chat, recorded").click()
    expect(page.get_by_role("combobox", name=STAND_IN)).to_be_hidden()
    page.get_by_role("button", name="Pick one at random").click()
    expect(answer(page)).to_contain_text(re.compile(r"tokens · \$0\.\d+"), timeout=PATIENCE)
    expect(compare(page)).to_contain_text(re.compile(r"about \$0\.\d+$"))
    expect(page.get_by_text("as if it were")).to_have_count(0)
