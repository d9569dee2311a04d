"""What the Savings tab tells: addresses, bills, rows and exports, without a browser."""

import io
import re
from collections.abc import Callable
from dataclasses import astuple, replace
from pathlib import Path

import gradio as gr
import pandas as pd
import pytest

from core.costs.billing import priced
from core.costs.prices import price_as_if, price_of
from core.errors import DataError, UnknownNameError
from core.evaluation.frontier import hero
from demo.how.sentences import one_call_sentence
from demo.labels import signed
from demo.savings import address, comparisons, drawing, files, typed_prices
from demo.savings import tab as savings_tab
from demo.savings.bill import bill_html
from demo.savings.cards import key_figures
from demo.savings.comparisons import View
from demo.savings.rows_table import rows_csv, rows_html
from demo.savings.tab import asked_for, chosen, repriced
from demo.savings.typed_prices import Money, listed

VIEW = View("llama2-7b-chat", "mawps", "clean", "answered")
PAID = listed(VIEW.llm)
FORMULA = "=HYPERLINK(1)"
ENDS = ("", "_low", "_high")


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_an_address_is_read_back_as_it_was_written() -> None:
    view = View("llama2-7b-chat", "svamp", "published", "held-out", "tokens")
    paid = Money("hour", "0.5", "0.2", "2.5", "30", "5,000")
    written = {name: value for name, value in address.written(view, paid).items() if value}
    assert written["queries"] == "5000"
    assert "out" not in written
    assert address.read(written) == (view, paid, [])


def test_an_untouched_price_is_no_part_of_an_address() -> None:
    written = address.written(VIEW, PAID)
    assert all(written[name] is None for name in ("in", "out", "gpu", "seconds", "queries"))


def test_an_address_that_asks_for_nothing_changes_nothing() -> None:
    assert asked_for({"__theme": "dark", "tab": "savings"}) == {}


def test_wrong_values_keep_their_defaults_and_are_named() -> None:
    view, paid, complaints = address.read(
        {"llm": "embedded", "protocol": "published", "axis": "tokens", "seconds": "-1"}
    )
    assert view == View("embedded", "stories", "clean", "answered", "tokens")
    assert paid == listed("embedded")
    assert "Unknown protocol 'published'. Known: clean." in complaints
    assert any("'-1'" in said for said in complaints)


def test_further_rivals_are_drawn_when_they_are_asked_for_and_in_the_address() -> None:
    view = replace(VIEW, rivals="all")
    parts = drawing.redraw((VIEW, PAID), view, PAID)
    assert set(parts) >= {"plot", "caption"}
    assert not {"cards", "bill", "headline"} & set(parts)
    for label in ("ESC", "DSC", "CISC"):
        assert label in parts["caption"]
        assert label not in drawing.redraw(None, VIEW, PAID)["caption"]
    written = {name: value for name, value in address.written(view, PAID).items() if value}
    assert address.read(written) == (view, PAID, [])
    _, _, complaints = address.read({"rivals": "none"})
    assert complaints == ["Unknown rivals 'none'. Known: usual, all."]


def test_a_bad_price_changes_only_the_message() -> None:
    bad = Money(prompt="-3", completion="0.2")
    assert set(drawing.redraw((VIEW, PAID), VIEW, bad)) == {"message"}


def test_another_view_with_a_bad_price_is_drawn_at_the_list_price() -> None:
    bad = Money(prompt="-3", completion="0.2")
    view = replace(VIEW, dataset="svamp")
    parts = drawing.redraw((VIEW, PAID), view, bad)
    assert "list price" in parts["message"]
    assert "4,690 queries" in parts["caption"]


def test_a_typed_price_is_drawn_once_a_bad_volume_beside_it_is_mended() -> None:
    view = replace(VIEW, dataset="svamp")
    broken = Money(prompt="5", completion="5", queries="none")
    parts = drawing.redraw((VIEW, PAID), view, broken)
    mended = Money(prompt="5", completion="5", queries="10")
    again = drawing.redraw(parts["shown"], view, mended)
    assert "your price: $5 in" in again["cards"].replace("Your", "your")


def test_volume_alone_sends_no_figure_again() -> None:
    more = Money(PAID.way, PAID.prompt, PAID.completion, queries="5")
    parts = drawing.redraw((VIEW, PAID), VIEW, more)
    assert "5 queries a month" in parts["bill"]
    assert not {"plot", "cards", "rows", "prompt_plot"} & set(parts)


