"""In what order to ask the prompts: accurate, different from those before, and cheap ones first."""

from collections.abc import Sequence

import numpy as np

COVERAGE = 0.3
"""What a query that some prompt answered right counts beside one that the vote has right."""
TOKEN_WEIGHT = 0.03
"""Accuracy that a prompt must add to be asked before one that takes 1,000 tokens less: the dial's
price of 1,000 tokens at a mean of four calls, about 0.01 for a call of 330 tokens."""
DOLLAR_WEIGHT = 1.0
"""The same where dollars stand as tokens: a tenth of a right answer for a call of average dollars,
so that a cheap LLM is asked before a dear one that is hardly better. Chosen on made-up logs of two
LLMs, of which 0.3 was better on one and worse on the other."""
_SEARCHED = 8
"""Places filled by search; behind them prompts follow by accuracy, where order hardly matters."""


def greedy_order(
    correct: np.ndarray,
    answer: np.ndarray,
    weight: np.ndarray,
    tokens: np.ndarray,
    *,
    priced: bool = False,
) -> tuple[int, ...]:
    """Order prompts by what each adds to those before it, on the queries of a log.

    Forward selection of an ensemble (Caruana et al. 2004, section 2). The most accurate prompt
    comes first; the next is the one with the largest weighted-vote accuracy + COVERAGE · share of
    queries that any has right − TOKEN_WEIGHT · thousands of tokens. Of equals the first column
    wins, as it does for the best single prompt.

    Args:
        correct: Shape (queries, prompts).
        answer: Final numbers as text, None where there is none; the same shape.
        weight: What the vote of each answer counts, such as its chance; the same shape.
        tokens: Mean tokens of a call, shape (prompts,); NaN where unknown, which costs nothing.
        priced: Whether these are dollars in the scale of tokens. The first prompt then has to be
            worth its dollars as well.

    Returns:
        Positions of all prompts.
    """
    weigh = DOLLAR_WEIGHT if priced else TOKEN_WEIGHT
    accuracy, cost = correct.mean(axis=0), np.nan_to_num(tokens) * weigh / 1000
    left = list(range(correct.shape[1]))
    chosen = [int((accuracy - cost if priced else accuracy).argmax())]
    left.remove(chosen[0])
    covered = correct[:, chosen[0]].copy()
    while left and len(chosen) < _SEARCHED:
        worth = [
            _vote_accuracy(correct, answer, weight, [*chosen, prompt])
            + COVERAGE * (covered | correct[:, prompt]).mean()
            - cost[prompt]
            for prompt in left
        ]
        best = left[int(np.argmax(worth))]
        chosen.append(best)
        left.remove(best)
        covered |= correct[:, best]
    return (*chosen, *sorted(left, key=lambda prompt: -accuracy[prompt]))


def led_by(order: Sequence[int], leader: int) -> tuple[int, ...]:
    """The same order with one prompt moved to its front."""
    return (leader, *(prompt for prompt in order if prompt != leader))


def _vote_accuracy(
    correct: np.ndarray, answer: np.ndarray, weight: np.ndarray, prompts: Sequence[int]
) -> float:
    """Share right of a weighted vote; a tie counts by the share of its answers that are right."""
    total = 0.0
    columns = (matrix[:, prompts].tolist() for matrix in (answer, correct, weight))
    for given, right, counted in zip(*columns, strict=True):
        votes: dict[str, float] = {}
        for text, count in zip(given, counted, strict=True):
            if text is not None:
                votes[text] = votes.get(text, 0.0) + count
        if not votes:
            continue
        most, grade = max(votes.values()), dict(zip(given, right, strict=True))
        tied = [text for text, count in votes.items() if count == most]
        total += sum(grade[text] for text in tied) / len(tied)
    return total / len(correct)
