"""The lines of a journal: what they say, and what all of them together leave to go on from."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime

from core.costs.ledger import Entry
from core.llms.base import Completion, Usage


def start_line(unit: int, dollars: float) -> dict:
    """A unit starts, with so much set aside."""
    return {"kind": "start", "unit": unit, "dollars": dollars}


def attempt_line(entry: Entry, unit: int, counted: float, settled: float) -> dict:
    """An attempt has ended: what it counts against a limit, and what it frees of its unit's."""
    return {
        "kind": "attempt",
        "unit": unit,
        "counted": counted,
        "settled": settled,
        "entry": asdict(entry) | {"when": entry.when.isoformat()},
    }


def done_line(unit: int, answers: Iterable[Completion]) -> dict:
    """All calls of a unit were answered."""
    return {"kind": "done", "unit": unit, "answers": [asdict(answer) for answer in answers]}


def ended_line(unit: int, dollars: float) -> dict:
    """A unit is over, answered or not, and the rest of what was set aside is free."""
    return {"kind": "ended", "unit": unit, "dollars": dollars}


@dataclass
class State:
    """What earlier runs left.

    Attributes:
        done: The answers of each finished unit, by its position.
        entries: The ledger.
        counted: Dollars that ended attempts count against a limit.
        open: Dollars set aside for units that were running when the program was killed.
    """

    done: dict[int, tuple[Completion, ...]] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    counted: float = 0.0
    open: dict[int, float] = field(default_factory=dict)

    @property
    def spent(self) -> float:
        """Dollars of all earlier runs; what was running during a kill may have been charged."""
        return self.counted + sum(self.open.values())

    def take(self, line: dict) -> None:
        """Add one line."""
        kind, unit = line.pop("kind"), line.get("unit")
        if kind == "start":
            # A unit that starts again while it is open was killed; its money stays counted.
            self.open[unit] = self.open.get(unit, 0.0) + line["dollars"]
        elif kind == "attempt":
            self.counted += line["counted"]
            self.open[unit] = self.open.get(unit, 0.0) - line["settled"]
            when = datetime.fromisoformat(line["entry"]["when"])
            self.entries.append(Entry(**line["entry"] | {"when": when}))
        elif kind == "done":
            self.done[unit] = tuple(_completion(answer) for answer in line["answers"])
        elif kind == "ended":
            self.open[unit] = self.open.get(unit, 0.0) - line["dollars"]
        else:
            raise ValueError(f"unknown kind {kind!r}")


def _completion(values: dict) -> Completion:
    return Completion(**values | {"usage": Usage(**values["usage"])})
