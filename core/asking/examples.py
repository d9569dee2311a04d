"""The page's example questions, ranked beforehand: it opens on them without a reward model."""

import pandas as pd

from core import artifacts
from core.asking.ranking import Ranking, Scorer
from core.errors import ArtifactError, UnknownNameError
from core.prompts import PROMPTS

EXAMPLES = {
    "Tom has 3 boxes of 12 pencils and gives away 5. How many are left?": "31",
    "A coat costs $80. It is 15% off. What is the new price?": "68",
    "Nora bakes 48 cookies and puts them into bags of 6. How many bags does she fill?": "8",
}
"""Correct answers by question."""
FIRST = next(iter(EXAMPLES))
"""The page opens on it."""
_TABLE = "examples"
_VALUES = ("probability", "lower", "upper", "accuracy", "tokens", "expected")


def example_table(scorer: Scorer) -> pd.DataFrame:
    """Rank the examples with the scorer of the embedded LLM.

    Returns:
        query, prompt_id and the arrays of ``Ranking``; a row for each example and prompt.
    """
    parts = []
    for query in EXAMPLES:
        ranking = scorer.rank(query, PROMPTS)
        values = {name: getattr(ranking, name) for name in _VALUES}
        ids = [prompt.id for prompt in ranking.prompts]
        parts.append(pd.DataFrame({"query": query, "prompt_id": ids, **values}))
    return pd.concat(parts)


def ranked_example(query: str) -> Ranking:
    """The ranking of one of ``EXAMPLES`` for the embedded LLM, to six digits.

    Raises:
        UnknownNameError: it is none of them.
        ArtifactError: the table is missing, or was made of other questions or prompts.
    """
    if query not in EXAMPLES:
        raise UnknownNameError("example", query[:40], tuple(EXAMPLES))
    table = artifacts.load_table(_TABLE)
    rows = table[table["query"] == query]
    if tuple(rows["prompt_id"]) != tuple(prompt.id for prompt in PROMPTS):
        raise ArtifactError(
            f"{_TABLE}.csv was made of other questions or prompts. {artifacts.REBUILD}"
        )
    return Ranking(PROMPTS, *(rows[name].to_numpy(float) for name in _VALUES))
