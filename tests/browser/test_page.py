"""The page as a visitor uses it: type, choose, download; on a desktop and on a telephone."""

import re
from typing import TYPE_CHECKING

import pytest

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is missing; run `pip install playwright`"
)
expect = sync_api.expect
# The first figure brings a large script with it, which a busy machine takes its time to serve.
expect.set_options(timeout=20_000)

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

QUESTION = "Ada packs 9 boxes with 14 books each and gives away 26 books. How many are left?"
OWN_PROMPT = "Write down every quantity first, then compute:"
SCRIPT = "<img src=x onerror=alert(1)>"
TELEPHONE = {"width": 390, "height": 844}
LIMIT = 10_000


def question_box(page: "Page") -> "Locator":
    return page.get_by_label("What would you like solved?")


def ranked(page: "Page") -> "Locator":
    return page.get_by_role("region", name="Prompts ranked").get_by_role("listitem")


def chances(page: "Page") -> list[str]:
    return ranked(page).locator(".chance").all_inner_texts()


def ask(page: "Page", question: str) -> None:
    question_box(page).fill(question)
    page.get_by_role("button", name="Solve", exact=True).click()


def overflow(page: "Page") -> int:
    """Pixels that the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def add_own_prompt(page: "Page", text: str) -> None:
    page.get_by_role("button", name="Prompts to consider").click()
    page.get_by_label("Prompts of your own, one a line").fill(text)


def choose(page: "Page", label: str, option: str) -> None:
    """Pick an entry of a list, as a person does: open it and select."""
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option).click()


def test_opens_on_a_ranked_example(visit: "Watched") -> None:
    page = visit.page
    expect(page.get_by_role("heading", name="Prompt-OIRL")).to_be_visible()
    expect(ranked(page)).to_have_count(16)
    expect(ranked(page).first).to_contain_text("chosen")
    expect(page.get_by_text("chosen", exact=False)).to_have_count(1)


def test_a_typed_question_is_ranked_by_the_button(visit: "Watched") -> None:
    page = visit.page
    expect(ranked(page)).to_have_count(16)
    before = chances(page)
    ask(page, QUESTION)
    expect(ranked(page).locator(".chance")).not_to_have_text(before)
    shown = [int(re.match(r"\d+", chance)[0]) for chance in chances(page)]
    assert len(shown) == 16
    assert shown == sorted(shown, reverse=True)


def test_a_typed_question_is_ranked_by_enter(visit: "Watched") -> None:
    page = visit.page
    expect(ranked(page)).to_have_count(16)
    before = chances(page)
    question_box(page).fill(QUESTION)
    question_box(page).press("Enter")
    expect(ranked(page).locator(".chance")).not_to_have_text(before)


def test_a_prompt_shows_its_wording_by_keyboard(visit: "Watched") -> None:
    page = visit.page
    row = ranked(page).filter(has=page.get_by_text("step by step", exact=True))
    wording = row.get_by_text("Let's think step by step:")
    expect(wording).to_be_hidden()
    row.locator("summary").press("Enter")
    expect(wording).to_be_visible()
    expect(row).to_contain_text("Kojima")
    expect(row).to_contain_text("95 % interval")


@pytest.mark.parametrize("question", ["", "   \n "])
def test_an_empty_question_is_explained(visit: "Watched", question: str) -> None:
    ask(visit.page, question)
    expect(visit.page.get_by_text("The question is empty")).to_be_visible()


def test_a_question_at_the_limit_is_ranked_and_one_above_it_is_refused(visit: "Watched") -> None:
    page = visit.page
    expect(ranked(page)).to_have_count(16)
    before = chances(page)
    ask(page, "7" * LIMIT)
    expect(ranked(page).locator(".chance")).not_to_have_text(before)
    # While a question is being answered the button takes no other.
    expect(page.get_by_text("No answer.")).to_be_visible()
    ask(page, "7" * (LIMIT + 1))
    expect(page.get_by_text(f"at most {LIMIT:,} are allowed")).to_be_visible()


def test_an_own_prompt_is_ranked_with_a_wider_interval(visit: "Watched") -> None:
    page = visit.page
    add_own_prompt(page, OWN_PROMPT)
    ask(page, QUESTION)
    expect(ranked(page)).to_have_count(17)
    widths = (
        ranked(page)
        .locator(".whisker")
        .evaluate_all("whiskers => whiskers.map(whisker => whisker.getBoundingClientRect().width)")
    )
    names = ranked(page).locator(".name").all_inner_texts()
    own = next(place for place, name in enumerate(names) if OWN_PROMPT.startswith(name.strip("…")))
    neighbour = own - 1 if own else own + 1
    assert widths[own] > widths[neighbour]


def test_an_own_prompt_may_be_worded_like_a_published_name(visit: "Watched") -> None:
    add_own_prompt(visit.page, "cot")
    ask(visit.page, QUESTION)
    expect(ranked(visit.page)).to_have_count(17)


def test_typed_markup_stays_text(visit: "Watched") -> None:
    page = visit.page
    opened: list[str] = []
    page.on("dialog", lambda dialog: (opened.append(dialog.message), dialog.dismiss()))
    add_own_prompt(page, SCRIPT)
    ask(page, f"How much is 2 + 2? {SCRIPT}")
    row = ranked(page).filter(has_text=SCRIPT[:20])
    expect(row).to_have_count(1)
    row.locator("summary").press("Enter")
    expect(row.get_by_text(f"“{SCRIPT}”")).to_be_visible()
    expect(page.locator("img[src=x]")).to_have_count(0)
    assert opened == []


def test_recorded_answers_are_not_offered_where_the_operators_folder_has_none(
    visit: "Watched",
) -> None:
    page = visit.page
    page.get_by_role("combobox", name="LLM", exact=True).click()
    expect(page.get_by_role("option").first).to_be_visible()
    expect(page.get_by_role("option", name="recorded")).to_have_count(0)


@pytest.mark.parametrize("visit", [TELEPHONE], indirect=True)
def test_a_telephone_shows_everything_in_its_width(visit: "Watched") -> None:
    page = visit.page
    expect(ranked(page)).to_have_count(16)
    assert overflow(page) <= 0
    ranked(page).first.locator("summary").click()
    assert overflow(page) <= 0


def test_the_tabs_are_reached_by_keyboard(visit: "Watched") -> None:
    page = visit.page
    page.get_by_role("tab", name="Ask").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="Savings")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("radio", name="LLM calls")).to_be_visible()


@pytest.mark.published
def test_a_recorded_question_is_played_back(recorded_visit: "Watched") -> None:
    page = recorded_visit.page
    choose(page, "LLM", "LLaMA2-7B-chat, recorded")
    page.get_by_role("button", name="Pick one at random").click()
    cards = page.get_by_role("article")
    expect(cards.first).to_contain_text("1 call ·")
    page.get_by_role("button", name="Compare with exhaustive prompting").click()
    expect(cards.last).to_contain_text(re.compile(r"\d+ of 16 answers agree · 16 calls ·"))
    expect(cards.last).to_contain_text(re.compile("right|wrong"))
    expect(page.locator(".verdict:visible")).to_contain_text(re.compile("right|wrong"))
    expect(page.get_by_text("never saw this question")).to_be_visible()


@pytest.mark.published
def test_a_recorded_question_is_found_by_its_number(recorded_visit: "Watched") -> None:
    page = recorded_visit.page
    choose(page, "LLM", "LLaMA2-7B-chat, recorded")
    choice = page.get_by_role("combobox", name="GSM8K test question")
    choice.click()
    choice.press_sequentially("999 ·")
    page.get_by_role("option").filter(has_text="999 ·").click()
    expect(choice).to_have_value(re.compile(r"^999 · "))
    expect(page.get_by_role("article").first).to_contain_text(re.compile("right|wrong"))


@pytest.mark.published
def test_a_typed_question_clears_the_recorded_answer(recorded_visit: "Watched") -> None:
    page = recorded_visit.page
    choose(page, "LLM", "LLaMA2-7B-chat, recorded")
    page.get_by_role("button", name="Pick one at random").click()
    cards = page.get_by_role("article")
    expect(cards.first).to_contain_text("1 call ·")
    choose(page, "LLM", "embedded")
    expect(cards.first).to_contain_text("Select “Solve”")
    expect(page.get_by_text("never saw this question")).to_be_hidden()
