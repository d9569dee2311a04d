"""A made-up log of two LLMs: the large one is better, hardly so on easy questions, and dear."""

import numpy as np
import pandas as pd
from own_log import own_log

LLMS = ("small", "large")
DOLLARS = {"small": 0.0001, "large": 0.002}


def arms_log(queries: int = 200, *, answers: bool = True) -> pd.DataFrame:
    """Rows of two LLMs and two prompts, with what each call cost.

    Args:
        queries: How many; of one kind both LLMs are right nearly always.
        answers: Whether the LLMs' texts are there.
    """
    random = np.random.default_rng(1)
    rows = []
    for number, query in enumerate(own_log(queries, prompts=1)["query"]):
        easy = "left" in query
        for llm in LLMS:
            for prompt, worth in (("Step by step:", 0.08), ("Briefly:", 0.0)):
                chance = 0.85 if easy else {"small": 0.2, "large": 0.8}[llm]
                right = bool(random.random() < chance + worth)
                value = number % 7 if right else int(random.integers(50, 90))
                said = {"answer": f"The answer is {value}."} if answers else {}
                row = {"query": query, "prompt": prompt, "llm": llm, "correct": right}
                rows.append(row | said | {"cost": DOLLARS[llm]})
    return pd.DataFrame(rows)
