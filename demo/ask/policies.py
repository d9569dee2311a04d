"""The policies that Ask offers, in the page's words."""

from collections.abc import Callable, Sequence

from core.errors import UnknownNameError
from core.policies import Context, Policy, entries, policy_by_name
from core.policies.budget import BudgetModel
from core.policies.entry import Choice, Entry

DEFAULT = "best-of-n"


def offered() -> dict[str, tuple[Entry, Choice]]:
    """Rows of the registry and how they are offered, by the names of the menu, in its order."""
    rows = [(entry, choice) for entry in entries().values() for choice in entry.choices]
    rows.sort(key=lambda row: row[1].place)
    return {f"{entry.name}{choice.suffix}": (entry, choice) for entry, choice in rows}


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
    entry, choice = offered()[name]
    text = choice.form.format(name=entry.name, calls=f"{calls:g}") if choice.dial else entry.name
    return policy_by_name(text, prompt_ids, budget)


def title_of(name: str, calls: float) -> str:
    """The title over the answer of a policy."""
    return offered()[name][1].title.format(calls=f"{calls:g}")


def marks_of(name: str, policy: Policy, context: Context) -> dict[int, str]:
    """What the ranking says beside the prompts that a policy asks first, by position."""
    asked = [request.prompt for request in policy.next_requests(context, [])]
    word = "chosen" if offered()[name][0].single else "asked" if len(asked) > 1 else "asked first"
    return dict.fromkeys(asked, word)
