"""Made-up logs for tests: two kinds of questions, prompts that suit one of them or none."""

from pathlib import Path

import numpy as np
import pandas as pd

_NAMES = ("Ann", "Bob", "Cid", "Dora", "Eve", "Finn", "Gil", "Hana", "Ivo", "Jane", "Kim", "Leo")
_THINGS = ("apples", "boxes", "cookies", "pens", "books", "coins", "cards", "shells")
_PLACES = ("market", "garden", "library", "station", "museum", "harbour", "bakery", "stable")


def own_log(
    queries: int = 300, *, prompts: int = 4, structure: float = 0.5, answers: bool = True
) -> pd.DataFrame:
    """Rows as somebody would upload them.

    Args:
        queries: How many.
        prompts: How many; the last one is the best on average.
        structure: How much likelier a prompt of the right kind is to be right.
        answers: Whether the LLM's texts are there.
    """
    random = np.random.default_rng(0)
    rows = []
    for number in range(queries):
        kind = int(random.integers(2))
        name, thing, place = (random.choice(words) for words in (_NAMES, _THINGS, _PLACES))
        asked = ("How many are left after that?", "How much is each worth per hour?")[kind]
        letters = "".join(chr(97 + number // 26**power % 26) for power in range(3))
        query = f"{name} takes 7 {thing} to the {place} {letters} and 3 back. {asked}"
        for prompt in range(prompts):
            chance = 0.3 + 0.05 * prompt + structure * (prompt % 2 == kind)
            right = bool(random.random() < chance)
            value = 4 if right else int(random.integers(5, 30))
            row = {"query": query, "prompt": f"Prompt {prompt}, think:", "correct": right}
            rows.append(row | ({"answer": f"The answer is {value}."} if answers else {}))
    return pd.DataFrame(rows)


def write_log(table: pd.DataFrame, path: Path) -> Path:
    """Write a table in the format that the name ends in."""
    if path.suffix == ".csv":
        table.to_csv(path, index=False)
    elif path.suffix == ".jsonl":
        table.to_json(path, orient="records", lines=True)
    else:
        table.to_parquet(path)
    return path
