"""The policies that Ask offers, in the page's words."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import DataError, UnknownNameError
from core.policies import Context, Policy, policy_by_name
from core.prompts import PROMPTS


@dataclass(frozen=True)
class Offered:
    """A policy of the list.

    Attributes:
        label: As it stands in the list.
        title: Over its answer; ``{calls}`` is the dial.
        dial: Label of the dial, empty where there is none.
        form: The policy as ``core.policies.policy_by_name`` takes it.
        high: Largest value of the dial.
        start: Where the dial stands at first.
    """

    label: str
    title: str
    dial: str = ""
    form: str = "{name}:{calls}"
    high: int = len(PROMPTS)
    start: int = 4


DEFAULT = "best-of-n"
OFFERED: dict[str, Offered] = {
    DEFAULT: Offered("Best-of-N: one call", "Best-of-N: one call with the chosen prompt"),
    "budgeted": Offered(
        "Budgeted: calls where they help",
        "Budgeted: about {calls} calls a question",
        "Calls to spend on a question, on average",
    ),
    "budgeted-worth": Offered(
        "Budgeted: while an answer is worth it",
        "Budgeted: a right answer is worth {calls} calls",
        "Calls that one more right answer is worth",
        form="budgeted:worth={calls}",
        high=200,
        start=50,
    ),
    "adaptive-consistency": Offered(
        "Adaptive-Consistency",
        "Adaptive-Consistency: calls until the vote is settled",
    ),
    "majority-vote": Offered(
        "Majority vote", "Majority vote of {calls} calls", "Calls to spend on a question"
    ),
    "reward-vote": Offered(
        "Reward-weighted vote",
        "Reward-weighted vote of {calls} calls",
        "Calls to spend on a question",
    ),
    "best-single": Offered(
        "Best single prompt: one call", "Best single prompt of the log: one call"
    ),
}
_ONE_CALL = (DEFAULT, "best-single")


def policy_of(name: str, calls: float, prompt_ids: Sequence[str], log: str | None) -> Policy:
    """The policy that a visitor chose.

    Args:
        name: A key of ``OFFERED``.
        calls: The dial; without effect where the policy has none.
        prompt_ids: The prompts to consider.
        log: Whose log a learned policy comes from; None where none was learned.

    Raises:
        DataError: it cannot be run on these prompts or was not learned from their log.
    """
    if name not in OFFERED:
        raise UnknownNameError("policy", name, tuple(OFFERED))
    if name.startswith("budgeted") and log is None:
        raise DataError(
            "Budgeted was not learned from this log, or would judge questions that it was learned "
            "from. Choose another policy."
        )
    offered = OFFERED[name]
    text = offered.form.format(name=name, calls=f"{calls:g}") if offered.dial else name
    return policy_by_name(text, prompt_ids, log or "")


def title_of(name: str, calls: float) -> str:
    """The title over the answer of a policy."""
    return OFFERED[name].title.format(calls=f"{calls:g}")


def marks_of(name: str, policy: Policy, context: Context) -> dict[int, str]:
    """What the ranking says beside the prompts that a policy asks first, by position."""
    asked = [request.prompt for request in policy.next_requests(context, [])]
    word = "chosen" if name in _ONE_CALL else "asked" if len(asked) > 1 else "asked first"
    return dict.fromkeys(asked, word)
