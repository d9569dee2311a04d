"""The page's start and first answer over HTTP, beside an empty Gradio page on the same machine.

python tests/benchmarks/bench_page.py
"""

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


if __name__ == "__main__":
    main()
