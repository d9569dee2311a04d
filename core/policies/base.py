"""What a policy sees, what it may ask for, and the loop that runs it live or over a log.

A policy decides which prompts to call, in what order, when to stop and which call's answer to
return. It never sees the correct answer. The loop hands its requests to a caller: one caller asks
an LLM, another reads a log, and the policy cannot tell them apart.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Request:
    """A call a policy wants: answer with prompt ``prompt``, or judge that prompt's answer."""

    prompt: int
    critique: bool = False


@dataclass(frozen=True)
class Reply:
    """What came back.

    Attributes:
        request: The call it replies to.
        answer: Final number as ``answers.canonical`` writes it; None when none was found, or
            when a log has labels without texts.
        text: The whole answer; None when it is unknown.
        verdict: Belief of a critique that the answer is right, 0..1; None for an answer.
    """

    request: Request
    answer: str | None = None
    text: str | None = None
    verdict: float | None = None


@dataclass(frozen=True)
class Context:
    """What is known before any call, arrays of shape (prompts,).

    Attributes:
        reward: P(correct) of each prompt for this query, from the reward model.
        accuracy: Share of logged queries each prompt answered correctly.
        tokens: Expected tokens of a call, prompt and completion together; NaN where unknown. Where
            arms have prices of their own, dollars ``as_tokens``.
        query: The question, for policies that read it; empty where nobody filled it in.
    """

    reward: np.ndarray
    accuracy: np.ndarray
    tokens: np.ndarray
    query: str = ""


MEAN_CALL = 100.0
"""Tokens as which a call of average dollars counts. So the penalties that are replayed of
cost-aware best-of-N reach from a hundredth of a right answer for such a call to half of one."""


def as_tokens(dollars: np.ndarray) -> np.ndarray:
    """Dollars of a call with each arm, shape (arms,), in a scale in which policies weigh tokens.

    Of arms that all cost nothing none weighs anything.
    """
    mean = dollars.mean()
    return dollars * (MEAN_CALL / mean) if mean != 0 else np.zeros(len(dollars))


@dataclass(frozen=True)
class Selection:
    """What a policy did for one query.

    Attributes:
        requests: Its calls in order.
        chosen: Position of the prompt whose answer it returns.
        votes: How many answers equal that one; 0 when it is none.
    """

    requests: tuple[Request, ...]
    chosen: int
    votes: int = 1


class Policy:
    """Base of all policies.

    Attributes:
        name: Stable identifier, as in tables.
        parameter: The setting that moves along its curve, None for a single point.
        needs_answers: Whether it compares answers, so that labels alone are not enough.
    """

    name: str
    parameter: float | None = None
    needs_answers: bool = False

    def order(self, rewards: np.ndarray) -> Sequence[int]:
        """Return the order in which it takes a batch of questions, as they come by default.

        Args:
            rewards: P(correct), shape (questions, prompts).
        """
        return range(len(rewards))

    def next_requests(self, context: Context, replies: Sequence[Reply]) -> Sequence[Request]:
        """Return the calls to make now, which may run at once; none to stop."""
        raise NotImplementedError

    def choose(self, context: Context, replies: Sequence[Reply]) -> Reply:
        """Return the reply whose answer is given to the user, by default the most frequent one."""
        return vote(replies, [1.0] * len(replies))


def run(
    policy: Policy,
    context: Context,
    caller: Callable[[Sequence[Request]], Sequence[Reply]],
) -> Selection:
    """Run a policy for one query until it asks for no more calls.

    Args:
        policy: Decides the calls.
        context: What it knows before any of them.
        caller: Makes them. Once there has been a reply it may give none to say that no further
            call can be made; the policy then chooses among the replies there are.
    """
    replies: list[Reply] = []
    while requests := policy.next_requests(context, replies):
        came = caller(requests)
        if not came:
            break
        replies.extend(came)
    chosen = policy.choose(context, replies)
    requests = tuple(reply.request for reply in replies)
    return Selection(requests, chosen.request.prompt, _votes(replies, chosen.answer))


def _votes(replies: Sequence[Reply], answer: str | None) -> int:
    """How many replies gave an answer; those without a number do not agree with one another."""
    if answer is None:
        return 0
    return sum(reply.answer == answer for reply in replies if not reply.request.critique)


def ranked(values: np.ndarray) -> list[int]:
    """Positions from the largest value to the smallest; the first of equals comes first."""
    return np.argsort(-values, kind="stable").tolist()


def vote(replies: Sequence[Reply], weights: Sequence[float]) -> Reply:
    """Return the earliest reply among those of the answer with the largest total weight.

    Replies without a number do not vote unless none has one; of equal totals the answer that was
    seen first wins.
    """
    totals: dict[str, float] = defaultdict(float)
    first: dict[str, Reply] = {}
    for reply, weight in zip(replies, weights, strict=True):
        if reply.answer is not None:
            totals[reply.answer] += weight
            first.setdefault(reply.answer, reply)
    if not totals:
        return replies[0]
    return first[max(totals, key=totals.__getitem__)]
