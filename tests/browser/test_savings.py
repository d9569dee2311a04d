"""The Savings tab as a visitor uses it: choose, price, share, download."""

import csv
import io
import re
import struct
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlparse

import pytest

from core.costs.prices import price_as_if
from core.evaluation.frontier import hero
from demo.savings.comparisons import part_of

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is missing; run `pip install playwright`"
)
expect = sync_api.expect
# The first figure brings a large script with it, which a busy machine takes its time to serve.
expect.set_options(timeout=30_000)

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

TELEPHONE = {"width": 390, "height": 844}
SCRIPT = "<img src=x onerror=alert(1)>"
SVAMP_ROWS = len(part_of("frontier", "llama2-7b-chat", "svamp", "clean", "answered"))
PROMPT = "Dollars per million prompt tokens"
COMPLETION = "Dollars per million completion tokens"
VOLUME = "Queries per month"


def open_savings(page: "Page") -> None:
    page.get_by_role("tab", name="Savings").click()
    expect(figure(page).locator(".main-svg").first).to_be_visible()


def open_mawps(page: "Page") -> None:
    """Open Savings on MAWPS, at a volume of its own."""
    visit_address(page, "tab=savings&data=mawps&queries=100000")


def advanced(page: "Page") -> None:
    page.get_by_role("button", name="Advanced").click()


def figure(page: "Page") -> "Locator":
    return page.locator(".savings .js-plotly-plot").first


def bill(page: "Page") -> "Locator":
    return page.get_by_role("region", name="Monthly bill")


def billed(page: "Page", policy: str) -> "Locator":
    return bill(page).get_by_role("row").filter(has_text=re.compile(f"^{policy}"))


def visit_address(page: "Page", query: str) -> None:
    page.goto(f"{page.url.split('?')[0]}?{query}")
    expect(figure(page).locator(".main-svg").first).to_be_visible()


def wait_for_unseen_view(page: "Page") -> None:
    """Wait until the view of the address has come; it is kept until its tab is opened."""
    page.wait_for_function("window.promptOirlSavings?.wanted.size > 0")


def fill(page: "Page", label: str, text: str) -> None:
    page.get_by_label(label).fill(text)
    page.get_by_label(label).press("Tab")


def parameters(page: "Page") -> dict[str, list[str]]:
    return parse_qs(urlparse(page.url).query)


