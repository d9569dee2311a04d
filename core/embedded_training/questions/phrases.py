"""Ways to say the same, out of data files: some for training, some kept from it for judging."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any


@dataclass(frozen=True)
class Phrases:
    """Ways to say the same, split into those for training and those for judging."""

    seen: tuple[str, ...]
    unseen: tuple[str, ...]

    def draw(self, random: Random, unseen: bool) -> str:
        """One phrase of the wanted part."""
        return random.choice(self.unseen if unseen else self.seen)


def read(file: str) -> dict[str, Any]:
    """Read a data file of this package, by the names of its tables."""
    return tomllib.loads((Path(__file__).parent / "wording" / file).read_text("utf-8"))


def lines(text: str) -> tuple[str, ...]:
    """Phrases of a data file, one a line."""
    return tuple(text.strip().splitlines())


def phrases(table: dict[str, Any]) -> Phrases:
    """The phrases of one table."""
    return Phrases(lines(table["seen"]), lines(table["unseen"]))


PHRASES = {name: phrases(table) for name, table in read("stories.toml").items()}
"""Of stories and of bare arithmetic, by what they tell."""