def test_a_text_that_is_too_long_for_a_number_is_refused_and_named() -> None:
    values = (*astuple(VIEW), "tokens", "0.2", "0.2", "9" * 41, "", "100,000")
    with pytest.raises(DataError, match=r"Dollars per GPU hour: .* at most 40 characters"):
        savings_tab.read_fields(values)


def test_a_price_that_is_not_paid_draws_no_figure_again_and_is_not_kept() -> None:
    other = Money(PAID.way, PAID.prompt, PAID.completion, hour="123", seconds="4")
    before = drawing.figure_parts.cache_info().currsize
    drawing.redraw(None, VIEW, PAID)
    first = drawing.figure_parts.cache_info().currsize
    drawing.redraw(None, VIEW, other)
    assert drawing.figure_parts.cache_info().currsize == first <= before + 1
    assert "plot" not in drawing.redraw((VIEW, PAID), VIEW, other)


def test_another_llm_brings_its_own_list_price() -> None:
    parts = chosen((VIEW, PAID), replace(VIEW, llm="gpt-3.5-turbo"), PAID)
    assert parts["prompt"]["value"] == "0.5"
    assert parts["shown"][0].prompts == "training"


def test_a_log_is_priced_as_if_its_llm_were_one_of_today() -> None:
    hourly = Money(way="hour", hour="2", seconds="20")
    view = replace(VIEW, llm="embedded", dataset="stories")
    typed = typed_prices.as_if("gpt-6-luna", hourly)
    parts = repriced((view, hourly), view, typed)
    price = price_as_if("gpt-6-luna")
    assert parts["way"] == "tokens"
    assert parts["prompt"] == gr.update(value=f"{price.prompt:g}", visible=True)
    assert parts["hour"]["visible"] is False
    note = typed_prices.note(typed, "embedded")
    assert note.startswith("As if it were gpt-6-luna, by its list price of 2026-11-01")
    with pytest.raises(UnknownNameError, match="gpt-9"):
        typed_prices.as_if("gpt-9", hourly)


def test_half_a_price_is_asked_for_the_other_half() -> None:
    with pytest.raises(DataError, match="completion tokens: the field is empty"):
        typed_prices.pricing(Money(prompt="1"), "embedded")
    assert typed_prices.pricing(Money(), "embedded")[0] is None


def test_the_bill_names_what_one_call_loses_and_what_the_log_cost() -> None:
    rows = comparisons.rows_of(*VIEW.key)
    said = _text(bill_html(rows, hero(rows), 100_000))
    assert "every prompt asked once for each of its 1,685 queries: 20,220 calls, $1.20" in said
    assert "−9.4 points of accuracy (95 % interval −11.2 to −7.5)" in said
    assert "exhaustive prompting 12 calls 83.5 %" in said


def test_a_bill_without_tokens_price_or_exhaustive_prompting_says_why() -> None:
    unknown = comparisons.rows_of("gpt-3.5-turbo", "mawps", "clean", "training")
    assert "no price makes a bill of this log" in bill_html(unknown, hero(unknown), 1000)
    unsold = comparisons.rows_of("embedded", "stories", "clean", "answered")
    assert "There is no price" in bill_html(unsold, hero(unsold), 1000)
    unanswered = comparisons.rows_of("llama2-7b-chat", "gsm8k", "published", "held-out")
    assert "no break-even" in bill_html(unanswered, hero(unanswered), 1000)


def test_at_a_price_of_zero_nothing_is_saved() -> None:
    rows = comparisons.rows_of(*VIEW.key)
    free = priced(rows, typed_prices.HourlyPrice(0, 1), "your price: free")
    said = _text(bill_html(free, hero(free), 1000))
    assert "saves nothing, so the log is not paid back" in said
    assert "never" in said


def test_the_csv_holds_every_column_and_defuses_formulas() -> None:
    rows = comparisons.rows_of(*VIEW.key).assign(price=FORMULA)
    back = pd.read_csv(io.StringIO(rows_csv(rows)))
    assert set(back["price"]) == {f"'{FORMULA}"}
    assert len(back) == len(rows)
    pd.testing.assert_series_equal(back["minus_exhaustive"], rows["minus_exhaustive"])


