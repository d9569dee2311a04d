"""What is to be asked, in which pieces, and what it may cost."""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import cached_property

import pandas as pd

from core.collect.inputs import check_queries
from core.costs.cost import most_dollars
from core.costs.prices import Price, dearest_price, live_price
from core.errors import DataError
from core.llms.base import LLM, Sampling, now
from core.prompts import Prompt, check_distinct, message

CHARACTERS_PER_TOKEN = 4
"""Of English text, for estimates; OpenAI's rule of thumb."""
USUAL_COMPLETION = 200
"""Tokens of an answer to a GSM8K question in the published logs, on average, for estimates."""


@dataclass(frozen=True)
class Cell:
    """One call: positions of its query and prompt, and which of their samples it is, from 0."""

    query: int
    prompt: int
    sample: int


@dataclass(frozen=True)
class Unit:
    """Calls with one message that are done together or not at all; its number is its position."""

    number: int
    message: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, eq=False)
class Job:
    """What is to be collected: every query with every prompt, ``samples`` times.

    Attributes:
        llm: Who is asked.
        queries: As ``check_queries`` takes them.
        prompts: With distinct ids.
        sampling: What ``llm`` was made with; its max_tokens bounds the cost of a call.
        samples: Answers to each query and prompt.
    """

    llm: LLM
    queries: pd.DataFrame
    prompts: tuple[Prompt, ...]
    sampling: Sampling = Sampling()  # noqa: RUF009 - frozen
    samples: int = 1

    def __post_init__(self) -> None:
        """Raise DataError for an unsound table, prompts that share an id, or senseless samples."""
        check_distinct(self.prompts)
        if self.samples < 1:
            raise DataError(f"samples is {self.samples}; at least 1 is needed.")
        if self.samples > 1 and self.sampling.seed is not None and self.llm.base_url is not None:
            raise DataError(
                f"With a seed {self.llm.name} would be paid for the same answer {self.samples} "
                "times. Leave the seed out, or take one sample."
            )
        object.__setattr__(self, "queries", check_queries(self.queries))

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """All calls: query by query, the prompts of each in order.

        On this machine a seed decides the n-th answer to a message, counted since the LLM was
        loaded. So all calls with one message are a unit there: whatever a kill leaves undone is
        counted from the start again. Elsewhere each call is one, and a paid answer is never
        dropped because another one failed.
        """
        together: dict[str, list[Cell]] = {}
        for number, query in enumerate(self.queries["query"].tolist()):
            for position, prompt in enumerate(self.prompts):
                cells = together.setdefault(message(query, prompt), [])
                cells.extend(Cell(number, position, sample) for sample in range(self.samples))
        parts = list(together.items())
        if self.llm.base_url is not None:
            parts = [(text, [cell]) for text, cells in parts for cell in cells]
        return tuple(Unit(number, text, tuple(cells)) for number, (text, cells) in enumerate(parts))

    @property
    def calls(self) -> int:
        """Number of calls in all."""
        return len(self.queries) * len(self.prompts) * self.samples

    @cached_property
    def header(self) -> dict[str, object]:
        """What must be the same for a journal to go on, as plain JSON values."""
        return {
            "llm": self.llm.name,
            "server": self.llm.base_url,
            "sampling": {key: value for key, value in asdict(self.sampling).items() if value != ()},
            "samples": self.samples,
            "prompts": _digest([[prompt.id, prompt.text] for prompt in self.prompts]),
            "queries": _digest(self.queries.astype(str).to_numpy().tolist()),
        }

    def price(self) -> Price | None:
        """The LLM's list price today, None when nobody lists one."""
        return live_price(self.llm.model, now(), base_url=self.llm.base_url)

    def most_dollars(self, unit: Unit) -> float:
        """Most that all calls of a unit can cost; 0 without a price."""
        dearest = dearest_price(self.llm.model, now(), base_url=self.llm.base_url)
        return len(unit.cells) * most_dollars(dearest, unit.message, self.sampling.max_tokens)


def _digest(values: list[object]) -> str:
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


@dataclass(frozen=True)
class Estimate:
    """What the calls that are left may take.

    Attributes:
        calls: Number of calls left.
        answered: Calls that an earlier run has answered.
        prompt_tokens: About so many, at four characters each.
        completion_tokens: About so many, if answers are as long as those of the published logs.
        completion_tokens_limit: At most so many.
        dollars: About what it costs, None without a price.
        dollars_limit: At most what it costs if every call is answered at once, None without a
            price.
        may_cost: Whether somebody who serves the LLM may charge for the calls, so that a person
            should agree before they are made.
    """

    calls: int
    answered: int
    prompt_tokens: int
    completion_tokens: int
    completion_tokens_limit: int
    dollars: float | None
    dollars_limit: float | None
    may_cost: bool


def estimate_of(job: Job, done: Collection[int]) -> Estimate:
    """Estimate the units whose positions are not in ``done``."""
    units = [unit for unit in job.units if unit.number not in done]
    calls = sum(len(unit.cells) for unit in units)
    prompt = sum(len(unit.cells) * len(unit.message) for unit in units) // CHARACTERS_PER_TOKEN
    completion = calls * min(USUAL_COMPLETION, job.sampling.max_tokens)
    price = job.price()
    most = sum(map(job.most_dollars, units))
    return Estimate(
        calls,
        job.calls - calls,
        prompt,
        completion,
        calls * job.sampling.max_tokens,
        None if price is None else price.dollars(prompt, completion),
        None if price is None else most,
        calls > 0 and job.llm.base_url is not None,
    )


def batches(units: Iterable[Unit], size: int) -> Iterator[list[Unit]]:
    """Pack units in order, at most ``size`` calls together unless a unit has more."""
    packed: list[Unit] = []
    for unit in units:
        if packed and sum(len(one.cells) for one in (*packed, unit)) > size:
            yield packed
            packed = []
        packed.append(unit)
    if packed:
        yield packed
