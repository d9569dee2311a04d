"""Twenty visitors who ask at once for a minute: `python tests/benchmarks/bench_visitors.py`.

Each asks the demo, started for this, a question of its own numbers over and over through `/ask`.
Printed are the answers, errors and waiting times, answers that hold none of the visitor's own
numbers (a mix-up would show there), and the memory of the demo by quarter of the time, from when
everybody had a first answer: until then models are loaded and threads begin. `--seconds 300` tells
better than a minute whether it grows.
"""

import re
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import numpy as np
import psutil
import typer
from gradio_client import Client
from gradio_client.exceptions import AppError

APP = Path(__file__).resolve().parents[2] / "demo" / "app.py"
_READY = "Running on local URL:"
_QUARTERS = 4


@dataclass
class Visitor:
    """One visitor and what came back.

    Attributes:
        client: Its own session.
        numbers: The two numbers of its question.
        waits_s: Seconds from each question to its answer.
        queued: Times that it was told that the queue is full.
        errors: Other errors.
        strange: Answers without either of its numbers.
    """

    client: Client
    numbers: tuple[int, int]
    waits_s: list[float] = field(default_factory=list)
    queued: int = 0
    errors: list[str] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)

    def ask(self) -> str:
        """Ask once; the text of the answer."""
        boxes, pencils = self.numbers
        question = (
            f"There are {boxes} boxes with {pencils} pencils in each box. How many pencils are "
            "there in all?"
        )
        return self.client.predict(question, api_name="/ask")["text"]

    def ask_until(self, end: float) -> None:
        """Ask again as soon as there is an answer."""
        boxes, pencils = self.numbers
        while time.monotonic() < end:
            begun = time.monotonic()
            try:
                text = self.ask()
            except AppError as error:
                if "queue" in str(error).lower():
                    self.queued += 1
                else:
                    self.errors.append(str(error))
                continue
            self.waits_s.append(time.monotonic() - begun)
            found = {int(number) for number in re.findall(r"\d+", text)}
            if not found & {boxes, pencils, boxes * pencils}:
                self.strange.append(text)


def main(
    visitors: Annotated[int, typer.Option(help="How many ask at once.")] = 20,
    seconds: Annotated[float, typer.Option(help="For how long.")] = 60.0,
) -> None:
    """Start the demo, let the visitors ask and print what they met with."""
    demo = subprocess.Popen(
        [sys.executable, "-u", str(APP)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        address = next(line.split(_READY)[1].strip() for line in demo.stdout if _READY in line)
        # What it prints from here on must not fill the pipe.
        threading.Thread(target=demo.stdout.read, daemon=True).start()
        people = [
            Visitor(Client(address, verbose=False), (11 + number, 31 + number))
            for number in range(visitors)
        ]
        with ThreadPoolExecutor(len(people)) as pool:
            list(pool.map(Visitor.ask, people))
        memory = _run(people, seconds, psutil.Process(demo.pid))
    finally:
        demo.terminate()
        demo.wait(20)
    _print(people, seconds, memory)


def _run(people: list[Visitor], seconds: float, process: psutil.Process) -> list[float]:
    """Let everybody ask; the demo's memory in MB at the start and after each quarter."""
    end = time.monotonic() + seconds
    threads = [threading.Thread(target=one.ask_until, args=(end,)) for one in people]
    memory = [process.memory_info().rss / 1e6]
    for thread in threads:
        thread.start()
    for _ in range(_QUARTERS):
        threads[0].join(seconds / _QUARTERS)
        memory.append(process.memory_info().rss / 1e6)
    for thread in threads:
        thread.join()
    return memory


def _print(people: list[Visitor], seconds: float, memory: list[float]) -> None:
    waits = np.array([wait for one in people for wait in one.waits_s])
    print(f"{len(people)} visitors for {seconds:g} s")
    print(f"answers: {len(waits):,}, {len(waits) / seconds:.1f} a second")
    median, slow = np.quantile(waits, [0.5, 0.95])
    print(f"wait: median {median:.1f} s, 95 % within {slow:.1f} s")
    print(f"fewest and most answers of a visitor: {_extremes(people)}")
    print(f"told that the queue is full: {sum(one.queued for one in people)}")
    print(f"errors: {sum(len(one.errors) for one in people)}")
    for text in [text for one in people for text in one.errors][:5]:
        print(f"  {text}")
    print(f"answers without the visitor's numbers: {sum(len(one.strange) for one in people)}")
    for text in [text for one in people for text in one.strange][:5]:
        print(f"  {text}")
    print("memory of the demo, MB: " + ", ".join(f"{value:.0f}" for value in memory))


def _extremes(people: list[Visitor]) -> str:
    counts = [len(one.waits_s) for one in people]
    return f"{min(counts)} and {max(counts)}"


if __name__ == "__main__":
    typer.run(main)
