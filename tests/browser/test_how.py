"""How it works, as a visitor reads it: by keyboard, by ear, on a telephone."""

import re
from typing import TYPE_CHECKING

import pytest

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is missing; run `pip install playwright`"
)
expect = sync_api.expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

TELEPHONE = {"width": 390, "height": 844}


def open_how(page: "Page") -> None:
    page.get_by_role("tab", name="How it works").click()
    expect(picture(page)).to_be_visible()


def picture(page: "Page") -> "Locator":
    return page.get_by_role("table", name="Predicted chance of a right answer in percent")


def test_the_tab_is_opened_by_keyboard(visit: "Watched") -> None:
    page = visit.page
    page.get_by_role("tab", name="How it works").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What the numbers mean")).to_be_visible()


def test_the_picture_can_be_read_without_seeing_it(visit: "Watched") -> None:
    """Every cell is text under the name of its prompt and its query; the choice is said."""
    page = visit.page
    open_how(page)
    rows = picture(page).locator("tbody").get_by_role("row")
    expect(rows).to_have_count(16)
    for row in rows.all():
        expect(row.get_by_role("rowheader")).to_have_text(re.compile(r"\w"))
        expect(row.get_by_role("cell")).to_have_count(3)
        expect(row.get_by_role("cell").first).to_have_text(re.compile(r"\d"))
    expect(picture(page).get_by_text("chosen")).to_have_count(3)
    calls = page.get_by_role("table", name="Calls and accuracy")
    expect(calls.get_by_role("row", name=re.compile("best-of-N 1"))).to_be_visible()
    expect(calls.get_by_role("row", name=re.compile("exhaustive prompting 16"))).to_be_visible()


def test_a_desktop_shows_it_on_one_screen(visit: "Watched") -> None:
    page = visit.page
    open_how(page)
    for heading in ("What the numbers mean", "What they do not mean", "Read on"):
        expect(page.get_by_role("heading", name=heading)).to_be_in_viewport()
    expect(page.get_by_role("region", name="Citation")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Copy the citation")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("visit", [TELEPHONE], indirect=True)
def test_a_telephone_shows_it_in_its_width(visit: "Watched") -> None:
    page = visit.page
    open_how(page)
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    # What a table or a text sticks out of its column is cut off, so look at each by itself.
    assert (
        page.locator(".how table, .how p, .how li, .how dl").evaluate_all(
            "parts => parts.filter(part => part.getBoundingClientRect().right > innerWidth).length"
        )
        == 0
    )


def test_links_are_named_and_leave_the_page_alone(visit: "Watched") -> None:
    page = visit.page
    open_how(page)
    links = page.locator(".how a")
    expect(links.first).to_have_text(re.compile("paper"))
    for link in links.all():
        expect(link).to_have_text(re.compile(r"\w{4}"))
        expect(link).to_have_attribute("target", "_blank")
        expect(link).to_have_attribute("rel", re.compile("noopener"))


def test_the_citation_is_copied(visit: "Watched") -> None:
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_how(page)
    page.get_by_role("button", name="Copy the citation").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith(
        "@inproceedings{sun2024query,"
    )
