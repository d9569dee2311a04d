"""Take the README's moving picture and the picture of link previews from the running page.

`python demo/screenshots.py` needs Playwright's Python package and a Chromium on the PATH. Give a
folder to get the page in two widths, light and dark, for a look at every tab.
"""

import re
import shutil
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Annotated

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import typer
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from core.asking.examples import FIRST
from demo.app import create_app, launch_options

HERE = Path(__file__).with_name("screenshots")
CHROMIUM_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync")
_TABS = {"Ask": "ask", "Savings": "savings", "Your logs": "logs", "How it works": "how"}
_FIRST_SCREEN = 1270
_PAUSE_FOR_DRAWING = 700
_PATIENCE = 120_000
"""Milliseconds; answers take their time on a busy machine."""
_FILM = {"width": 1280, "height": 860}
_GLANCE, _LOOK, _READ = 700, 1600, 3200
"""Milliseconds that a frame of the moving picture stands."""


def main(
    folder: Annotated[Path | None, typer.Argument(help="Folder for the whole set.")] = None,
) -> None:
    """Start the page on a free port and photograph it."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise typer.BadParameter("no chromium on the PATH; on Debian: apt-get install chromium")
    _, address, _ = create_app().launch(prevent_thread_lock=True, quiet=True, **launch_options())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
        if folder is None:
            HERE.mkdir(exist_ok=True)
            _film(browser, address, HERE / "tour.webp")
            page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
            page.goto(f"{address}?__theme=light")
            # A preview shows what a projector shows first, not the tables below.
            _photograph(page, "Savings", HERE / "savings.png", height=_FIRST_SCREEN)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            for width in (1440, 390):
                for scheme in ("light", "dark"):
                    page = _open(browser, address, width, scheme)
                    for tab, name in _TABS.items():
                        _photograph(page, tab, folder / f"{name}-{width}-{scheme}.png")
                    page.close()


def _open(browser: Browser, address: str, width: int, scheme: str) -> Page:
    """The page with an answered question and its comparison."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"{address}?__theme={scheme}")
    _solve(page)
    _comparing(page).click()
    page.get_by_text("Show all 16 answers").wait_for(timeout=_PATIENCE)
    return page


def _solve(page: Page) -> None:
    page.get_by_role("button", name="Solve", exact=True).click()
    expect(_comparing(page)).to_be_enabled(timeout=_PATIENCE)


def _comparing(page: Page) -> Locator:
    return page.get_by_role("button", name="Compare with exhaustive prompting")


def _film(browser: Browser, address: str, path: Path) -> None:
    """Save what a first visitor does as a moving picture."""
    page = browser.new_page(viewport=_FILM, color_scheme="light")
    page.goto(f"{address}?__theme=light")
    taken = [(page.screenshot(), time) for time in _moments(page)]
    first, *rest = (Image.open(BytesIO(picture)).convert("RGB") for picture, _ in taken)
    times = [time for _, time in taken]
    # Of a page's even areas the slow way of packing without loss makes a fifth.
    packing = {"lossless": True, "method": 6}
    first.save(path, save_all=True, append_images=rest, duration=times, loop=0, **packing)


def _moments(page: Page) -> Iterator[int]:
    """Ask, compare, race and look at the savings.

    Yields:
        Milliseconds for a frame, whenever what it is to show is there.
    """
    box = page.get_by_label("What would you like solved?")
    box.fill("")
    page.get_by_text("The prompts are ranked while you type").wait_for(timeout=_PATIENCE)
    yield _GLANCE
    half = len(FIRST) // 2
    for part in (FIRST[:half], FIRST[half:]):
        before = _comparing(page).inner_text()
        box.press_sequentially(part)
        # The estimate goes by the length of the question, so another one has been ranked.
        expect(_comparing(page)).not_to_have_text(before, timeout=_PATIENCE)
        yield _LOOK
    _solve(page)
    page.locator(".result").evaluate("result => result.scrollIntoView()")
    yield _LOOK
    _comparing(page).click()
    page.get_by_text("Show all 16 answers").wait_for(timeout=_PATIENCE)
    yield _READ
    racing = page.get_by_role("button", name="Run 20 questions")
    racing.click()
    for asked in ("[2-7]", "1[0-6]"):
        page.get_by_text(re.compile(f"^After {asked} of 20 questions")).wait_for(timeout=_PATIENCE)
        racing.evaluate("button => button.scrollIntoView()")
        yield _GLANCE
    page.locator(".race:not([aria-busy])").wait_for(timeout=_PATIENCE)
    yield _READ
    page.get_by_role("tab", name="Savings", exact=True).click()
    page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=_PATIENCE)
    page.evaluate("scrollTo(0, 0)")
    yield _READ
    page.locator(".savings .controls").first.evaluate("controls => controls.scrollIntoView()")
    dial = page.get_by_role("spinbutton", name="Calls you allow per query, on average")
    for calls in (1, 4, 2):
        dial.fill(str(calls))
        dial.blur()
        # The address is written with what was drawn.
        expect(page).to_have_url(re.compile(f"calls={calls}(&|$)"), timeout=_PATIENCE)
        yield _LOOK


def _photograph(page: Page, tab: str, path: Path, height: int | None = None) -> None:
    """Save a tab as a picture, whole or its first pixels."""
    page.get_by_role("tab", name=tab, exact=True).click()
    if tab == "Savings":
        page.locator(".js-plotly-plot .main-svg").first.wait_for()
    page.wait_for_timeout(_PAUSE_FOR_DRAWING)
    clip = None
    if height is not None:
        clip = {"x": 0, "y": 0, "width": page.viewport_size["width"], "height": height}
    page.screenshot(path=path, full_page=True, clip=clip)


if __name__ == "__main__":
    typer.run(main)
