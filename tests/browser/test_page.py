"""The page as a person uses it, the wrong ways included."""

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

QUESTION = "What would you like solved?"
CHANCES = ".ranking li"


def _ask(page: Page, text: str) -> None:
    page.get_by_label(QUESTION).fill(text)
    page.get_by_role("button", name="Rank the prompts").click()


def test_the_page_opens_on_a_ranked_example(page: Page) -> None:
    expect(page.locator(CHANCES)).to_have_count(16)
    expect(page.locator(".ranking .chosen")).to_have_count(1)


def test_a_typed_question_is_ranked_anew(page: Page) -> None:
    before = page.locator(".ranking ol").inner_text()
    _ask(page, "What is 2 + 3?")
    expect(page.locator(".ranking ol")).not_to_have_text(before, use_inner_text=True)
    expect(page.locator(CHANCES)).to_have_count(16)


def test_an_example_fills_the_box_and_ranks(page: Page) -> None:
    before = page.locator(".ranking ol").inner_text()
    page.get_by_role("button", name="cookies in bags").click()
    expect(page.locator(".ranking ol")).not_to_have_text(before, use_inner_text=True)
    assert "cookies" in page.get_by_label(QUESTION).input_value()


def test_an_empty_question_is_a_sentence_and_keeps_the_ranking(page: Page) -> None:
    _ask(page, "   ")
    expect(page.get_by_text("The question is empty")).to_be_visible()
    expect(page.locator(CHANCES)).to_have_count(16)


def test_a_question_that_is_too_long_says_so(page: Page) -> None:
    _ask(page, "1 " * 5001)
    expect(page.get_by_text("10,001 characters").or_(page.get_by_text("at most 10,000"))).to_be_visible()


def test_a_prompt_of_ones_own_joins_the_ranking(page: Page) -> None:
    page.get_by_role("button", name="Add a prompt of your own").click()
    page.get_by_label("Your prompt").fill("Check your work:")
    page.get_by_role("button", name="Rank the prompts").click()
    expect(page.locator(CHANCES)).to_have_count(17)
    expect(page.locator(".ranking .name", has_text="Check your work:")).to_be_visible()


@pytest.mark.parametrize("text", ["<img src=x onerror=alert(1)>", "${alert(1)}", "{{7*7}}"])
def test_markup_in_a_prompt_stays_text(page: Page, text: str) -> None:
    page.get_by_role("button", name="Add a prompt of your own").click()
    page.get_by_label("Your prompt").fill(text)
    page.get_by_role("button", name="Rank the prompts").click()
    expect(page.locator(".ranking .name", has_text=text[:27].rstrip())).to_be_visible()
    assert page.locator(".ranking img").count() == 0


def test_a_prompt_opens_to_show_wording_and_source(page: Page) -> None:
    page.locator(".ranking summary").first.click()
    expect(page.locator(".ranking details[open] p")).to_contain_text("95 % interval")


def test_the_savings_figure_follows_the_choices(page: Page) -> None:
    page.get_by_role("tab", name="Savings").click()
    figure = page.locator(".js-plotly-plot").first
    expect(figure).to_be_visible()
    expect(figure).to_contain_text("LLM calls per query")
    page.get_by_label("tokens", exact=True).check()
    expect(figure).to_contain_text("tokens per query")
    page.get_by_role("radio", name="GSM8K").check()
    expect(page.get_by_text("1,000 queries with 16 prompts")).to_be_visible()
    page.get_by_label("GPT-3.5").check()
    expect(page.get_by_text("graded by the published labels")).to_be_visible()
    expect(page.get_by_text("so cost is in calls")).to_be_visible()


@pytest.mark.parametrize("tab", ["Ask", "Savings"])
def test_nothing_overflows_on_a_telephone(page: Page, tab: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("tab", name=tab, exact=True).click()
    expect(page.get_by_role("heading", name="Prompt-OIRL")).to_be_visible()
    page.wait_for_function("document.documentElement.scrollWidth <= window.innerWidth")