@pytest.mark.parametrize("make", [files.csv_file, files.html_file])
def test_equal_views_make_one_file_and_different_ones_do_not_fill_the_disk(
    make: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_FILES", 2)
    first = make(VIEW, PAID, tmp_path)
    assert make(VIEW, PAID, tmp_path) == first
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    later = [make(VIEW, Money(prompt=price, completion="1"), tmp_path) for price in "23"]
    left = {str(path) for path in tmp_path.rglob("*") if path.is_file()}
    # The figure itself counts calls, and says the price in its source.
    assert left == set(later)
    assert first not in left


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_an_exported_figure_stands_alone_on_white(kind: str) -> None:
    picture = files.picture(VIEW, PAID, kind)
    layout = picture["figure"]["layout"]
    assert layout["paper_bgcolor"] == "white"
    assert "right answers as asking all 12 prompts" in layout["title"]["text"]
    assert "LLaMA2-7B-chat on MAWPS" in layout["title"]["subtitle"]["text"]
    notes = " ".join(note["text"] for note in layout["annotations"])
    assert "list price of Together AI on 2026-11-01" in notes
    assert picture["width"] * picture["scale"] == pytest.approx(1600, abs=1)


def test_the_list_price_in_the_fields_is_the_one_of_the_tables() -> None:
    price, name = typed_prices.pricing(PAID, VIEW.llm)
    assert (price, name) == (price_of(VIEW.llm), None)


def test_a_difference_that_rounds_away_keeps_the_digit_that_matters() -> None:
    shares = (0.0, -0.0, 1e-17, 0.0002, -0.0004, -0.0006, 0.019)
    assert [signed(share) for share in shares] == [
        "0",
        "0",
        "0",
        "+0.02",
        "−0.04",
        "−0.1",
        "+1.9",
    ]


def test_where_no_query_sets_two_policies_apart_no_interval_of_nothing_is_printed() -> None:
    rows = comparisons.rows_of(*VIEW.key).copy()
    names = [f"minus_{of}{end}" for of in ("exhaustive", "best_single") for end in ENDS]
    rows.loc[rows["policy"] == "best-of-n", names] = 0.0
    for said in (
        bill_html(rows, hero(rows), 1000),
        key_figures(rows, hero(rows)),
        one_call_sentence(rows),
    ):
        assert "the same accuracy" in _text(said).lower()
        assert "0 to 0" not in _text(said)
    assert "0 (0 to 0)" not in rows_html(rows)


def test_a_moved_dial_stays_in_its_comparison_and_is_in_the_address() -> None:
    rows = replace(comparisons.opening(), dataset="gsm8k")
    start = drawing.redraw(None, rows, listed(rows.llm))["shown"]
    moved = chosen(start, replace(rows, calls="3"), start[1])
    assert moved["shown"][0].calls == "3"
    assert moved["address"]["calls"] == "3"
    calls = float(re.search(r"([\d.]+) calls instead of 16", moved["headline"])[1])
    assert 2 < calls <= 3
    other = chosen(moved["shown"], replace(rows, calls="3", dataset="mawps"), start[1])
    assert other["shown"][0].calls == ""
    assert other["calls"]["maximum"] == 12


def test_a_dial_that_nobody_moved_names_no_calls() -> None:
    view = comparisons.opening()
    paid = listed(view.llm)
    stands = str(drawing.calls_shown(view, paid))
    parts = chosen((view, paid), replace(view, calls=stands, axis="tokens"), paid)
    assert parts["shown"][0].calls == ""
    assert "headline" not in parts


@pytest.mark.parametrize("calls", ["0", "13", "x", "²", "9" * 5000])
def test_an_address_with_calls_that_there_are_not_says_so(calls: str) -> None:
    view, _, complaints = address.read({"calls": calls})
    assert view.calls == ""
    assert "allowed: 1 to 12" in complaints[0]


def test_a_bill_marks_the_told_row_the_surely_worse_ones_and_what_needs_no_log() -> None:
    rows = comparisons.rows_of(*comparisons.opening().key)
    said = bill_html(rows, hero(rows), 1000)
    told = re.search(r'<tr class="told">.*?</tr>', said, re.DOTALL)
    assert "budgeted" in told[0]
    worse = " ".join(re.findall(r'<tr class="worse">.*?</tr>', said, re.DOTALL))
    assert "best-of-N" in worse
    random = re.search(r"<tr[^>]*>\s*<th[^>]*>random prompt.*?</tr>", said, re.DOTALL)
    assert "needs no log" in random[0]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("10,000", "10,000"),
        ("1e6", "1,000,000"),
        ("100 000 000", "100,000,000"),
        ("1,000,001", None),
        ("many", None),
        ("", None),
    ],
)
def test_a_usual_volume_is_known_however_it_is_typed(typed: str, found: str | None) -> None:
    assert Money(queries=typed).usual_volume == found
    assert chosen((VIEW, PAID), VIEW, replace(PAID, queries=typed))["volume"] == found
