"""What there is to choose among in a log: prompts, LLMs, or prompts put to each of several LLMs."""

from collections.abc import Sequence

import pandas as pd

from core.demonstrations import SEVERAL_LLMS
from core.prompts import Prompt, arm


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
    """Make an arm of each prompt and LLM that occur together; arguments as above."""
    known = {prompt.id: prompt for prompt in prompts}
    pairs = list(zip(table["prompt_id"].tolist(), table["llm"].tolist(), strict=True))
    arms = {pair: arm(known[pair[0]], pair[1]) for pair in dict.fromkeys(pairs)}
    place = {pair: number for number, pair in enumerate(arms)}
    names = pd.Categorical.from_codes(
        [place[pair] for pair in pairs], [one.id for one in arms.values()]
    )
    return table.assign(prompt_id=names, llm=SEVERAL_LLMS), tuple(arms.values())
