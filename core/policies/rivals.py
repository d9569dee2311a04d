"""Published ways of saving calls of a vote, by their papers' rules, to be measured against."""

from collections import deque
from collections.abc import Sequence

import numpy as np

from core.policies.base import Context, Policy, Reply, Request, ranked, vote
from core.policies.votes import AdaptiveConsistency


class EarlyStopping(Policy):
    """Call windows of prompts until one window agrees; then the majority vote of all answers.

    Early-stopping self-consistency (Li et al. 2024, ICLR), over prompts in place of samples.

    Args:
        window: Calls at once, which must all give one number to stop.
    """

    name = "early-stopping"
    needs_answers = True

    def __init__(self, window: int) -> None:
        self.parameter = self._window = window

    def next_requests(self, context: Context, replies: Sequence[Reply]) -> Sequence[Request]:
        if replies and _agree(replies[-self._window :]):
            return []
        made = len(replies)
        return [Request(one) for one in ranked(context.accuracy)[made : made + self._window]]


class DifficultyAdaptive(AdaptiveConsistency):
    """Spend one call on each question of a batch's easy part, and on the others what those took.

    Difficulty-adaptive self-consistency (Wang et al. 2025, NAACL). Questions are taken from the
    hardest on. Once the first answers to ``_JUDGED`` in a row agree, all easier ones get one call.
    Before, a question gets as many calls at once as were enough for the last ones on average, and
    further ones until the rule of Adaptive-Consistency is content. In place of the LLM's own
    ranking, which takes calls, questions are ranked by the mean chance of their prompts.

    It is told of the questions of one batch one after the other and remembers them.
    """

    _FIRST = 4
    _JUDGED = 32
    _RECENT = 16

    def __init__(self, confidence: float) -> None:
        super().__init__(confidence)
        self.name = "difficulty-adaptive"
        self._agreeing = 0
        self._enough: deque[int] = deque(maxlen=self._RECENT)

    def order(self, rewards: np.ndarray) -> Sequence[int]:
        return ranked(-rewards.mean(axis=1))

    @property
    def _easy(self) -> bool:
        return self._agreeing >= self._JUDGED

    def next_requests(self, context: Context, replies: Sequence[Reply]) -> Sequence[Request]:
        made = len(replies)
        if made and (self._easy or self._settled(replies)):
            return []
        wanted = made + self._FIRST if made else self._allocated()
        return [Request(one) for one in ranked(context.accuracy)[made:wanted]]

    def _allocated(self) -> int:
        if self._easy:
            return 1
        usual = round(np.mean(self._enough)) if self._enough else 0
        return max(self._FIRST, usual)

    def choose(self, context: Context, replies: Sequence[Reply]) -> Reply:
        if not self._easy:
            self._agreeing = self._agreeing + 1 if _agree(replies[: self._FIRST]) else 0
            self._enough.append(self._needed(replies))
        return super().choose(context, replies)

    def _needed(self, replies: Sequence[Reply]) -> int:
        """How many of the calls would have been enough."""
        made = range(1, len(replies))
        return next((n for n in made if self._settled(replies[:n])), len(replies))


class ConfidenceVote(Policy):
    """Vote with weights from the LLM's own judgement of each answer, which takes a call as well.

    Confidence-informed self-consistency (Taubenfeld et al. 2025): an answer's weight is the softmax
    of the belief that it is right.

    Args:
        k: Prompts that are answered and judged, those that were right most often in the log.
    """

    name = "confidence-vote"
    needs_answers = True
    _TEMPERATURE = 1.0
    """Of 0.03 to 2 the best for LLaMA2 on GSM8K in hindsight; a rival is given what suits it."""

    def __init__(self, k: int) -> None:
        self.parameter = self._prompts = k

    def next_requests(self, context: Context, replies: Sequence[Reply]) -> Sequence[Request]:
        prompts = ranked(context.accuracy)[: self._prompts]
        if len(replies) == 2 * len(prompts):
            return []
        return [Request(prompt, critique=bool(replies)) for prompt in prompts]

    def choose(self, context: Context, replies: Sequence[Reply]) -> Reply:
        answers = [reply for reply in replies if not reply.request.critique]
        beliefs = {
            reply.request.prompt: reply.verdict for reply in replies if reply.verdict is not None
        }
        # The sum of all weights is the same for every answer, so that it need not be divided by.
        weights = [
            float(np.exp(beliefs.get(reply.request.prompt, 0.0) / self._TEMPERATURE))
            for reply in answers
        ]
        return vote(answers, weights)


def _agree(replies: Sequence[Reply]) -> bool:
    """Whether all gave the same number."""
    return replies[0].answer is not None and len({reply.answer for reply in replies}) == 1
