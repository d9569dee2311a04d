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
_PAUSE_FOR_DRAWING = 700
_PATIENCE = 120_000
"""Milliseconds; the first answer waits for the LLM to be loaded."""


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
            _photograph(browser, address, HERE, 1440, "light", suffix="")
        else:
            folder.mkdir(parents=True, exist_ok=True)
            for width in (1440, 390):
                for scheme in ("light", "dark"):
                    _photograph(browser, address, folder, width, scheme, f"-{width}-{scheme}")


def _photograph(
    browser: Browser, address: str, folder: Path, width: int, scheme: str, suffix: str
) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"{address}?__theme={scheme}")
    page.get_by_role("button", name="Solve", exact=True).click()
    compare = page.get_by_role("button", name="Compare with exhaustive prompting")
    expect(compare).to_be_enabled(timeout=_PATIENCE)
    compare.click()
    page.get_by_text("16× fewer calls").wait_for(timeout=_PATIENCE)
    _save(page, folder / f"ask{suffix}.png")
    page.get_by_role("tab", name="Savings").click()
    page.locator(".js-plotly-plot .main-svg").first.wait_for()
    _save(page, folder / f"savings{suffix}.png")
    page.close()


def _save(page: Page, path: Path) -> None:
    page.wait_for_timeout(_PAUSE_FOR_DRAWING)
    page.screenshot(path=path, full_page=True)


if __name__ == "__main__":
    typer.run(main)
