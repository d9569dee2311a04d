"""A GGUF LLM: seconds to load, tokens a second for one prompt and for sixteen, memory.

Beside it, where they are on this machine, the same weights with transformers; and the embedded LLM
through llama.cpp beside NumPy.

python tests/benchmarks/bench_gguf.py FILE.gguf [FOLDER]
python tests/benchmarks/bench_gguf.py --embedded
"""

import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "unit")]

QUESTIONS = (
    "There are 6 boxes with 4 pencils in each box. How many pencils are there in all?",
    "A bus starts with 12 people. At the next stop 5 people get off and 9 get on. How many people "
    "are on the bus now?",
    "Nora bakes 48 cookies and puts them into bags of 6. How many bags does she fill?",
)
MAX_TOKENS = 64
SEED = 3


@dataclass(frozen=True)
class Measured:
    """What one process saw of an LLM.

    Attributes:
        load: Seconds from nothing imported to a loaded model.
        one, sixteen: Written tokens a second, medians over the questions.
        memory: Peak of the process, MB.
        texts: Of all answers.
    """

    load: float
    one: float
    sixteen: float
    memory: float
    texts: tuple[str, ...]


def measure(name: str, greedy: bool) -> Measured:
    """Measure an LLM in this process."""
    start = time.perf_counter()
    from core import llms
    from core.llms import Sampling
    from core.prompts import PROMPTS, message

    sampling = Sampling(0.0 if greedy else Sampling.temperature, max_tokens=MAX_TOKENS, seed=SEED)
    llm = llms.get(name, sampling)
    load = time.perf_counter() - start
    texts: list[str] = []

    def speed(messages: list[str]) -> float:
        begun = time.perf_counter()
        answers = llm.complete(messages)
        taken = time.perf_counter() - begun
        texts.extend(answer.text for answer in answers)
        return sum(answer.usage.completion_tokens for answer in answers) / taken

    speed([QUESTIONS[0]])
    one = statistics.median(speed([message(query, PROMPTS[0])]) for query in QUESTIONS)
    sixteen = statistics.median(
        speed([message(query, prompt) for prompt in PROMPTS]) for query in QUESTIONS
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Measured(load, one, sixteen, peak, tuple(texts))


def in_its_own_process(name: str, *, greedy: bool = False) -> Measured:
    """Measure an LLM where nothing else was imported."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(measure, name, greedy).result()


def show(rows: dict[str, Measured]) -> None:
    """Print a table."""
    print("| LLM | load, s | one prompt, tokens/s | sixteen, tokens/s | memory, MB |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for name, row in rows.items():
        cells = f"{row.load:.1f} | {row.one:.0f} | {row.sixteen:.0f} | {row.memory:,.0f}"
        print(f"| {name} | {cells} |")


def main(
    file: Annotated[str | None, typer.Argument(help="As after `gguf:`.")] = None,
    folder: Annotated[Path | None, typer.Argument(help="The same weights for `hf:`.")] = None,
    embedded: Annotated[bool, typer.Option("--embedded", help="The embedded LLM instead.")] = False,
) -> None:
    """Measure and print."""
    if embedded:
        from gguf_files import convert

        with tempfile.TemporaryDirectory() as made:
            path = convert(ROOT / "precomputed" / "embedded", Path(made) / "embedded.gguf")
            ours = in_its_own_process("embedded", greedy=True)
            theirs = in_its_own_process(f"gguf:{path}", greedy=True)
        show({"embedded, NumPy": ours, "embedded, llama.cpp": theirs})
        same = sum(a == b for a, b in zip(ours.texts, theirs.texts, strict=True))
        print(f"\n{same} of {len(ours.texts)} greedy texts are the same.")
        return
    if file is None:
        raise typer.BadParameter("Name a GGUF file, or add --embedded.")
    rows = {Path(file).name: in_its_own_process(f"gguf:{file}")}
    if folder is not None:
        rows[f"hf:{folder.name}"] = in_its_own_process(f"hf:{folder}")
    show(rows)


if __name__ == "__main__":
    typer.run(main)
