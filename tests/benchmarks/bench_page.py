"""The page's start and first answer over HTTP, beside an empty Gradio page on the same machine.

python tests/benchmarks/bench_page.py

Where Playwright and a Chromium are installed, also the time until a browser shows the page.
"""

import shutil
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.progress import track

ROOT = Path(__file__).resolve().parents[2]
EMPTY = """
import gradio as gr

with gr.Blocks(analytics_enabled=False) as app:
    gr.Markdown("Nothing")
app.launch(ssr_mode=False)
"""
COMMANDS = {
    "demo": [sys.executable, "-u", str(ROOT / "demo" / "app.py")],
    "empty": [sys.executable, "-u", "-c", EMPTY],
}
PATHS = ("/", "/config")
STARTS = 3
WARM_UP = 3
TIMED = 30
VISITS = 8
SHOWN = {"demo": "Predicted chance of a correct answer", "empty": "Nothing"}
"""Text that is there when a page is: on the demo the ranking of its first tab."""
_READY = "Running on local URL:"


@contextmanager
def started(name: str) -> Iterator[tuple[str, float]]:
    """A page in a process of its own: its address, and the seconds until it printed that."""
    start = time.perf_counter()
    process = subprocess.Popen(COMMANDS[name], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        for line in process.stdout:
            if _READY in line:
                yield line.split(_READY)[1].strip(), time.perf_counter() - start
                return
        raise RuntimeError(f"The page {name!r} ended before it had an address.")
    finally:
        process.terminate()
        process.communicate(timeout=20)


def fetch(address: str, path: str) -> tuple[float, int]:
    """Seconds until an answer had come whole over a new connection, and its bytes."""
    start = time.perf_counter()
    with urllib.request.urlopen(address + path, timeout=60) as response:
        size = len(response.read())
    return time.perf_counter() - start, size


def report(what: str, demo: list[float], empty: list[float], note: str = "") -> None:
    """Print a line with both medians in milliseconds and how many times the empty page's it is."""
    mine, theirs = 1000 * statistics.median(demo), 1000 * statistics.median(empty)
    print(f"{what:18} {mine:9,.1f} {theirs:9,.1f} {mine / theirs:6.2f}×  {note}")


def visit_in_turn(addresses: dict[str, str]) -> dict[str, list[float]] | None:
    """Seconds until a browser with an empty cache shows each page; None without a browser."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    if chromium is None:
        return None
    taken: dict[str, list[float]] = {name: [] for name in addresses}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        # The first visits, which warm up the browser itself, are not counted.
        for visit in track(range(VISITS + 1), "Visiting"):
            for name, address in addresses.items():
                page = browser.new_context().new_page()
                start = time.perf_counter()
                page.goto(address, wait_until="commit")
                page.get_by_text(SHOWN[name]).first.wait_for()
                if visit:
                    taken[name].append(time.perf_counter() - start)
                page.context.close()
        browser.close()
    return taken


def main() -> None:
    """Start both pages in turn, then ask both in turn while both run."""
    starts: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in track(range(STARTS), "Starting"):
        for name in COMMANDS:
            with started(name) as (_, seconds):
                starts[name].append(seconds)
    print(f"{'median, ms':18} {'demo':>9} {'empty':>9} {'ratio':>7}")
    report("process start", starts["demo"], starts["empty"], f"{STARTS} starts each")
    with started("demo") as (demo, _), started("empty") as (empty, _):
        for path in PATHS:
            for address in (demo, empty) * WARM_UP:
                fetch(address, path)
            # In turn, so that whatever else the machine does falls on both alike.
            pairs = [(fetch(demo, path), fetch(empty, path)) for _ in range(TIMED)]
            mine, theirs = zip(*pairs, strict=True)
            sizes = f"{mine[-1][1] / 1000:,.0f} kB and {theirs[-1][1] / 1000:,.0f} kB"
            report(f"GET {path}", [row[0] for row in mine], [row[0] for row in theirs], sizes)
        seen = visit_in_turn({"demo": demo, "empty": empty})
    if seen is None:
        print("in a browser: not measured, Playwright or Chromium is missing")
    else:
        report("shown in a browser", seen["demo"], seen["empty"], f"{VISITS} visits each")


if __name__ == "__main__":
    main()
