"""How long the Savings tab takes from a click to the new figure, in a browser on this machine.

python tests/benchmarks/bench_savings.py

Needs Playwright's Python package and a Chromium on the PATH. Give addresses of running demos to
measure those instead of one that is started here; they are clicked in turn, so that whatever else
the machine does falls on all alike.
"""

import shutil
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from bench_page import started
from rich.progress import track

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CLICKS = (
    *("tokens", "dollars", "LLM calls", "GSM8K", "tokens", "LLM calls", "MAWPS", "SVAMP"),
    *("published", "clean", "embedded", "LLaMA2-7B-chat", "MAWPS"),
)
"""Labels of radio buttons; each changes the figure, and the last leads back to the first view."""
ROUNDS = 3
QUIET = 700
"""Milliseconds between clicks, in which everything below the figure is drawn as well."""
MISSING = (
    "Playwright or Chromium is missing; run `pip install playwright`, and on Debian "
    "`apt-get install chromium`."
)
_CLICK = """(label) => new Promise((done) => {
  const named = (input) => input.closest("label")?.innerText.trim() === label;
  const radio = [...document.querySelectorAll("input[type=radio]")].find(named);
  const box = document.querySelector(".figure");
  // Gradio also changes what stands around the figure, while it waits.
  const drawn = (change) => change.target.closest(".js-plotly-plot")
    || [...change.addedNodes].some((node) => node.querySelector?.(".js-plotly-plot"));
  let changed = false;
  const watcher = new MutationObserver((changes) => {
    changed ||= changes.some(drawn) && box.querySelector(".scatterlayer .trace") !== null;
  });
  watcher.observe(box, { childList: true, subtree: true });
  const start = performance.now();
  const painted = new MessageChannel();
  painted.port1.onmessage = () => { watcher.disconnect(); done(performance.now() - start); };
  // A message that is sent before a frame is painted arrives after it.
  const frame = () => changed ? painted.port2.postMessage(0) : requestAnimationFrame(frame);
  requestAnimationFrame(frame);
  radio.click();
})"""
"""Click a radio button; milliseconds until the frame with the new figure was painted."""


@contextmanager
def launched() -> Iterator["Browser"]:
    """A browser without a window; exits with what to install where there is none."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sys.exit(MISSING)
    if chromium is None:
        sys.exit(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(browser: "Browser", address: str) -> "Page":
    """The Savings tab with its first figure."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{address}?tab=savings")
    page.locator(".figure .main-svg").first.wait_for(timeout=60_000)
    # The protocols are folded away, and a radio button is there once its fold was opened.
    page.get_by_role("button", name="Advanced").click()
    page.wait_for_timeout(3000)
    return page


def click_in_turn(browser: "Browser", addresses: list[str]) -> list[list[list[float]]]:
    """Milliseconds per address, click and round."""
    pages = [opened(browser, address) for address in addresses]
    taken: list[list[list[float]]] = [[[] for _ in CLICKS] for _ in addresses]
    for _ in track(range(ROUNDS), "Clicking"):
        for place, label in enumerate(CLICKS):
            for page, times in zip(pages, taken, strict=True):
                # A page that is not in front is not painted.
                page.bring_to_front()
                page.wait_for_timeout(QUIET)
                times[place].append(page.evaluate(_CLICK, label))
    return taken


def report(address: str, taken: list[list[float]]) -> None:
    """Print every click's milliseconds, then median, 95th percentile and extremes of all."""
    print(address)
    for label, times in zip(CLICKS, taken, strict=True):
        print(f"  {label:16}{''.join(f'{time:7.0f}' for time in times)} ms")
    every = sorted(time for times in taken for time in times)
    p95 = statistics.quantiles(every, n=20)[-1]
    print(
        f"  median {statistics.median(every):.0f} ms, 95 % within {p95:.0f} ms, "
        f"from {every[0]:.0f} to {every[-1]:.0f} ms, {len(every)} clicks"
    )


def main(
    addresses: Annotated[list[str] | None, typer.Argument(help="Of running demos.")] = None,
) -> None:
    """Click through axes, data sets, protocols and LLMs, and print what each click took."""
    with launched() as browser:
        if addresses:
            times = click_in_turn(browser, addresses)
        else:
            with started("demo") as (address, _):
                addresses, times = [address], click_in_turn(browser, [address])
        for address, taken in zip(addresses, times, strict=True):
            report(address, taken)


if __name__ == "__main__":
    typer.run(main)
