"""How much memory learning from a large log takes, and how long.

    python tests/benchmarks/bench_size.py --rows 1000000
    python tests/benchmarks/bench_size.py --rows 10000000 --command evaluate

The log is made up: sixteen prompts on each query, every tenth of which was asked before, as in
production. It is written piece by piece, so that making it takes little memory; the command runs in
a process of its own, whose peak is printed as the kernel counted it.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.prompts import PROMPTS

QUERIES_AT_ONCE = 20_000
AGAIN = 0.1
"""Share of the queries that were asked before."""
_WORDS = 2_500
_SENTENCE = 8
_ROOT = Path(__file__).resolve().parents[2]


def _vocabulary() -> np.ndarray:
    random = np.random.default_rng(1)
    return np.array(["".join(random.choice(list("abdeiklmnorstu"), 6)) for _ in range(_WORDS)])


def _questions(count: int, random: np.random.Generator) -> list[str]:
    """Questions of three sentences with words as frequent as in a language, and numbers."""
    words, common = _vocabulary(), 1 / np.arange(1, _WORDS + 1)
    drawn = words[random.choice(_WORDS, (count, 3, _SENTENCE), p=common / common.sum())]
    numbers = random.integers(2, 400, (count, 3))
    return [
        " ".join(
            f"{' '.join(sentence)} has {number}."
            for sentence, number in zip(sentences, amounts, strict=True)
        )
        + " How many are left?"
        for sentences, amounts in zip(drawn.tolist(), numbers.tolist(), strict=True)
    ]


def pieces(rows: int, *, answers: bool) -> Iterator[pd.DataFrame]:
    """The log, some queries at a time; more numbers and rarer words are harder.

    Args:
        rows: Of the log, a multiple of the number of prompts.
        answers: Whether it has the answers' texts and the tokens of each call.
    """
    random = np.random.default_rng(0)
    offsets = np.linspace(-0.6, -2.2, len(PROMPTS))
    for first in range(0, rows // len(PROMPTS), QUERIES_AT_ONCE):
        count = min(QUERIES_AT_ONCE, rows // len(PROMPTS) - first)
        texts = _questions(count, random)
        again = random.random(count) < AGAIN
        texts = [texts[0 if not at else at // 2] if again[at] else texts[at] for at in range(count)]
        length = np.array([len(text) for text in texts])
        logit = offsets - ((length - length.mean()) / length.std())[:, None]
        right = random.random(logit.shape) < 1 / (1 + np.exp(-logit))
        table = pd.DataFrame(
            {
                "query_id": np.repeat(np.arange(first, first + count), len(PROMPTS)),
                "query": np.repeat(np.array(texts, dtype=object), len(PROMPTS)),
                "prompt": [prompt.text for prompt in PROMPTS] * count,
                "correct": right.ravel(),
            }
        )
        if answers:
            value = np.where(right, 4, random.integers(5, 400, right.shape)).ravel()
            said = [
                f"One after the other: {texts[at // 16][:120]} So {value[at]} is the answer."
                for at in range(len(table))
            ]
            table = table.assign(answer=said, prompt_tokens=60, completion_tokens=40 + value % 50)
        yield table


def write(path: Path, rows: int, *, answers: bool = False) -> None:
    """Write the log as Parquet, CSV or JSON lines, as the name ends."""
    writer = None
    for number, piece in enumerate(pieces(rows, answers=answers)):
        if path.suffix == ".csv":
            piece.to_csv(path, mode="a" if number else "w", header=not number, index=False)
        elif path.suffix == ".jsonl":
            piece.to_json(path, mode="a" if number else "w", orient="records", lines=True)
        else:
            table = pa.Table.from_pandas(piece, preserve_index=False)
            writer = writer or parquet.ParquetWriter(path, table.schema)
            writer.write_table(table)
    if writer is not None:
        writer.close()


def main() -> None:
    """Write a log, run a command on it and print what that took."""
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=1_000_000)
    options.add_argument("--format", choices=("parquet", "csv", "jsonl"), default="parquet")
    options.add_argument("--command", choices=("train", "evaluate"), default="train")
    options.add_argument("--answers", action="store_true")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        log, model = Path(folder) / f"log.{given.format}", Path(folder) / "model.zip"
        write(log, given.rows, answers=given.answers)
        out = [str(model)] if given.command == "train" else []
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "core", given.command, *out, "--log", str(log)],
            cwd=_ROOT,
            check=True,
        )
        seconds = time.perf_counter() - start
        size = log.stat().st_size
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    said = {"rows": given.rows, "MB": round(size / 1e6), "GB": round(peak, 2)}
    print(json.dumps(said | {"seconds": round(seconds)}))


if __name__ == "__main__":
    main()
