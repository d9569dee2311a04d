"""Your logs as a visitor uses it: upload, read the problems, train, download, use, delete."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from core.reward import storage
from tests.unit.model_files import write_model
from tests.unit.own_log import own_log, write_log

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="Playwright is missing; run `pip install playwright`"
)
expect = sync_api.expect
expect.set_options(timeout=20_000)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

    from tests.browser.conftest import Watched

pytestmark = pytest.mark.browser

SCRIPT = "<img src=x onerror=alert(1)>"
TELEPHONE = {"width": 390, "height": 844}
PATIENCE = 120_000
"""Milliseconds; six reward models are fitted on a machine that may have other things to do."""


def open_logs(page: "Page") -> None:
    page.get_by_role("tab", name="Your logs").click()
    expect(page.get_by_role("heading", name="Learn from a log of your own")).to_be_visible()


def upload(page: "Page", *paths: Path) -> None:
    page.locator(".upload-log input[type=file]").set_input_files(paths)


def check(page: "Page") -> "Locator":
    return page.get_by_role("region", name="Check of the log")


def train_button(page: "Page") -> "Locator":
    return page.get_by_role("button", name="Train a reward model")


def expect_ranked_in_ask(page: "Page") -> None:
    """Ask ranks the four prompts of ``own_log``."""
    page.get_by_role("tab", name="Ask").click()
    page.get_by_role("button", name="Solve", exact=True).click()
    ranked = page.get_by_role("region", name="Prompts ranked").get_by_role("listitem")
    expect(ranked).to_have_count(4, timeout=PATIENCE)
    expect(ranked.first).to_contain_text(re.compile(r"Prompt \d, think:"))


def train(page: "Page") -> None:
    expect(train_button(page)).to_be_enabled(timeout=PATIENCE)
    train_button(page).click()
    expect(page.get_by_role("region", name="What was learned")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_sound_log_is_counted_in_every_format(
    visit: "Watched", tmp_path: Path, suffix: str
) -> None:
    page = visit.page
    open_logs(page)
    expect(train_button(page)).to_be_disabled()
    upload(page, write_log(own_log(40), tmp_path / f"mine{suffix}"))
    expect(check(page)).to_contain_text("Every row is sound.", timeout=PATIENCE)
    expect(check(page).get_by_text("160", exact=True)).to_be_visible()
    expect(check(page).get_by_text("40", exact=True)).to_be_visible()
    expect(train_button(page)).to_be_enabled()


def test_a_stranger_without_a_log_tries_the_example(visit: "Watched") -> None:
    page = visit.page
    open_logs(page)
    page.get_by_role("button", name="Try an example log").click()
    expect(check(page)).to_contain_text("example-log.csv", timeout=PATIENCE)
    expect(check(page)).to_contain_text("Every row is sound.")
    train(page)
    learned = page.get_by_role("region", name="What was learned")
    expect(learned).to_contain_text("For one call, use")
    expect(learned).to_contain_text("Exhaustive prompting")
    page.get_by_role("button", name="Use it in Ask").click()
    expect(page.get_by_text("Ask now ranks the 6 prompts of example-log.csv")).to_be_visible()


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
@pytest.mark.parametrize("visit", [TELEPHONE], indirect=True)
def test_a_broken_log_is_explained_row_by_row_and_runs_nothing(
    visit: "Watched", tmp_path: Path, suffix: str
) -> None:
    page = visit.page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    rows = own_log(40).astype(object)
    rows.loc[2, "correct"] = SCRIPT
    rows.loc[5, "prompt"] = ""
    rows["prompt_tokens"] = 5
    rows = rows.astype(object)
    rows.loc[7, "prompt_tokens"] = "=1+1"
    open_logs(page)
    upload(page, write_log(rows, tmp_path / f"{SCRIPT}{suffix}"))
    expect(check(page)).to_contain_text("3 problems in 160", timeout=PATIENCE)
    for row, column, value in ((3, "correct", SCRIPT), (6, "prompt", ""), (8, "prompt_to", "=1+1")):
        line = check(page).get_by_role("row").filter(has_text=re.compile(rf"^{row}{column}"))
        expect(line).to_contain_text(value)
    expect(check(page).locator("img")).to_have_count(0)
    expect(train_button(page)).to_be_disabled()
    assert dialogs == []
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_files_of_a_prompt_each_are_one_log(visit: "Watched", tmp_path: Path) -> None:
    page = visit.page
    paths = []
    for number, (_, part) in enumerate(own_log(60).groupby("prompt", sort=False)):
        paths.append(write_log(part.drop(columns="prompt"), tmp_path / f"prompt-{number}.csv"))
    open_logs(page)
    upload(page, *paths)
    expect(check(page)).to_contain_text(f"{len(paths)} files, prompt-0.csv", timeout=PATIENCE)
    expect(check(page)).to_contain_text("Every row is sound")
    expect(train_button(page)).to_be_enabled()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"asked;prompt;correct\nHow?;cot;1\n", "lacks the column 'query'"),
        (b"PK\x03\x04 nothing", "the archive is damaged"),
        (b"query,prompt,correct\nHow?,cot,1\nWhy?,cot,0\n", "The log has one prompt"),
    ],
)
def test_a_file_that_is_no_log_is_refused_in_a_sentence(
    visit: "Watched", tmp_path: Path, content: bytes, sentence: str
) -> None:
    page = visit.page
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    open_logs(page)
    upload(page, path)
    expect(check(page)).to_contain_text(sentence, timeout=PATIENCE)
    expect(check(page)).not_to_contain_text("Traceback")
    expect(train_button(page)).to_be_disabled()


def test_a_column_is_chosen_by_menu_and_the_file_is_read_again(
    visit: "Watched", tmp_path: Path
) -> None:
    page = visit.page
    fold = page.get_by_role("button", name="Columns")
    names = {"query": f"Frage {SCRIPT}", "correct": "is_correct"}
    open_logs(page)
    expect(fold).to_have_count(0)
    upload(page, write_log(own_log(40).rename(columns=names), tmp_path / "mine.csv"))
    expect(check(page)).to_contain_text("lacks the column 'query'", timeout=PATIENCE)
    query = page.get_by_role("combobox", name="query")
    expect(query).to_have_value("none")
    expect(page.get_by_role("combobox", name="correct", exact=True)).to_have_value("is_correct")
    query.click()
    page.get_by_role("option", name=names["query"]).click()
    page.get_by_role("button", name="Read the file again").click()
    expect(check(page)).to_contain_text("Every row is sound.", timeout=PATIENCE)
    expect(check(page)).to_contain_text(f"{names['query']} → query, is_correct → correct.")
    expect(check(page).locator("img")).to_have_count(0)
    expect(train_button(page)).to_be_enabled()
    # What is settled is folded away, and goes with the file.
    expect(query).to_be_hidden()
    train_button(page).click()
    expect(fold).to_have_count(0)


def test_a_trained_log_is_judged_downloaded_used_and_deleted(
    visit: "Watched", browser: "Browser", address: str, tmp_path: Path
) -> None:
    page = visit.page
    open_logs(page)
    upload(page, write_log(own_log(60), tmp_path / "mine.csv"))
    train(page)
    gain = page.get_by_role("article").filter(has_text="Over the best single prompt")
    expect(gain).to_contain_text(re.compile(r"points\s*95 % interval .* to .*, (not )?significant"))
    expect(page.locator(".figure:visible .js-plotly-plot .main-svg").first).to_be_visible(
        timeout=PATIENCE
    )
    expect(page.get_by_text("60 queries that were logged with all 4 prompts")).to_be_visible()
    with page.expect_download() as caught:
        page.get_by_role("button", name="Download the model").click()
    assert caught.value.suggested_filename == "mine-reward-model.zip"
    path = tmp_path / "model.zip"
    caught.value.save_as(path)
    assert len(storage.load(path).prompts) == 4
    page.get_by_role("button", name="Use it in Ask", exact=True).click()
    expect(page.get_by_text("Ask now ranks the 4 prompts of mine.csv")).to_be_visible()

    expect_ranked_in_ask(page)
    open_logs(page)

    other = browser.new_context().new_page()
    other.goto(address)
    open_logs(other)
    expect(check(other)).to_have_count(0)
    expect(other.get_by_text("mine.csv")).to_have_count(0)
    other.context.close()

    page.get_by_role("button", name="Stop using it in Ask").click()
    expect(page.get_by_text("models that come with the project again")).to_be_visible()
    page.get_by_role("button", name="Delete my log").click()
    expect(page.get_by_text("The log and its model are deleted.")).to_be_visible()
    expect(check(page)).to_have_count(0)
    expect(page.get_by_role("region", name="What was learned")).to_have_count(0)
    gone = page.request.get(caught.value.url)
    assert not gone.ok


@pytest.mark.parametrize("visit", [TELEPHONE], indirect=True)
def test_a_model_that_was_trained_before_is_used_in_ask(visit: "Watched", tmp_path: Path) -> None:
    page = visit.page
    rows = own_log(40).assign(prompt=lambda rows: rows["prompt"] + SCRIPT)
    open_logs(page)
    upload(page, write_model(tmp_path, rows))
    model = page.get_by_role("region", name="Check of the model")
    expect(model).to_contain_text("A trained model: Ask can rank its prompts.", timeout=PATIENCE)
    expect(train_button(page)).to_be_disabled()
    expect(page.get_by_role("button", name="Download the model")).to_have_count(0)
    page.get_by_text("Each prompt in the log").click()
    expect(page.get_by_role("cell", name=f"Prompt 0, think:{SCRIPT}")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    page.get_by_role("button", name="Use it in Ask", exact=True).click()
    expect(page.get_by_text("Ask now ranks the 4 prompts of mine.zip")).to_be_visible()
    expect_ranked_in_ask(page)
    open_logs(page)
    page.get_by_role("button", name="Delete my model").click()
    expect(page.get_by_text("The model is deleted.")).to_be_visible()
    expect(model).to_have_count(0)


def test_training_shows_progress_and_can_be_stopped(visit: "Watched", tmp_path: Path) -> None:
    page = visit.page
    open_logs(page)
    upload(page, write_log(own_log(1200, prompts=8), tmp_path / "mine.parquet"))
    expect(train_button(page)).to_be_enabled(timeout=PATIENCE)
    train_button(page).click()
    expect(page.get_by_role("progressbar", name="Training")).to_be_visible()
    stop = page.get_by_role("button", name="Stop training")
    expect(stop).to_be_enabled(timeout=PATIENCE)
    stop.click()
    expect(page.get_by_text("Training was stopped.")).to_be_visible(timeout=PATIENCE)
    expect(train_button(page)).to_be_enabled()


def test_the_template_is_downloaded(visit: "Watched") -> None:
    page = visit.page
    open_logs(page)
    with page.expect_download() as caught:
        page.get_by_role("link", name="Download a template").click()
    rows = pd.read_csv(caught.value.path())
    assert {"query", "prompt", "correct"} <= set(rows.columns)
