"""The embedded LLM: time from a cold start, per answer and for a log, and live policies.

Its NumPy is timed beside the same weights with transformers, by turns; policies run live beside the
replay of the log.

python tests/benchmarks/bench_embedded.py
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.progress import track
from scipy.stats import binomtest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import llms
from core.artifacts import budget_for, load_table
from core.asking.ranking import rank
from core.asking.solve import solve
from core.demonstrations import EMBEDDED
from core.embedded_training.accuracy import Item, own_items
from core.llms import LLM, Sampling
from core.llms.embedded.calculator import Calculator
from core.llms.embedded.files import read_tokenizer
from core.llms.embedded.llm import BATCH_SIZE
from core.llms.local.llm import LocalLLM
from core.paths import FOLDER
from core.policies import policy_by_name
from core.prompts import PROMPTS, message

ROOT = Path(__file__).resolve().parents[2]
COLD_STARTS = 3
TIMED = 10
LOGGED = 125
LIVE = 50
SEED = 3
POLICIES = ("best-single", "best-of-n", "majority-vote:4", "majority-vote:16")


def cold_start(question: str) -> float:
    """Seconds of `python -m core ask` in a process of its own."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "core", "ask", question]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


def seconds(llm: LLM, items: Sequence[Item], prompts: int) -> float:
    """Seconds for so many prompts of each question, all together."""
    messages = [message(item.query, prompt) for item in items for prompt in PROMPTS[:prompts]]
    start = time.perf_counter()
    llm.complete(messages)
    return time.perf_counter() - start


def with_transformers(sampling: Sampling) -> LocalLLM:
    """The embedded LLM's weights with transformers and the same calculator."""
    folder = FOLDER / EMBEDDED
    llm = LocalLLM.load(folder, sampling, quantised=False, device="cpu", batch_size=BATCH_SIZE)
    forced = Calculator(read_tokenizer(folder)).next
    return LocalLLM(EMBEDDED, EMBEDDED, replace(llm.loaded, forced=forced), sampling, BATCH_SIZE)


def compare_speed(items: Sequence[Item], logged: Sequence[Item]) -> None:
    """Print seconds for one and for all prompts of a question, and for a log."""
    sampling = Sampling(seed=SEED)
    llms_compared = (llms.get(EMBEDDED, sampling), with_transformers(sampling))
    everything = len(PROMPTS)
    print(f"{'seconds':24} {'NumPy':>7} {'transformers':>13} {'ratio of medians':>17}")
    for what, prompts, batches in (
        ("one prompt", 1, [[item] for item in items]),
        ("all sixteen prompts", everything, [[item] for item in items]),
        (f"{everything * len(logged):,} answers", everything, [logged]),
    ):
        taken = [[seconds(llm, batch, prompts) for llm in llms_compared] for batch in batches]
        ours, theirs = map(statistics.median, zip(*taken, strict=True))
        print(f"{what:24} {ours:>7.2f} {theirs:>13.2f} {theirs / ours:>17.1f}", flush=True)


def compare_live(llm: LLM, items: Sequence[Item]) -> None:
    """Run every policy on every question and print it beside its row of the replayed log."""
    frontier = load_table("frontier")
    frontier = frontier[frontier["llm"] == EMBEDDED]
    print(f"\n{'policy':18} {'live, % (95 %)':>22} {'replay, %':>10} {'calls':>6}  within")
    for name in POLICIES:
        right = 0
        for item in track(items, name, transient=True):
            ranking = rank(item.query, log=EMBEDDED)
            policy = policy_by_name(
                name, [prompt.id for prompt in PROMPTS], lambda: budget_for(EMBEDDED)
            )
            right += bool(solve(item.query, ranking, policy, llm, item.gold).correct)
        interval = binomtest(right, len(items)).proportion_ci(method="wilson")
        replay = frontier[frontier["policy"] == policy.name]
        if policy.parameter is not None:
            replay = replay[replay["parameter"] == policy.parameter]
        row = replay.iloc[0]
        within = interval.low <= row["accuracy"] <= interval.high
        live = " ".join(
            (
                f"{100 * right / len(items):.0f}",
                f"({100 * interval.low:.0f} to {100 * interval.high:.0f})",
            )
        )
        print(
            f"{name:18} {live:>22} {100 * row['accuracy']:>10.1f} {row['calls']:>6.0f}  "
            f"{'yes' if within else 'NO'}"
        )


def main() -> None:
    """Print the figures."""
    items = own_items(LIVE, SEED)
    starts = [cold_start(items[0].query) for _ in range(COLD_STARTS)]
    print(f"cold start to answer, median of {COLD_STARTS}: {statistics.median(starts):.1f} s")
    compare_speed(items[:TIMED], own_items(LOGGED, SEED + 1))
    compare_live(llms.get(EMBEDDED, Sampling(seed=SEED)), items)


if __name__ == "__main__":
    main()
