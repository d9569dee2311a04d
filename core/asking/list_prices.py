"""Dollars of calls by list prices, for a log of several LLMs that counts tokens alone."""

from collections.abc import Sequence

import pandas as pd

from core.costs.prices import price_by_name
from core.prompts import Prompt


def with_list_prices(table: pd.DataFrame, prompts: Sequence[Prompt]) -> pd.DataFrame:
    """Fill in what calls cost where a log of several LLMs does not say it.

    All or nothing: beside a list price no LLM without one can be compared.

    Args:
        table: Demonstrations.
        prompts: Those that occur in it, with the LLM that each is put to.

    Returns:
        The table with a column ``dollars`` where the log has it, or tokens and list prices tell it.
    """
    if "dollars" in table and table["dollars"].notna().all():
        return table
    prices = {prompt.id: price_by_name(prompt.llm) for prompt in prompts if prompt.llm}
    if not prices or None in prices.values():
        return table
    dollars = pd.Series(float("nan"), table.index)
    for name, price in prices.items():
        mine = table["prompt_id"] == name
        if price is not None:
            rows = table.loc[mine]
            dollars[mine] = (
                rows["prompt_tokens"] * price.prompt + rows["completion_tokens"] * price.completion
            ) / 1e6
    return table if dollars.isna().any() else table.assign(dollars=dollars)
