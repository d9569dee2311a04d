"""Which comparisons the shipped tables hold, and the one that a visitor looks at."""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import pandas as pd

from core.artifacts import load_table
from core.demonstrations import DATASET_LABELS
from core.errors import DataError
from core.evaluation.frontier import hero, strongest, within
from demo.labels import LLM_LABELS, PROMPT_SET_LABELS

KEY = ["llm", "dataset", "protocol", "prompt_set"]
RIVALS = [("the usual ones", "usual"), ("ESC, DSC, CISC and variants too", "all")]
AXES = [("LLM calls", "calls"), ("tokens", "tokens"), ("dollars", "dollars")]
_PROTOCOLS = ("clean", "published")
Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class View:
    """What the Savings tab shows: a comparison, the cost it is drawn against and one policy.

    Attributes:
        calls: Calls that the policy may take on average; empty for the one that saves most.
        rivals: Which published rivals are drawn, one of ``RIVALS``.
    """

    llm: str
    dataset: str
    protocol: str
    prompts: str
    axis: str = "calls"
    calls: str = ""
    rivals: str = "usual"

    @property
    def draws_rivals(self) -> bool:
        """Whether all rivals are drawn."""
        return self.rivals == "all"

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Values of ``KEY``."""
        return self.llm, self.dataset, self.protocol, self.prompts


@lru_cache(maxsize=1)
def opening() -> View:
    """The view that the tab opens on: the one that tells the strongest honest story."""
    return View(*strongest(load_table("frontier"), KEY))


def llms() -> Choices:
    """The LLMs with a log: (label, name)."""
    return [(LLM_LABELS[name], name) for name in load_table("frontier")["llm"].unique()]


def datasets(llm: str) -> Choices:
    """The data sets that an LLM was logged on."""
    there = _there("dataset", llm=llm)
    return [(label, name) for name, label in DATASET_LABELS.items() if name in there]


def protocols(llm: str) -> Choices:
    """The protocols that an LLM was evaluated with, the clean one first."""
    there = _there("protocol", llm=llm)
    return [(name, name) for name in _PROTOCOLS if name in there]


def prompt_sets(llm: str, protocol: str) -> Choices:
    """The sets of prompts that were compared."""
    there = _there("prompt_set", llm=llm, protocol=protocol)
    return [(label, name) for name, label in PROMPT_SET_LABELS.items() if name in there]


@lru_cache(maxsize=128)
def _there(column: str, **wanted: str) -> set[str]:
    table = load_table("frontier")
    for name, value in wanted.items():
        table = table[table[name] == value]
    return set(table[column])


def among(value: str, choices: Choices) -> str:
    """The value where it is offered, else the first that is."""
    offered = [name for _, name in choices]
    return value if value in offered else offered[0]


def resolved(view: View) -> View:
    """The view, or the nearest there is: an LLM has not every data set, protocol and prompt."""
    llm = among(view.llm, llms())
    protocol = among(view.protocol, protocols(llm))
    return replace(
        view,
        llm=llm,
        dataset=among(view.dataset, datasets(llm)),
        protocol=protocol,
        prompts=among(view.prompts, prompt_sets(llm, protocol)),
        axis=among(view.axis, AXES),
        calls=view.calls if view.calls.isdecimal() and int(view.calls) else "",
        rivals=among(view.rivals, RIVALS),
    )


def most_calls(view: View) -> int:
    """Calls of exhaustive prompting in a comparison."""
    return int(rows_of(*view.key)["prompts"].iloc[0])


def told(rows: pd.DataFrame, calls: str) -> pd.Series:
    """The row that headline, key figures, figure and bill are about.

    Args:
        rows: Frontier rows of one comparison.
        calls: As in ``View``.
    """
    return within(rows, float(calls)) if calls else hero(rows)


def rows_of(llm: str, dataset: str, protocol: str, prompt_set: str) -> pd.DataFrame:
    """The frontier rows of one comparison.

    Raises:
        DataError: there is no such comparison; the message lists those there are.
    """
    rows = part_of("frontier", llm, dataset, protocol, prompt_set)
    if rows.empty:
        table = load_table("frontier")
        known = sorted({" ".join(key) for key in table[KEY].itertuples(index=False)})
        wanted = " ".join((llm, dataset, protocol, prompt_set))
        raise DataError(f"There is no comparison {wanted!r}. Known: {'; '.join(known)}.")
    return rows


def part_of(name: str, *wanted: str) -> pd.DataFrame:
    """The rows of a shipped table whose first columns of ``KEY`` have these values."""
    table = load_table(name)
    there = np.full(len(table), True)
    for column, value in zip(KEY, wanted, strict=False):
        there &= (table[column] == value).to_numpy()
    table = table[there]
    # A copy lies in one piece per type, which makes all that follows twice as fast.
    return table.reset_index(drop=True).copy()
