"""What is to be asked, in which pieces, and what it may cost."""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
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
    """Calls with one message that are done together or not at all."""

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
        if self.llm.base_url is None:
            return tuple(Unit(text, tuple(cells)) for text, cells in together.items())
        return tuple(Unit(text, (cell,)) for text, cells in together.items() for cell in cells)

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
        """Most that one call of a unit can cost; 0 without a price."""
        dearest = dearest_price(self.llm.model, now(), base_url=self.llm.base_url)
        return most_dollars(dearest, unit.message, self.sampling.max_tokens)


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
        price: The price in words.
        remote: Whether the LLM is served by somebody, who may charge for it.
    """

    calls: int
    answered: int
    prompt_tokens: int
    completion_tokens: int
    completion_tokens_limit: int
    dollars: float | None
    dollars_limit: float | None
    price: str | None
    remote: bool

    @property
    def may_cost(self) -> bool:
        """Whether a person should agree before the calls are made."""
        return self.calls > 0 and self.remote


def estimate_of(job: Job, done: Collection[int]) -> Estimate:
    """Estimate the units whose positions are not in ``done``."""
    units = [unit for number, unit in enumerate(job.units) if number not in done]
    calls = sum(len(unit.cells) for unit in units)
    prompt = sum(len(unit.cells) * len(unit.message) for unit in units) // CHARACTERS_PER_TOKEN
    completion = calls * min(USUAL_COMPLETION, job.sampling.max_tokens)
    price = job.price()
    most = sum(len(unit.cells) * job.most_dollars(unit) for unit in units)
    return Estimate(
        calls,
        job.calls - calls,
        prompt,
        completion,
        calls * job.sampling.max_tokens,
        None if price is None else price.dollars(prompt, completion),
        None if price is None else most,
        None if price is None else str(price),
        job.llm.base_url is not None,
    )


@dataclass(frozen=True)
class Call:
    """One message of a batch.

    Attributes:
        unit: Position of its unit in the job.
        prompt_id: Its prompt.
        message: What is asked.
        most: Most dollars that it can cost; 0 without a price.
    """

    unit: int
    prompt_id: str
    message: str
    most: float


@dataclass(frozen=True)
class Batch:
    """Calls of whole units, those of each unit side by side."""

    calls: tuple[Call, ...]

    @property
    def most(self) -> float:
        """Most dollars that all calls together can cost."""
        return sum(call.most for call in self.calls)

    @property
    def units(self) -> dict[int, list[int]]:
        """Where the calls of each unit stand."""
        places: dict[int, list[int]] = {}
        for place, call in enumerate(self.calls):
            places.setdefault(call.unit, []).append(place)
        return places


def batches(job: Job, units: Sequence[tuple[int, Unit]], size: int) -> Iterator[Batch]:
    """Pack numbered units in order, at most ``size`` calls together unless a unit has more."""
    packed: list[Call] = []
    for number, unit in units:
        most = job.most_dollars(unit)
        calls = [
            Call(number, job.prompts[cell.prompt].id, unit.message, most) for cell in unit.cells
        ]
        if packed and len(packed) + len(calls) > size:
            yield Batch(tuple(packed))
            packed = []
        packed += calls
    if packed:
        yield Batch(tuple(packed))
