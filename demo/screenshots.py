"""Take the README's screenshots from the running page: `python demo/screenshots.py`.

Needs Playwright's Python package and a Chromium on the PATH. Give a folder to get the page in two
widths, light and dark, for a look at every tab.
"""

import shutil
import sys
from pathlib import Path
from typing import Annotated

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import typer
from playwright.sync_api import Browser, Page, expect, sync_playwright

from demo.app import create_app, launch_options

HERE = Path(__file__).with_name("screenshots")
CHROMIUM_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-sync")
_TABS = {"Ask": "ask", "Savings": "savings", "Your logs": "logs", "How it works": "how"}
_FIRST_SCREEN = 1270
_PAUSE_FOR_DRAWING = 700
_PATIENCE = 120_000
"""Milliseconds; answers take their time on a busy machine."""


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
            page = _open(browser, address, 1440, "light")
            _photograph(page, "Ask", HERE / "ask.png")
            # The README shows what a projector shows first, not the tables below.
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
    page.get_by_role("button", name="Solve", exact=True).click()
    compare = page.get_by_role("button", name="Compare with exhaustive prompting")
    expect(compare).to_be_enabled(timeout=_PATIENCE)
    compare.click()
    page.get_by_text("Show all 16 answers").wait_for(timeout=_PATIENCE)
    return page


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
