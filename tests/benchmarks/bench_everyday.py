"""Sixty everyday questions, as visitors type them, asked of the embedded LLM: right ones by kind.

They were written before the grammar that trains the embedded LLM, and nothing was chosen by them.

python tests/benchmarks/bench_everyday.py
"""

import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import llms
from core.artifacts import budget_for
from core.asking.ranking import rank
from core.asking.solve import solve
from core.demonstrations import EMBEDDED
from core.llms import Sampling
from core.policies import policy_by_name
from core.prompts import PROMPTS

QUESTIONS = Path(__file__).resolve().parents[1] / "data" / "everyday_questions.csv"
POLICIES = {"best-of-n": "best-of-N", "majority-vote:16": "exhaustive"}
SEED = 0


def graded(questions: pd.DataFrame) -> pd.DataFrame:
    """Add a column of booleans for each policy."""
    llm = llms.get(EMBEDDED, Sampling(seed=SEED))
    ids = [prompt.id for prompt in PROMPTS]
    for name, label in POLICIES.items():
        policy = policy_by_name(name, ids, lambda: budget_for(EMBEDDED))
        answers = [
            solve(row.query, rank(row.query, log=EMBEDDED), policy, llm, row.gold)
            for row in questions.itertuples()
        ]
        questions[label] = [bool(answer.correct) for answer in answers]
        if "--wrong" in sys.argv:
            for row, answer in zip(questions.itertuples(), answers, strict=True):
                if not answer.correct:
                    print(f"{label}: {row.query} ({row.gold}): {answer.text}")
    return questions


def main() -> None:
    """Print the table as Markdown."""
    questions = graded(pd.read_csv(QUESTIONS, dtype=str))
    print(f"| kind | questions | {' | '.join(POLICIES.values())} |")
    print(f"| --- | ---: |{' ---: |' * len(POLICIES)}")
    for kind, part in [*questions.groupby("kind", sort=False), ("all", questions)]:
        right = " | ".join(str(part[label].sum()) for label in POLICIES.values())
        print(f"| {kind} | {len(part)} | {right} |")


if __name__ == "__main__":
    main()
