"""How long the budget policy thinks after each call.

    python tests/benchmarks/bench_budgeted.py

The policy is learned from a made-up log of 150 queries and 16 prompts and decides on answers that
all differ: the most candidates there can be. Trees learned from a larger log are no larger. Nothing
is remembered between the decisions that are timed.
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit"))
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from budget_log import made_up_log

from core.policies import Context, Reply, Request
from core.policies.budget.training import fit
from core.policies.budgeted import Budgeted

COUNT = 16
"""Prompts."""
REPETITIONS = 40
PRICE = -1.0
"""Calls go on to the end, so that every number of answers is timed."""


def decision_times() -> np.ndarray:
    """Seconds per decision, shape (REPETITIONS, COUNT), after 0, 1, … COUNT − 1 answers."""
    policy = Budgeted(fit(*made_up_log(prompts=COUNT, texts=True)), PRICE)
    taken = np.empty((REPETITIONS, COUNT))
    random = np.random.default_rng(0)
    for repetition in range(REPETITIONS):
        reward = random.random(COUNT)
        context = Context(reward, np.full(COUNT, 0.3), np.full(COUNT, 300.0), f"{repetition} pens")
        replies: list[Reply] = []
        for calls in range(COUNT):
            start = time.perf_counter()
            requests = policy.next_requests(context, replies)
            taken[repetition, calls] = time.perf_counter() - start
            replies += [_reply(request, 100 * repetition + calls) for request in requests]
    return taken


def _reply(request: Request, number: int) -> Reply:
    """An answer of 570 characters, 25 numbers, four equations; LLaMA2's have 815, 21 and two."""
    steps = [
        f"{step}. First we look at what the question says about the pens in the box. There are "
        f"{number} pens, and {step} more are put with them: {number} + {step} = {number + step}."
        for step in range(1, 5)
    ]
    return Reply(request, str(number), "\n".join([*steps, f"The answer is {number}."]))


def main() -> None:
    """Print the median and the slowest of a hundred."""
    taken = decision_times()
    print(f"decision after a call, median       {1000 * np.median(taken[:, 1:]):.2f} ms")
    print(f"decision after a call, 99th of 100  {1000 * np.quantile(taken[:, 1:], 0.99):.2f} ms")
    print(f"with the most candidates, median    {1000 * np.median(taken[:, -1]):.2f} ms")


if __name__ == "__main__":
    main()
