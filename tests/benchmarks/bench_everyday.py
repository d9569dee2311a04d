"""Sixty everyday questions, as visitors type them: right answers by kind, headlines, promises.

They were written before the grammar that trains the embedded LLM was widened. Every policy of the
page answers each. Ends with an error where a headline praises a saving over a wrong answer, or the
mean chance promised to the asked prompt is more than ten points above the share that is right.

python tests/benchmarks/bench_everyday.py
"""

import sys
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core import llms
from core.artifacts import budget_for
from core.asking.ranking import rank
from core.asking.solve import Answer, solve
from core.asking.verdict import PRAISED, verdict
from core.demonstrations import EMBEDDED
from core.errors import DataError
from core.evaluation.statistics import share_right
from core.llms import Sampling
from core.policies import BestOfN, MajorityVote
from demo.ask.policies import DEFAULT, offered, policy_of

QUESTIONS = Path(__file__).resolve().parents[1] / "data" / "everyday_questions.csv"
MOST_TOO_SURE = 0.10
SEED = 0


def asked(questions: pd.DataFrame) -> pd.DataFrame:
    """Every question with every policy that the page offers.

    Args:
        questions: kind, query and gold.

    Returns:
        Those with policy, promised (chance of the best-ranked prompt), right, every_right, headline
        as a visitor reads it, who gave no correct answer.
    """
    llm, rows = llms.get(EMBEDDED, Sampling(seed=SEED)), []
    for question in questions.itertuples():
        ranking = rank(question.query, log=EMBEDDED)
        ids = [prompt.id for prompt in ranking.prompts]
        count = len(ids)
        every = solve(question.query, ranking, MajorityVote(count), llm, question.gold)
        for name, (_, choice) in offered().items():
            try:
                policy = policy_of(name, choice.start or 1, ids, partial(budget_for, EMBEDDED))
            except DataError:
                continue
            one = solve(question.query, ranking, policy, llm, question.gold)
            rows.append(
                {
                    "kind": question.kind,
                    "policy": name,
                    "promised": float(ranking.probability.max()),
                    "right": bool(one.correct),
                    "every_right": bool(every.correct),
                    "headline": _headline(one, every),
                }
            )
    return pd.DataFrame(rows)


def _headline(one: Answer, every: Answer) -> str:
    """The headline of a comparison whose correct answer nobody told the page."""
    return verdict(replace(one, correct=None), replace(every, correct=None)).kind


def by_kind(rows: pd.DataFrame) -> str:
    """Right answers of best-of-N and of exhaustive prompting by kind, as Markdown."""
    mine = rows[rows["policy"] == DEFAULT]
    lines = ["| kind | questions | best-of-N | exhaustive |", "| --- | ---: | ---: | ---: |"]
    for kind, part in [*mine.groupby("kind", sort=False), ("all", mine)]:
        right = f"{part['right'].sum()} | {part['every_right'].sum()}"
        lines.append(f"| {kind} | {len(part)} | {right} |")
    return "\n".join(lines)


def main() -> None:
    """Print the tables and check them."""
    rows = asked(pd.read_csv(QUESTIONS, dtype=str))
    print(by_kind(rows))
    mine = rows[rows["policy"] == BestOfN().name]
    share = share_right(int(mine["right"].sum()), len(mine))
    promised = mine["promised"].mean()
    print(
        f"\nPromised {100 * promised:.0f} %, right {100 * share.value:.0f} % "
        f"(95 % {100 * share.low:.0f} to {100 * share.high:.0f})"
    )
    counted = Counter(zip(rows["headline"], rows["right"], strict=True))
    print("\n| headline | answer right | answer wrong |\n| --- | ---: | ---: |")
    for headline in sorted({headline for headline, _ in counted}):
        print(f"| {headline} | {counted[headline, True]} | {counted[headline, False]} |")
    praised = sum(counted[headline, False] for headline in PRAISED)
    if praised:
        sys.exit(f"{praised} headlines praise a saving over a wrong answer.")
    if promised - share.value > MOST_TOO_SURE:
        sys.exit("The chances promise more than ten points too much.")


if __name__ == "__main__":
    main()