def overflow(page: "Page") -> int:
    """Pixels that the page is wider than its window."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def downloaded(page: "Page", kind: str) -> Path:
    with page.expect_download() as caught:
        page.get_by_role("button", name=kind, exact=True).click()
    name = caught.value.suggested_filename
    assert name == f"prompt-oirl-llama2-7b-chat-mawps-clean-answered.{kind.lower()}"
    return Path(caught.value.path())


def best_of_n(prompt: float, completion: float = 0.2, *, queries: int = 100_000) -> str:
    """What best-of-N costs on MAWPS, at dollars per million tokens."""
    rows = part_of("frontier", "llama2-7b-chat", "mawps", "clean", "answered")
    [row] = rows[rows["policy"] == "best-of-n"].to_dict("records")
    each = (prompt * row["prompt_tokens"] + completion * row["completion_tokens"]) / 1e6
    return f"${each * queries:.2f}"


@pytest.mark.parametrize(
    ("llm", "then", "dataset", "said"),
    [
        ("LLaMA2-7B-chat", "queries with", "SVAMP", "4,690 queries with 6 prompts"),
        ("GPT-3.5", "by the published labels", "SVAMP", "4,690 queries with 6 prompts"),
        ("embedded", "with 16 prompts", "own questions", "queries with 16 prompts"),
    ],
)
def test_a_choice_redraws_figure_and_caption(
    visit: "Watched", llm: str, then: str, dataset: str, said: str
) -> None:
    page = visit.page
    open_savings(page)
    page.get_by_role("radio", name=llm).check()
    # Another LLM offers other comparisons; a person waits for them too.
    expect(page.get_by_text(then)).to_be_visible()
    page.get_by_role("radio", name=dataset).check()
    expect(page.get_by_text(said)).to_be_visible()
    expect(figure(page)).to_contain_text("needs the answers")


def test_the_cost_axis_can_be_switched(visit: "Watched") -> None:
    page = visit.page
    open_savings(page)
    title = figure(page).locator(".xtitle")
    expect(title).to_have_text("LLM calls per query")
    page.get_by_role("radio", name="tokens", exact=True).check()
    expect(title).to_have_text("tokens per query")
    page.get_by_role("radio", name="dollars").check()
    expect(title).to_have_text("dollars per 1,000 queries")


def test_all_published_rivals_are_drawn_on_demand(visit: "Watched") -> None:
    page = visit.page
    open_savings(page)
    legend = page.locator(".savings .legend")
    expect(legend).not_to_contain_text("ESC")
    page.get_by_role("button", name="Advanced").click()
    page.get_by_role("radio", name="ESC, DSC, CISC").check()
    for label in ("ESC", "DSC", "CISC"):
        expect(legend).to_contain_text(label)
    assert "rivals=all" in page.url
    page.get_by_role("radio", name="the usual ones").check()
    expect(legend).not_to_contain_text("ESC")


def test_choices_made_in_a_hurry_are_all_drawn(visit: "Watched") -> None:
    page = visit.page
    open_mawps(page)
    page.get_by_role("radio", name="GSM8K").check()
    page.get_by_role("radio", name="tokens", exact=True).check()
    page.get_by_role("radio", name="dollars").check()
    expect(figure(page)).to_contain_text("dollars per 1,000 queries")
    expect(page.get_by_text("1,000 queries with 16 prompts")).to_be_visible()
    expect(page.get_by_role("radio", name="GSM8K")).to_be_checked()
    expect(page.get_by_text("25.3 % of 8,473 queries")).to_be_visible()


def test_the_published_protocol_says_what_it_leaks_and_has_prompts_of_its_own(
    visit: "Watched",
) -> None:
    page = visit.page
    open_mawps(page)
    advanced(page)
    expect(page.get_by_text("judged on a question it saw")).to_be_visible()
    page.get_by_role("radio", name="published").check()
    expect(page.get_by_text("repeats every MAWPS and SVAMP test question")).to_be_visible()
    page.get_by_role("radio", name="ten held-out prompts").check()
    expect(page.get_by_text("1,685 queries with 10 prompts")).to_be_visible()


def test_typed_prices_and_volume_change_bill_cards_and_break_even(visit: "Watched") -> None:
    page = visit.page
    open_mawps(page)
    best = billed(page, "best-of-N")
    expect(best).to_contain_text(best_of_n(0.2))
    expect(page.get_by_text("$1.20 at this price")).to_be_visible()
    fill(page, PROMPT, "2")
    fill(page, COMPLETION, "2")
    expect(best).to_contain_text(best_of_n(2, 2))
    expect(page.get_by_text("$11.98 at this price")).to_be_visible()
    expect(page.get_by_text("your price: $2 in, $2 out per million tokens").first).to_be_visible()
    fill(page, VOLUME, "200,000")
    expect(best).to_contain_text(best_of_n(2, 2, queries=200_000))
    expect(best).to_contain_text("1,778 queries")
    page.get_by_role("button", name="Reset to list prices").click()
    expect(page.get_by_label(PROMPT)).to_have_value("0.2")
    expect(best).to_contain_text(best_of_n(0.2, queries=200_000))
    expect(page.get_by_text("2026-11-01, from genai-prices")).to_be_visible()


def test_a_usual_volume_is_taken_by_key_or_typed_and_stands_in_the_address(
    visit: "Watched",
) -> None:
    page = visit.page
    open_savings(page)
    many, few = (page.get_by_role("radio", name=name) for name in ("100 million", "10 thousand"))
    usual = page.get_by_role("radio", name="1 million", exact=True)
    expect(usual).to_be_checked()
    usual.focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(many).to_be_checked()
    expect(bill(page)).to_contain_text("100,000,000 queries a month")
    expect(page.get_by_label(VOLUME)).to_have_value("100,000,000")
    expect(page).to_have_url(re.compile("queries=100000000"))
    few.check()
    expect(bill(page)).to_contain_text("10,000 queries a month")
    fill(page, VOLUME, "123")
    expect(bill(page)).to_contain_text("123 queries a month")
    expect(few).not_to_be_checked()
    # After what is no number each of them is a way out, the one of the bill as well.
    few.check()
    expect(page.get_by_label(VOLUME)).to_have_value("10,000")
    fill(page, VOLUME, "many")
    expect(page.get_by_text("'many' is not a whole number")).to_be_visible()
    expect(few).not_to_be_checked()
    few.check()
    expect(page.get_by_text("'many' is not a whole number")).to_be_hidden()
    expect(page.get_by_label(VOLUME)).to_have_value("10,000")
    page.reload()
    expect(bill(page)).to_contain_text("10,000 queries a month")
    expect(few).to_be_checked()
    # One that nobody offers is none of them.
    visit_address(page, "tab=savings&queries=77")
    expect(bill(page)).to_contain_text("77 queries a month")
    expect(usual).not_to_be_checked()


def test_what_has_no_price_is_billed_as_if_it_were_a_model_of_today(visit: "Watched") -> None:
    page = visit.page
    visit_address(page, "tab=savings&llm=embedded")
    expect(page.get_by_label(PROMPT)).to_have_value("")
    page.get_by_role("combobox", name="Fill in the list prices of").click()
    page.get_by_role("option", name="gpt-6-luna").click()
    expect(page.get_by_text("As if it were gpt-6-luna, by its list price of")).to_be_visible()
    told = hero(part_of("frontier", "embedded"))
    price = price_as_if("gpt-6-luna")
    dollars = price.dollars(told["prompt_tokens"], told["completion_tokens"]) * 1_000_000
    expect(billed(page, "budgeted")).to_contain_text(f"${dollars:,.2f}")
    page.get_by_role("button", name="Reset to list prices").click()
    expect(page.get_by_label(PROMPT)).to_have_value("")


def test_a_price_is_drawn_while_it_is_typed(visit: "Watched") -> None:
    page = visit.page
    open_mawps(page)
    page.get_by_label(PROMPT).press("End")
    page.get_by_label(PROMPT).press_sequentially("5")
    expect(billed(page, "best-of-N")).to_contain_text(best_of_n(0.25))


@pytest.mark.parametrize("price", ["-3", "20000", "cheap", SCRIPT])
def test_a_bad_price_is_explained_and_nothing_is_lost(visit: "Watched", price: str) -> None:
    page = visit.page
    open_mawps(page)
    fill(page, PROMPT, price)
    said = page.get_by_role("alert")
    expect(said).to_contain_text(price)
    expect(said).to_contain_text("is not a number from 0 to 10,000")
    expect(billed(page, "best-of-N")).to_contain_text(best_of_n(0.2))
    expect(page.get_by_label(PROMPT)).to_have_value(price)
    fill(page, PROMPT, "0.2")
    expect(said).to_be_hidden()


def test_a_machine_by_the_hour_uses_measured_seconds_where_there_are_any(
    visit: "Watched",
) -> None:
    page = visit.page
    open_savings(page)
    page.get_by_role("radio", name="a machine by the hour").check()
    expect(page.get_by_label("Seconds per 1,000 completion tokens")).to_have_value("")
    expect(page.get_by_text("There is no price")).to_be_visible()
    page.get_by_role("radio", name="embedded").check()
    expect(page.get_by_label("Seconds per 1,000 completion tokens")).not_to_have_value("")
    expect(page.get_by_text(re.compile(r"Measured: .* mean of 38,400 calls"))).to_be_visible()
    fill(page, "Dollars per GPU hour", "2")
    expect(billed(page, "exhaustive prompting")).to_contain_text("$")


def test_a_shared_address_restores_the_view(visit: "Watched") -> None:
    page = visit.page
    visit_address(page, "__theme=light&tab=savings")
    page.get_by_role("radio", name="SVAMP").check()
    expect(page.get_by_text("4,690 queries with 6 prompts")).to_be_visible()
    page.get_by_role("radio", name="tokens", exact=True).check()
    fill(page, COMPLETION, "3")
    fill(page, VOLUME, "5,000")
    expect(page).to_have_url(re.compile("out=3.*|queries=5000.*out=3"))
    expect(page).to_have_url(re.compile("queries=5000"))
    asked = parameters(page)
    assert asked["__theme"] == ["light"]
    assert (asked["data"], asked["axis"]) == (["svamp"], ["tokens"])
    assert "in" not in asked
    page.reload()
    expect(page.get_by_role("tab", name="Savings")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("4,690 queries with 6 prompts")).to_be_visible()
    expect(figure(page).locator(".xtitle")).to_have_text("tokens per query")
    expect(page.get_by_label(COMPLETION)).to_have_value("3")
    expect(bill(page)).to_contain_text("5,000 queries a month")
    expect(page.get_by_role("radio", name="SVAMP")).to_be_checked()


def test_a_chosen_tab_is_written_into_the_address_and_opened_from_it(visit: "Watched") -> None:
    page = visit.page
    open_savings(page)
    expect(page).to_have_url(re.compile("tab=savings"))
    page.get_by_role("tab", name="Ask").click()
    expect(page).to_have_url(re.compile("tab=ask"))


def test_back_and_forward_go_through_the_tabs(visit: "Watched") -> None:
    page = visit.page
    chosen = page.get_by_role("tab", selected=True)
    for name in ("Savings", "Your logs"):
        page.get_by_role("tab", name=name).click()
        expect(chosen).to_have_text(name)
    page.go_back()
    expect(chosen).to_have_text("Savings")
    page.go_back()
    expect(chosen).to_have_text("Ask")
    page.go_forward()
    expect(chosen).to_have_text("Savings")


def test_wrong_parameters_are_explained_and_the_rest_is_kept(visit: "Watched") -> None:
    page = visit.page
    visit_address(page, f"tab=savings&llm=gpt-9&data=svamp&in=-1&queries=0&axis={SCRIPT}")
    said = page.get_by_role("alert")
    for part in (
        "Unknown llm 'gpt-9'. Known: llama2-7b-chat, gpt-3.5-turbo, embedded.",
        f"Unknown axis '{SCRIPT}'. Known: calls, tokens, dollars.",
        "'-1' is not a number from 0 to 10,000",
        "'0' is not a whole number from 1 to 1,000,000,000",
    ):
        expect(said).to_contain_text(part)
    expect(page.get_by_text("4,690 queries with 6 prompts")).to_be_visible()
    expect(page.get_by_label(PROMPT)).to_have_value("0.2")
    expect(page.locator("img[src=x]")).to_have_count(0)


def test_the_view_is_embedded_in_another_page_by_what_is_copied(visit: "Watched") -> None:
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_savings(page)
    page.get_by_role("button", name="Embed").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    frame = page.evaluate("navigator.clipboard.readText()")
    other = page.context.new_page()
    other.set_content(frame)
    inside = other.frame_locator("iframe")
    expect(inside.get_by_role("region", name="What is saved")).to_be_visible(timeout=60_000)
    expect(inside.get_by_role("tab", name="Ask")).to_be_hidden()
    other.close()


def test_the_link_to_the_view_is_copied_and_said_aloud(visit: "Watched") -> None:
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_savings(page)
    page.get_by_role("radio", name="SVAMP").check()
    expect(page).to_have_url(re.compile("data=svamp"))
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    expect(page.get_by_role("button", name="Copy link")).to_be_visible()


def test_the_link_is_copied_without_a_secure_connection_too(visit: "Watched") -> None:
    page = visit.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_savings(page)
    page.evaluate(
        "() => { navigator.clipboard.writeText = () => Promise.reject(new Error('refused')); }"
    )
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_a_view_stays_when_another_tab_was_looked_at(visit: "Watched") -> None:
    page = visit.page
    open_savings(page)
    page.get_by_role("radio", name="tokens", exact=True).check()
    expect(figure(page).locator(".xtitle")).to_have_text("tokens per query")
    page.get_by_role("radio", name="SVAMP").check()
    expect(page.get_by_text("4,690 queries with 6 prompts")).to_be_visible()
    page.get_by_role("tab", name="How it works").click()
    page.get_by_role("tab", name="Savings").click()
    expect(figure(page).locator(".xtitle")).to_have_text("tokens per query")
    expect(page.get_by_text("4,690 queries with 6 prompts")).to_be_visible()


def test_an_address_is_shown_when_its_view_is_not_on_the_first_tab(visit: "Watched") -> None:
    page = visit.page
    page.goto(f"{page.url.split('?')[0]}?tab=how&data=svamp&axis=tokens")
    expect(page.get_by_role("tab", name="How it works")).to_have_attribute("aria-selected", "true")
    open_savings(page)
    expect(page.get_by_text("4,690 queries with 6 prompts")).to_be_visible()
    expect(figure(page).locator(".xtitle")).to_have_text("tokens per query")
    page.get_by_role("button", name="All rows").click()
    table = page.get_by_role("region", name="All rows")
    expect(table.get_by_role("row").filter(has_text="cost-aware")).not_to_have_count(0)
    expect(page.get_by_text(f"{SVAMP_ROWS} rows, each over 4,690 queries")).to_be_visible()


def test_a_choice_is_kept_in_the_address_of_another_tab_when_it_is_loaded_again(
    visit: "Watched",
) -> None:
    page = visit.page
    open_savings(page)
    page.get_by_role("radio", name="SVAMP").check()
    expect(page).to_have_url(re.compile("data=svamp"))
    page.get_by_role("tab", name="How it works").click()
    expect(page).to_have_url(re.compile("tab=how"))
    address = page.url
    chosen = page.get_by_role("tab", name="How it works")
    for _ in range(2):
        page.reload()
        expect(chosen).to_have_attribute("aria-selected", "true")
        wait_for_unseen_view(page)
        assert page.url == address


def test_an_address_without_a_known_tab_stays_as_it_is(visit: "Watched") -> None:
    page = visit.page
    for query in ("data=svamp", "tab=xx&data=svamp"):
        address = f"{page.url.split('?')[0]}?{query}"
        page.goto(address)
        wait_for_unseen_view(page)
        expect(page.get_by_role("tab", name="Ask")).to_have_attribute("aria-selected", "true")
        assert page.url == address


def test_a_changed_figure_keeps_its_room_when_a_telephone_is_turned(visit: "Watched") -> None:
    page = visit.page
    open_savings(page)
    page.get_by_role("radio", name="GSM8K").check()
    expect(page.get_by_text("1,000 queries with 16 prompts")).to_be_visible()
    page.set_viewport_size(TELEPHONE)
    page.wait_for_function(
        "document.querySelector('.savings .main-svg').getBoundingClientRect().width < 390"
    )
    drawn = figure(page).locator(".main-svg").first.bounding_box()
    assert figure(page).bounding_box()["height"] >= drawn["height"] > 0


def test_hovering_a_mark_of_a_curve_tells_its_row(visit: "Watched") -> None:
    page = visit.page
    open_savings(page)
    page.get_by_role("radio", name="SVAMP").check()
    expect(page.get_by_text("4,690 queries with 6 prompts")).to_be_visible()
    curve = figure(page).locator(".scatterlayer .trace", has=page.locator(".js-line"))
    box = curve.locator(".point").last.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    label = figure(page).locator(".hoverlayer")
    expect(label).to_contain_text("4,690 queries, recorded")
    expect(label).to_contain_text("calls")


def test_an_unknown_tab_is_explained(visit: "Watched") -> None:
    page = visit.page
    page.goto(f"{page.url.split('?')[0]}?tab=nowhere")
    expect(page.get_by_role("alert")).to_contain_text("Unknown tab 'nowhere'. Known: ask, savings")


def test_the_rows_arrive_as_csv_at_the_first_click_with_the_typed_price(visit: "Watched") -> None:
    page = visit.page
    open_mawps(page)
    fill(page, PROMPT, "0")
    expect(page.get_by_text("Your price. The list price")).to_be_visible()
    text = downloaded(page, "CSV").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {row["dataset"] for row in rows} == {"mawps"}
    assert {row["price"] for row in rows} == {"your price: $0 in, $0.2 out per million tokens"}
    best = next(row for row in rows if row["policy"] == "best-of-n")
    paid = float(best["completion_tokens"]) * 0.2 / 1000
    assert float(best["dollars_per_1000"]) == pytest.approx(paid)


def test_the_figure_arrives_as_png_svg_and_html_with_title_and_source(visit: "Watched") -> None:
    page = visit.page
    open_mawps(page)
    png = downloaded(page, "PNG").read_bytes()
    assert png.startswith(b"\x89PNG")
    assert struct.unpack(">II", png[16:24]) == (1600, 900)
    svg = downloaded(page, "SVG").read_text("utf-8")
    assert svg.startswith("<svg")
    html = downloaded(page, "HTML").read_text("utf-8")
    assert len(html) > 3_000_000
    assert "cdn.plot.ly/plotly" not in html
    for text in (svg, html):
        assert "Accuracy against LLM calls per query: LLaMA2-7B-chat on MAWPS" in text
        assert "Recorded answers to 1,685 queries with 12 prompts" in text
        assert "needs the answers" in text


def test_the_html_figure_draws_by_itself(
    visit: "Watched", tmp_path: Path, browser: "sync_api.Browser"
) -> None:
    open_mawps(visit.page)
    path = tmp_path / "figure.html"
    path.write_bytes(downloaded(visit.page, "HTML").read_bytes())
    context = browser.new_context(offline=True)
    alone = context.new_page()
    alone.goto(path.as_uri())
    expect(alone.locator(".gtitle")).to_contain_text("right answers as asking all 12 prompts")
    expect(alone.get_by_text("LLaMA2-7B-chat on MAWPS")).to_be_visible()
    expect(alone.locator(".legend")).to_contain_text("best-of-N")
    context.close()


def test_all_rows_are_a_table_with_units(visit: "Watched") -> None:
    page = visit.page
    open_mawps(page)
    page.get_by_role("button", name="All rows").click()
    table = page.get_by_role("region", name="All rows")
    expect(table.get_by_role("columnheader", name="$ per 1,000 queries")).to_be_visible()
    expect(table.get_by_role("row").filter(has_text="Adaptive-Consistency")).to_have_count(28)


@pytest.mark.parametrize("visit", [TELEPHONE], indirect=True)
def test_a_telephone_shows_savings_in_its_width(visit: "Watched") -> None:
    page = visit.page
    open_savings(page)
    assert overflow(page) <= 0
    page.get_by_role("button", name="All rows").click()
    expect(page.get_by_role("columnheader", name="setting")).to_be_visible()
    assert overflow(page) <= 0
    expect(billed(page, "exhaustive prompting")).to_be_visible()


@pytest.mark.parametrize("visit", [TELEPHONE], indirect=True)
@pytest.mark.parametrize("axis", ["calls", "tokens", "dollars"])
def test_nothing_written_in_the_figure_overlaps_on_a_telephone(visit: "Watched", axis: str) -> None:
    page = visit.page
    for dataset in ("gsm8k", "mawps", "svamp"):
        visit_address(page, f"tab=savings&data={dataset}&axis={axis}")
        # The page opens on a view of its own before it shows the address's.
        expect(page.get_by_role("radio", name=dataset.upper(), exact=True)).to_be_checked()
        notes = figure(page).locator(".annotation-text").filter(has_text=re.compile(r"\S"))
        # Three names, the oracle's among them, and of the policy that is told a name and an arrow.
        expect(notes).to_have_count(5)
        boxes = notes.evaluate_all(
            """notes => notes.map(note => {
              const box = note.getBoundingClientRect();
              return [box.left, box.top, box.right, box.bottom];
            })"""
        )
        for place, (left, top, right, bottom) in enumerate(boxes):
            assert left >= 0
            assert right <= TELEPHONE["width"]
            for other in boxes[place + 1 :]:
                apart = right <= other[0] or other[2] <= left or bottom <= other[1]
                assert apart or other[3] <= top


def test_it_opens_on_a_sentence_in_money_and_points_and_one_dial(visit: "Watched") -> None:
    page = visit.page
    open_savings(page)
    told = page.get_by_role("region", name="What is saved")
    expect(told).to_contain_text("right answers as asking all 12 prompts, for 12")
    expect(told).to_contain_text("One call alone (best-of-N)")
    expect(page.get_by_role("radio", name="MAWPS")).to_be_checked()
    dial = page.get_by_role("slider")
    dial.fill("4")
    expect(told).to_contain_text("calls instead of 12")
    expect(page).to_have_url(re.compile("calls=4"))
    expect(bill(page).locator("tr.told")).to_contain_text("budgeted")
    page.reload()
    expect(page.get_by_role("slider")).to_have_value("4")


def test_it_is_presented_on_one_screen_and_stepped_by_arrow_keys(visit: "Watched") -> None:
    page = visit.page
    visit_address(page, "tab=savings&view=present")
    expect(page.get_by_role("tab", name="Savings")).to_be_hidden()
    told = page.get_by_role("region", name="What is saved")
    before = told.inner_text()
    page.keyboard.press("ArrowRight")
    expect(told).not_to_have_text(before)
    expect(page.get_by_text("Method: Prompt-OIRL")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("tab", name="Savings")).to_be_visible()
    expect(page).not_to_have_url(re.compile("view="))


def test_it_stands_inside_another_page_without_the_masthead(visit: "Watched") -> None:
    page = visit.page
    visit_address(page, "tab=savings&view=embed&data=mawps")
    expect(page.get_by_role("heading", name="Prompt-OIRL")).to_be_hidden()
    expect(page.get_by_role("region", name="What is saved")).to_be_visible()
