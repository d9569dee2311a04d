"""The form of a registry's row: what commands, page, figures, replay and README say of a policy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core.policies.base import Policy

Need = Literal["logged prompts", "tokens", "answers", "verdicts", "nested folds"]
"""What a log must have so that a policy can be replayed over it."""
Shown = Literal["figure", "rivals", "tables"]
WORTH = "worth="
"""How the setting of a learned policy begins that says what a right answer is worth."""


@dataclass(frozen=True)
class Setting:
    """What may follow a policy's name.

    Attributes:
        low, high: Allowed values; None as ``high`` means the number of prompts.
        default: Value when none is given; None means the number of prompts.
        whole: Whether it counts something.
    """

    low: float
    high: float | None
    default: float | None
    whole: bool = True


@dataclass(frozen=True)
class Choice:
    """A policy in the page's list.

    Attributes:
        place: Where it stands in the list.
        label: As it stands there.
        title: Over its answer; ``{calls}`` is the dial.
        dial: Label of the dial, empty where there is none.
        suffix: Of its name in the list, where one policy is offered twice.
        form: The policy as ``policy_by_name`` takes it, of ``name`` and ``calls``.
        high: Largest value of the dial, None for the number of prompts.
        start: Where the dial stands at first.
    """

    place: int
    label: str
    title: str
    dial: str = ""
    suffix: str = ""
    form: str = "{name}:{calls}"
    high: int | None = None
    start: int = 4


@dataclass(frozen=True)
class Entry:
    """A row of the registry.

    Attributes:
        name: As commands and tables write it.
        label: As people read it.
        make: The policy from its setting; None for what cannot be asked for by name.
        setting: What may follow the name, None for nothing.
        learned: Settings of the budget policy of which it is a variant, None for the others.
        replayed: Its policies for a log of so many prompts, drawn with a seed; None where the
            evaluation has a way of its own.
        drawn: Whether it draws at random, so that it is averaged over seeds.
        needs: What a log must have to replay it.
        deployable: Whether it can run without knowing the correct answer.
        ours: Whether it decides by the reward model, and can run without the correct answer.
        curve: Whether it has a curve: several settings, and calls that rise with them.
        shown: Where the page has it: in figure and bill, among the figure's further rivals, or in
            the tables alone.
        rival: Its place among the policies that the README sets the budget policy against; None
            leaves it out.
        choices: How the page offers it.
    """

    name: str
    label: str
    make: Callable[[float], Policy] | None = None
    setting: Setting | None = None
    learned: Mapping[str, Any] | None = None
    replayed: Callable[[int, int], Sequence[Policy]] | None = None
    drawn: bool = False
    needs: frozenset[Need] = frozenset()
    deployable: bool = True
    ours: bool = False
    curve: bool = False
    shown: Shown = "figure"
    rival: int | None = None
    choices: tuple[Choice, ...] = ()

    @property
    def single(self) -> bool:
        """Whether it is one row of a comparison, without a setting."""
        return self.setting is None and not self.curve
