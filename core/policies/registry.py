"""All about each policy in one row: its name, words, settings, and where it is run and shown.

Command line, page, figures, replay and README take from here what they say of a policy. A further
policy is its class and a row in ``REGISTRY``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from types import MappingProxyType
from typing import Any, Literal

from core.errors import DataError, UnknownNameError
from core.policies.base import Policy
from core.policies.budget import BudgetModel
from core.policies.budgeted import Budgeted
from core.policies.single import BestOfN, BestSingle, CostAware, RandomPrompt
from core.policies.votes import AdaptiveConsistency, MajorityVote, RewardVote, SelfCritique

Need = Literal["logged prompts", "tokens", "answers", "verdicts", "nested folds"]
"""What a log must have so that a policy can be replayed over it."""

_PENALTIES = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
_CONFIDENCES = (0.7, 0.78, 0.8, 0.85, 0.88, 0.9, 0.95, 0.99)
_CAPPED_AT = 0.78
"""Confidence under a cap on calls: the smallest that asks for more than one vote."""
_USUAL_CALLS = "4"
_WORTH = "worth="


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
        curve: Whether it has a curve: several settings, and calls that rise with them.
        on_figure: Whether the page's figure and bill show it; the tables have all.
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
    curve: bool = False
    on_figure: bool = True
    rival: int | None = None
    choices: tuple[Choice, ...] = ()

    @property
    def single(self) -> bool:
        """Whether it is one row of a comparison, without a setting."""
        return self.setting is None and not self.curve


_LOGGED: frozenset[Need] = frozenset({"logged prompts"})
_VOTES: frozenset[Need] = frozenset({"logged prompts", "answers"})
_SPENT = "Calls to spend on a question"

REGISTRY: tuple[Entry, ...] = (
    Entry(
        "best-of-n",
        "best-of-N",
        make=lambda _: BestOfN(),
        replayed=lambda prompts, seed: [BestOfN()],
        choices=(Choice(0, "Best-of-N: one call", "Best-of-N: one call with the chosen prompt"),),
    ),
    Entry(
        "best-single",
        "best single prompt",
        make=lambda _: BestSingle(),
        replayed=lambda prompts, seed: [BestSingle()],
        needs=_LOGGED,
        choices=(
            Choice(6, "Best single prompt: one call", "Best single prompt of the log: one call"),
        ),
    ),
    Entry(
        "cost-aware",
        "cost-aware best-of-N",
        make=CostAware,
        setting=Setting(0.0, 100.0, 0.5, whole=False),
        replayed=lambda prompts, seed: [CostAware(value) for value in _PENALTIES],
        needs=frozenset({"tokens"}),
    ),
    Entry(
        "majority-vote",
        "majority vote",
        make=lambda k: MajorityVote(int(k)),
        setting=Setting(1, None, None),
        replayed=lambda prompts, seed: [MajorityVote(k) for k in range(1, prompts + 1)],
        needs=_VOTES,
        curve=True,
        rival=2,
        choices=(Choice(4, "Majority vote", "Majority vote of {calls} calls", _SPENT),),
    ),
    Entry(
        "reward-vote",
        "reward-weighted vote",
        make=lambda k: RewardVote(int(k)),
        setting=Setting(1, None, None),
        # With one call it is best-of-N.
        replayed=lambda prompts, seed: [RewardVote(k) for k in range(2, prompts + 1)],
        needs=_VOTES,
        curve=True,
        choices=(
            Choice(5, "Reward-weighted vote", "Reward-weighted vote of {calls} calls", _SPENT),
        ),
    ),
    Entry(
        "adaptive-consistency",
        "Adaptive-Consistency",
        make=AdaptiveConsistency,
        setting=Setting(0.5, 1.0, 0.95, whole=False),
        replayed=lambda prompts, seed: [AdaptiveConsistency(value) for value in _CONFIDENCES],
        needs=_VOTES,
        curve=True,
        rival=0,
        choices=(
            Choice(
                3,
                "Adaptive-Consistency",
                "Adaptive-Consistency: calls until the vote is settled",
            ),
        ),
    ),
    Entry(
        "capped-consistency",
        "Adaptive-Consistency, capped",
        replayed=lambda prompts, seed: [
            AdaptiveConsistency(_CAPPED_AT, most) for most in range(1, prompts + 1)
        ],
        needs=frozenset({"nested folds"}),
        curve=True,
        on_figure=False,
        rival=1,
    ),
    Entry(
        "random",
        "random prompt",
        make=lambda _: RandomPrompt(seed=0),
        replayed=lambda prompts, seed: [RandomPrompt(seed)],
        drawn=True,
    ),
    Entry(
        "self-critique",
        "LLM self-critique",
        replayed=lambda prompts, seed: [SelfCritique(seed)],
        drawn=True,
        needs=frozenset({"verdicts"}),
    ),
    Entry(
        "budgeted",
        "budgeted",
        learned=MappingProxyType({}),
        curve=True,
        choices=(
            Choice(
                1,
                "Budgeted: calls where they help",
                "Budgeted: about {calls} calls a question",
                "Calls to spend on a question, on average",
            ),
            Choice(
                2,
                "Budgeted: while an answer is worth it",
                "Budgeted: a right answer is worth {calls} calls",
                "Calls that one more right answer is worth",
                suffix="-worth",
                form="{name}:" + _WORTH + "{calls}",
                high=200,
                start=50,
            ),
        ),
    ),
    Entry(
        "budgeted-tokens",
        "budgeted, by tokens",
        learned=MappingProxyType({"unit": "tokens"}),
        curve=True,
        on_figure=False,
    ),
    Entry(
        "budgeted-2-at-once",
        "budgeted, 2 calls at once",
        learned=MappingProxyType({"batch": 2}),
        curve=True,
        on_figure=False,
    ),
    Entry(
        "budgeted-4-at-once",
        "budgeted, 4 calls at once",
        learned=MappingProxyType({"batch": 4}),
        curve=True,
        on_figure=False,
    ),
    Entry("hindsight-single", "best single prompt in hindsight", deployable=False, on_figure=False),
    Entry("oracle", "oracle", deployable=False),
)


def entries() -> dict[str, Entry]:
    """The registry by name, in its order."""
    return {entry.name: entry for entry in REGISTRY}


def policy_names() -> tuple[str, ...]:
    """Names that can be asked for."""
    return tuple(
        entry.name for entry in REGISTRY if entry.make is not None or entry.learned is not None
    )


def rivals() -> tuple[str, ...]:
    """Policies that the budget policy is set against, in the order of the README's columns."""
    found = [(entry.rival, entry.name) for entry in REGISTRY if entry.rival is not None]
    return tuple(name for _, name in sorted(found))


