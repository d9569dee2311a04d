"""Policies by name, as the command line and the page ask for them: ``name`` or ``name:value``."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from core.errors import DataError, UnknownNameError
from core.policies.base import Policy
from core.policies.budgeted import Budgeted
from core.policies.single import BestOfN, BestSingle, CostAware, RandomPrompt
from core.policies.votes import AdaptiveConsistency, MajorityVote, RewardVote


@dataclass(frozen=True)
class _Setting:
    """What may follow a policy's name.

    Attributes:
        make: The policy from the value and the number of prompts.
        low, high: Allowed values; None as ``high`` means the number of prompts.
        default: Value when none is given; None means the number of prompts.
        whole: Whether it counts something.
    """

    make: Callable[[float], Policy]
    low: float
    high: float | None
    default: float | None
    whole: bool = True


_PLAIN: dict[str, Callable[[], Policy]] = {
    "best-of-n": BestOfN,
    "best-single": BestSingle,
    "random": lambda: RandomPrompt(seed=0),
}
_SET: dict[str, _Setting] = {
    "cost-aware": _Setting(CostAware, 0.0, 100.0, 0.5, whole=False),
    "majority-vote": _Setting(lambda k: MajorityVote(int(k)), 1, None, None),
    "reward-vote": _Setting(lambda k: RewardVote(int(k)), 1, None, None),
    "adaptive-consistency": _Setting(AdaptiveConsistency, 0.5, 1.0, 0.95, whole=False),
}
_BUDGETED: dict[str, dict[str, Any]] = {
    "budgeted": {},
    "budgeted-tokens": {"unit": "tokens"},
    "budgeted-2-at-once": {"batch": 2},
    "budgeted-4-at-once": {"batch": 4},
}
"""Variants of the budget policy, and what sets them apart."""
_USUAL_CALLS = "4"
_WORTH = "worth="
POLICIES = (*_PLAIN, *_SET, *_BUDGETED)
"""Names that can be asked for."""


def policy_by_name(text: str, prompt_ids: Sequence[str], log: str) -> Policy:
    """Return the policy that ``text`` names.

    Args:
        text: A name of ``POLICIES``; those with a setting take it after a colon, such as
            ``majority-vote:4``. ``budgeted:4`` takes four calls on average;
            ``budgeted:worth=50`` makes another call while it is worth its price to someone to whom
            a right answer is worth 50 calls.
        prompt_ids: The prompts that there are to choose from.
        log: Whose log a learned policy comes from.

    Raises:
        UnknownNameError: there is no such policy.
        DataError: the setting is out of its range, the policy has none, or it was not learned
            from that log.
    """
    name, colon, value = text.partition(":")
    prompts = len(prompt_ids)
    if name in _PLAIN:
        if colon:
            raise DataError(f"The policy {name} takes no setting; got {value!r}.")
        return _PLAIN[name]()
    if name in _BUDGETED:
        return _budgeted(name, value if colon else _USUAL_CALLS, prompt_ids, log)
    if name not in _SET:
        raise UnknownNameError("policy", name, POLICIES)
    setting = _SET[name]
    high = prompts if setting.high is None else setting.high
    if not colon:
        return setting.make(prompts if setting.default is None else setting.default)
    number = _number(value)
    if number is None or not setting.low <= number <= high or (setting.whole and number % 1):
        kind = "a whole number" if setting.whole else "a number"
        raise DataError(
            f"The policy {name} takes {kind} from {setting.low:g} to {high:g}; got {value!r}."
        )
    return setting.make(number)


def _budgeted(name: str, value: str, prompt_ids: Sequence[str], log: str) -> Policy:
    from core.artifacts import budget_path, load_budget

    if not budget_path(log).is_file():
        raise DataError(
            f"The policy {name} needs a log with answers to every prompt; that of {log} has none."
        )
    model = load_budget(log)
    settings = _BUDGETED[name] | {"order": model.order_for(prompt_ids)}
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
