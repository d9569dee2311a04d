"""Units that are asked in one call of the LLM protocol."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.collect.plan import Job, Unit


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
