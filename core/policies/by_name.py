"""The policy that a name and its setting mean, such as ``majority-vote:4``."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Any

from core.errors import DataError, UnknownNameError
from core.policies.base import Policy
from core.policies.budget import BudgetModel
from core.policies.budgeted import Budgeted
from core.policies.entry import WORTH, Entry, Need
from core.policies.registry import entries, policy_names

_USUAL_CALLS = "4"


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


def needs_of(text: str) -> frozenset[Need]:
    """What a log must have for the policy that ``text`` names; nothing for an unknown one."""
    entry = entries().get(text.partition(":")[0])
    return frozenset() if entry is None else entry.needs


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
    if value.startswith(WORTH):
        worth = _number(value.removeprefix(WORTH))
        if worth is not None and 0 < worth < inf:
            return Budgeted.for_worth(model, worth, **settings)
    else:
        calls = _number(value)
        if calls is not None and 1 <= calls <= len(model.prompts):
            return Budgeted.for_calls(model, calls, **settings)
    raise DataError(
        f"The policy {name} takes a number from 1 to {len(model.prompts)}, the mean calls of a "
        f"question, or {WORTH} and a number above 0, the calls that a right answer is worth; got "
        f"{value!r}."
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
