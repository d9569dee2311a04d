"""The policies that Ask offers, in the page's words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.errors import UnknownNameError
from core.policies import Context, Policy, entries, policy_by_name
from core.policies.budget import BudgetModel
from core.policies.entry import Choice
from core.prompts import OFFERED

DEFAULT = "best-of-n"


@dataclass(frozen=True)
class Offered:
    """A policy of the list, in the registry's words.

    Attributes:
        policy: Its name in the registry.
        choice: How it is offered.
    """

    policy: str
    choice: Choice

    @property
    def high(self) -> int:
        """Largest value of the dial."""
        return len(OFFERED) if self.choice.high is None else self.choice.high


def offered() -> dict[str, Offered]:
    """The list, by the names that menus and addresses have for its rows."""
    rows = [
        (choice.place, f"{entry.name}{choice.suffix}", Offered(entry.name, choice))
        for entry in entries().values()
        for choice in entry.choices
    ]
    return {name: row for _, name, row in sorted(rows, key=lambda row: row[0])}


def policy_of(
    name: str, calls: float, prompt_ids: Sequence[str], budget: Callable[[], BudgetModel]
) -> Policy:
    """The policy that a visitor chose.

    Args:
        name: A key of ``offered()``.
        calls: The dial; without effect where the policy has none.
        prompt_ids: The prompts to consider.
        budget: Gives what the budget policy learned; called for such a policy alone.

    Raises:
        DataError: it cannot be run on these prompts.
        PromptOIRLError: whatever ``budget`` raises where nothing was learned.
    """
    if name not in offered():
        raise UnknownNameError("policy", name, tuple(offered()))
    text, choice = offered()[name].policy, offered()[name].choice
    if choice.dial:
        text = choice.form.format(name=text, calls=f"{calls:g}")
    return policy_by_name(text, prompt_ids, budget)


def title_of(name: str, calls: float) -> str:
    """The title over the answer of a policy."""
    return offered()[name].choice.title.format(calls=f"{calls:g}")


def marks_of(name: str, policy: Policy, context: Context) -> dict[int, str]:
    """What the ranking says beside the prompts that a policy asks first, by position."""
    asked = [request.prompt for request in policy.next_requests(context, [])]
    one_call = entries()[offered()[name].policy].single
    word = "chosen" if one_call else "asked" if len(asked) > 1 else "asked first"
    return dict.fromkeys(asked, word)