def is_learned(text: str) -> bool:
    """Whether a name, with its setting or without, is that of a policy learned from a log."""
    entry = entries().get(text.partition(":")[0])
    return entry is not None and entry.learned is not None


def label_of(name: str) -> str:
    """A policy as people read it; a name that is not in the registry as it is."""
    entry = entries().get(name)
    return name if entry is None else entry.label


def policy_by_name(
    text: str, prompt_ids: Sequence[str], budget: Callable[[], BudgetModel]
) -> Policy:
    """Return the policy that ``text`` names.

    Args:
        text: One of ``policy_names()``; those with a setting take it after a colon, such as
            ``majority-vote:4``. ``budgeted:4`` takes four calls on average;
            ``budgeted:worth=50`` makes another call while it is worth its price to someone to whom
            a right answer is worth 50 calls.
        prompt_ids: The prompts that there are to choose from.
        budget: Gives what the budget policy learned; called for such a policy alone.

    Raises:
        UnknownNameError: there is no such policy.
        DataError: the setting is out of its range, or the policy has none.
        PromptOIRLError: whatever ``budget`` raises where nothing was learned.
    """
    name, colon, value = text.partition(":")
    entry = entries().get(name)
    if entry is not None and entry.learned is not None:
        settings = dict(entry.learned)
        return _budgeted(name, value if colon else _USUAL_CALLS, prompt_ids, budget(), settings)
    if entry is None or entry.make is None:
        raise UnknownNameError("policy", name, policy_names())
    return entry.make(_value(entry, value if colon else None, len(prompt_ids)))


def _value(entry: Entry, given: str | None, prompts: int) -> float:
    """The setting's value, checked; of no meaning for a policy without one."""
    setting = entry.setting
    if setting is None:
        if given is not None:
            raise DataError(f"The policy {entry.name} takes no setting; got {given!r}.")
        return prompts
    if given is None:
        return prompts if setting.default is None else setting.default
    high = prompts if setting.high is None else setting.high
    number = _number(given)
    if number is None or not setting.low <= number <= high or (setting.whole and number % 1):
        kind = "a whole number" if setting.whole else "a number"
        raise DataError(
            f"The policy {entry.name} takes {kind} from {setting.low:g} to {high:g}; got {given!r}."
        )
    return number


def _budgeted(
    name: str,
    value: str,
    prompt_ids: Sequence[str],
    model: BudgetModel,
    settings: dict[str, Any],
) -> Policy:
    settings["order"] = model.order_for(prompt_ids)
    if value.startswith(_WORTH):
        worth = _number(value.removeprefix(_WORTH))
        if worth is not None and 0 < worth < inf:
            return Budgeted.for_worth(model, worth, **settings)
    else:
        calls = _number(value)
        if calls is not None and 1 <= calls <= len(model.prompts):
            return Budgeted.for_calls(model, calls, **settings)
    raise DataError(
        f"The policy {name} takes a number from 1 to {len(model.prompts)}, the mean calls of a "
        f"question, or {_WORTH} and a number above 0, the calls that a right answer is worth; got "
        f"{value!r}."
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
