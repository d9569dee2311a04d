"""The embedded LLM: time from a cold start, time per answer, and live policies beside the replay.

python tests/benchmarks/bench_embedded.py
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.progress import track
from scipy.stats import binomtest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import llms
from core.artifacts import load_table
from core.ask import solve
from core.demonstrations import EMBEDDED
from core.embedded.accuracy import Item, own_items
from core.llms import LLM, Sampling
from core.policies import policy_by_name
from core.prompts import PROMPTS, message
from core.ranking import rank

ROOT = Path(__file__).resolve().parents[2]
COLD_STARTS = 3
TIMED = 10
LIVE = 50
SEED = 3
POLICIES = ("best-single", "best-of-n", "majority-vote:4", "majority-vote:16")


def cold_start(question: str) -> float:
    """Seconds of `python -m core ask` in a process of its own."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "core", "ask", question]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


def seconds_per_batch(llm: LLM, items: Sequence[Item], prompts: int) -> list[float]:
    """Seconds for so many prompts of one question, for each question."""
    taken = []
    for item in items:
        start = time.perf_counter()
        llm.complete([message(item.query, prompt) for prompt in PROMPTS[:prompts]])
        taken.append(time.perf_counter() - start)
    return taken


def compare_live(llm: LLM, items: Sequence[Item]) -> None:
    """Run every policy on every question and print it beside its row of the replayed log."""
    frontier = load_table("frontier")
    frontier = frontier[frontier["llm"] == EMBEDDED]
    print(f"\n{'policy':18} {'live, % (95 %)':>22} {'replay, %':>10} {'calls':>6}  within")
    for name in POLICIES:
        right = 0
        for item in track(items, name, transient=True):
            ranking = rank(item.query, log=EMBEDDED)
            policy = policy_by_name(name, [prompt.id for prompt in PROMPTS], EMBEDDED)
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
    llm = llms.get(EMBEDDED, Sampling(seed=SEED))
    for prompts in (1, len(PROMPTS)):
        taken = seconds_per_batch(llm, items[:TIMED], prompts)
        print(
            f"{prompts} prompt{'s' if prompts > 1 else ''} of one question: "
            f"median {statistics.median(taken):.2f} s, longest {max(taken):.2f} s"
        )
    compare_live(llm, items)


if __name__ == "__main__":
    main()
