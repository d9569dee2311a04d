"""What there is to choose among in a log: prompts, LLMs, or prompts put to each of several LLMs."""

from collections.abc import Sequence

import pandas as pd

from core.demonstrations import SEVERAL_LLMS
from core.prompts import Prompt, arm, check_distinct


def with_arms(
    table: pd.DataFrame, prompts: Sequence[Prompt]
) -> tuple[pd.DataFrame, tuple[Prompt, ...]]:
    """Make an arm of each prompt and LLM where the answers of a log are those of several LLMs.

    Args:
        table: Demonstrations.
        prompts: Those that occur in it.

    Returns:
        The same with arms as prompts; as it is where there is one LLM.
    """
    return as_arms(table, prompts) if table["llm"].nunique() > 1 else (table, tuple(prompts))


def as_arms(
    table: pd.DataFrame, prompts: Sequence[Prompt]
) -> tuple[pd.DataFrame, tuple[Prompt, ...]]:
    """Make an arm of each prompt and LLM that occur together; arguments as above.

    Raises:
        DataError: two arms have one name.
    """
    known = {prompt.id: prompt for prompt in prompts}
    pair = ["prompt_id", "llm"]
    once = table[pair].drop_duplicates()
    # What is an arm already, of a table with a column for each LLM, stays the same.
    arms = tuple(
        known[prompt] if known[prompt].llm else arm(known[prompt], llm)
        for prompt, llm in zip(once["prompt_id"], once["llm"], strict=True)
    )
    check_distinct(arms)
    places = table.groupby(pair, sort=False, observed=True).ngroup().to_numpy()
    names = pd.Categorical.from_codes(places, [one.id for one in arms])
    return table.assign(prompt_id=names, llm=SEVERAL_LLMS), arms
