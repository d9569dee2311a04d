"""Policies that spend several calls and merge the answers."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from core.grading.final_answer import canonical
from core.grading.repair import repair
from core.grading.working import read_working
from core.policies.base import Context, Policy, Reply, Request, ranked, vote


class MajorityVote(Policy):
    """The most frequent answer of the ``k`` prompts that were right most often in the log.

    Self-consistency (Wang et al. 2023) over prompts in place of samples; with all N prompts it is
    exhaustive prompting.
    """

    name = "majority-vote"
    needs_answers = True

    def __init__(self, k: int) -> None:
        self.parameter = self._calls = k

    def next_requests(self, context: Context, replies: Sequence[Reply]) -> Sequence[Request]:
        if replies:
            return []
        return [Request(prompt) for prompt in ranked(self.score(context))[: self._calls]]

    def score(self, context: Context) -> np.ndarray:
        """What prompts are chosen by, shape (prompts,)."""
        return context.accuracy


class RewardVote(MajorityVote):
    """The answer with the largest summed P(correct) among the ``k`` best-scored prompts."""

    name = "reward-vote"

    def score(self, context: Context) -> np.ndarray:
        return context.reward

    def choose(self, context: Context, replies: Sequence[Reply]) -> Reply:
        return vote(replies, [float(context.reward[reply.request.prompt]) for reply in replies])


class AdaptiveConsistency(Policy):
    """Call prompt after prompt until the leading answer is unlikely to be overtaken.

    The Beta rule of Aggarwal et al. 2023, section 3: with v1 votes for the leader and v2 for the
    runner-up, stop when P(p > ½) > ``confidence`` for p ~ Beta(v1 + 1, v2 + 1).

    Args:
        confidence: Threshold in ½..1; more of it asks for more calls.
        most: Calls after which it stops whatever the answers, the number of prompts by default.
            With it the policy is called ``capped-consistency`` and its parameter is ``most``.
    """

    needs_answers = True

    def __init__(self, confidence: float, most: int | None = None) -> None:
        self.name = "adaptive-consistency" if most is None else "capped-consistency"
        self.parameter = confidence if most is None else most
        self._confidence, self._most = confidence, most

    def next_requests(self, context: Context, replies: Sequence[Reply]) -> Sequence[Request]:
        order = ranked(context.accuracy)[: self._most]
        if len(replies) == len(order) or self._settled(self._voting(context, replies)):
            return []
        return [Request(order[len(replies)])]

    def _voting(self, context: Context, replies: Sequence[Reply]) -> Sequence[Reply]:
        """The replies that count."""
        return replies

    def _settled(self, replies: Sequence[Reply]) -> bool:
        counts = Counter(reply.answer for reply in replies if reply.answer is not None)
        leader, runner_up = ([n for _, n in counts.most_common(2)] + [0, 0])[:2]
        return _leads(leader, runner_up) > self._confidence


class CheckedConsistency(AdaptiveConsistency):
    """Adaptive-Consistency that reads texts as well: where an equation is wrong, there is no vote.

    A number that comes of mending the equation has its vote. Where no answer has one, all vote.
    """

    def __init__(self, confidence: float) -> None:
        super().__init__(confidence)
        self.name = "checked-consistency"

    def choose(self, context: Context, replies: Sequence[Reply]) -> Reply:
        return super().choose(context, self._voting(context, replies) or replies)

    def _voting(self, context: Context, replies: Sequence[Reply]) -> list[Reply]:
        numbered = (reply for reply in replies if reply.answer is not None)
        return [reply for reply in numbered if not _is_wrong(reply, context.query)]


def _is_wrong(reply: Reply, query: str) -> bool:
    """Whether a text has a wrong equation that its number does not mend."""
    if not reply.text or not read_working(reply.text).wrong:
        return False
    found = repair(reply.text, query)
    if not found.mends or found.value is None:
        return True
    return canonical(found.value) != reply.answer


@lru_cache(maxsize=4096)
def _leads(leader: int, runner_up: int) -> float:
    """P(p > ½) for p ~ Beta(leader + 1, runner_up + 1)."""
    from scipy.special import betainc

    return 1.0 - float(betainc(leader + 1, runner_up + 1, 0.5))


class SelfCritique(Policy):
    """N answers, then N calls in which the LLM judges them; the best-judged answer is returned.

    Equal judgements, which are frequent, are broken at random.
    """

    name = "self-critique"

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def next_requests(self, context: Context, replies: Sequence[Reply]) -> Sequence[Request]:
        prompts = range(len(context.reward))
        if not replies:
            return [Request(prompt) for prompt in prompts]
        if len(replies) == len(prompts):
            return [Request(prompt, critique=True) for prompt in prompts]
        return []

    def choose(self, context: Context, replies: Sequence[Reply]) -> Reply:
        verdicts = np.array([reply.verdict for reply in replies if reply.request.critique])
        best = np.flatnonzero(verdicts == verdicts.max())
        return replies[int(self._random.choice(best))]
