"""How long the reward model takes, next to the paper's recipe on the same machine.

    python tests/benchmarks/bench_reward.py

The log is made up in the shape of GSM8K's training log: 7,473 questions of about GSM8K's length
with six prompts each, 44,838 rows. So the benchmark runs without the published data.

The paper's recipe (Sun et al. 2024) is XGBoost of depth 10 with 2,000 rounds at a learning rate of
0.001 on 3,072-wide vectors, the embeddings of question and prompt side by side. It is timed on all
rows, filled with random numbers, for a few rounds and multiplied up to 2,000; trees on real
embeddings may be smaller, and computing those embeddings is left out. Training is compared by
processor time, summed over threads, which other programs on the machine disturb least.
"""

import importlib.metadata
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.prompts import PROMPTS, TRAINING_PROMPTS
from core.reward import RewardModel, storage

QUESTIONS = 7_473
PAIRS = 100_000
WIDTH = 3_072
PAPER_ROUNDS = 2_000
PAPER_PARAMETERS = {
    "max_depth": 10,
    "learning_rate": 0.001,
    "objective": "binary:logistic",
    "tree_method": "hist",
}
"""As published, but with histograms: XGBoost's default by now, and faster than its former one."""
TIMED_ROUNDS = 20
"""More rows or rounds would only take longer: every round builds one tree on all rows."""

_VERBS = ("buys", "sells", "finds", "loses", "packs", "paints", "carries", "borrows")
_WORDS = 2_500
"""GSM8K's questions use more, most of them once or twice."""


def _vocabulary() -> list[str]:
    random = np.random.default_rng(1)
    return ["".join(random.choice(list("abdeiklmnorstu"), 6)) for _ in range(_WORDS)]


def questions(count: int, seed: int) -> list[str]:
    """Made-up questions of two to five sentences, 45 words on average as GSM8K's have."""
    random, words = np.random.default_rng(seed), _vocabulary()
    common = 1 / np.arange(1, _WORDS + 1)
    common /= common.sum()

    def sentence() -> str:
        drawn = random.choice(words, 8, p=common)
        return (
            f"{drawn[0].title()} {random.choice(_VERBS)} {random.integers(2, 400)} "
            f"{' '.join(drawn[1:5])} and {random.choice(_VERBS)} {random.integers(2, 90)} "
            f"{' '.join(drawn[5:])}."
        )

    return [
        " ".join(sentence() for _ in range(random.integers(2, 5))) + " How many are left?"
        for _ in range(count)
    ]


def log(texts: list[str], prompts: int, seed: int) -> pd.DataFrame:
    """A row per question and prompt; longer questions are harder, as in GSM8K."""
    random = np.random.default_rng(seed)
    length = np.array([len(text.split()) for text in texts])
    offsets = np.linspace(-0.6, -2.2, prompts)
    logit = offsets - ((length - length.mean()) / length.std())[:, None]
    correct = random.random(logit.shape) < 1 / (1 + np.exp(-logit))
    return pd.DataFrame(
        {
            "llm": "made-up",
            "dataset": "made-up",
            "split": "train",
            "query_id": np.repeat(np.arange(len(texts)), prompts),
            "query": np.repeat(np.array(texts, dtype=object), prompts),
            "prompt_id": [prompt.id for prompt in PROMPTS[:prompts]] * len(texts),
            "correct": correct.ravel(),
        }
    )


def seconds(action: Callable[[], object]) -> float:
    """Wall-clock time of one call."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def processor_seconds(action: Callable[[], object]) -> float:
    """Processor time of one call, all threads together."""
    start = time.process_time()
    action()
    return time.process_time() - start


def bench_training() -> float:
    """Processor seconds to fit 44,838 demonstrations of six prompts."""
    table = log(questions(QUESTIONS, 0), len(TRAINING_PROMPTS), 0)
    taken = processor_seconds(lambda: RewardModel.fit(table, TRAINING_PROMPTS))
    print(f"training on {len(table):,} demonstrations         {taken:8.1f} s of processor time")
    return taken


def bench_paper(ours: float) -> None:
    """Time a few rounds of the paper's recipe and print the ratio."""
    try:
        import xgboost
    except ImportError:
        print("the paper's recipe: not timed; `pip install xgboost-cpu` to compare")
        return
    demonstrations = QUESTIONS * len(TRAINING_PROMPTS)
    random = np.random.default_rng(0)
    label = random.random(demonstrations) < 0.2
    rows = random.random((demonstrations, WIDTH), dtype=np.float32)
    data = xgboost.QuantileDMatrix(rows, label=label)
    taken = processor_seconds(
        lambda: xgboost.train(PAPER_PARAMETERS, data, num_boost_round=TIMED_ROUNDS)
    )
    whole = taken * PAPER_ROUNDS / TIMED_ROUNDS
    print(f"the paper's recipe, extrapolated                  {whole:8.0f} s of processor time")
    print(
        f"    {taken:.1f} s for {TIMED_ROUNDS} of {PAPER_ROUNDS:,} rounds on {demonstrations:,} "
        f"rows of random numbers; ours takes 1/{whole / ours:,.0f} of the whole"
    )


def bench_asking() -> None:
    """Time loading, ranking sixteen prompts for one question, and 100,000 pairs."""
    model = RewardModel.fit(log(questions(2_000, 0), len(PROMPTS), 0), PROMPTS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.zip"
        storage.save(model, path)
        loading = [seconds(lambda: storage.load(path)) for _ in range(9)]
        size = path.stat().st_size
        model = storage.load(path)
    print(f"loading a file of {size / 1e6:.1f} MB                        {_ms(loading)}")
    new = questions(500, 7)
    ranking = [seconds(lambda query=query: model.predict([query])) for query in new]
    print(f"ranking 16 prompts for one new question, median   {_ms(ranking)}")
    many = questions(PAIRS // len(PROMPTS), 8)
    taken = seconds(lambda: model.predict(many))
    print(f"scoring {len(many) * len(PROMPTS):,} (query, prompt) pairs          {taken:8.2f} s")


def _ms(times: list[float]) -> str:
    return f"{1000 * np.median(times):8.2f} ms"


def main() -> None:
    """Print all times."""
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("lightgbm", "numpy")]
    print(f"{', '.join(versions)}; a made-up log of GSM8K's shape")
    ours = bench_training()
    bench_asking()
    bench_paper(ours)


if __name__ == "__main__":
    main()
