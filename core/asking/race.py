"""A race: one call, a policy and exhaustive prompting answer the same questions."""

from dataclasses import dataclass, field, replace

from core.asking.ranking import Ranking
from core.asking.solve import Answer
from core.evaluation.statistics import Interval, share_right
from core.llms import Completion
from core.policies import BestOfN

ONE_CALL, EXHAUSTIVE = "One call, the best-ranked prompt", "Exhaustive prompting"


@dataclass(frozen=True)
class Standing:
    """How far one way of asking has come.

    Attributes:
        label: Which way.
        calls: Mean LLM calls per question.
        right: Questions answered rightly.
        asked: All questions.
        accuracy: Share right with its 95 % interval.
    """

    label: str
    calls: float
    right: int
    asked: int
    accuracy: Interval


@dataclass
class _Lane:
    label: str
    calls: int = 0
    right: int = 0
    asked: int = 0

    def add(self, answer: Answer) -> None:
        self.calls += len(answer.calls)
        self.right += bool(answer.correct)
        self.asked += 1

    def standing(self) -> Standing:
        share = share_right(self.right, self.asked)
        return Standing(self.label, self.calls / self.asked, self.right, self.asked, share)


def one_call(ranking: Ranking, every: Answer, gold: str) -> Answer:
    """The answer of best-of-N, out of those that exhaustive prompting has paid for already.

    Args:
        ranking: Of the question's prompts.
        every: What exhaustive prompting made of it.
        gold: Its correct answer.
    """
    best = ranking.best
    call = next(call for call in every.calls if call.prompt_id == best.id)
    text = call.result.text if isinstance(call.result, Completion) else ""
    return replace(
        every,
        policy=BestOfN().name,
        prompt=best,
        text=text,
        value=call.answer,
        votes=1,
        calls=(call,),
        entries=tuple(entry for entry in every.entries if entry.prompt_id == best.id),
        correct=ranking.kind.is_right(call.answer, gold),
        mends=call.mends,
    )


@dataclass
class Race:
    """Questions answered in every way so far.

    The one call is that of exhaustive prompting with the best-ranked prompt, so that it costs
    nothing more.

    Attributes:
        label: Of the policy between the two ends; None where it is the one call itself.
    """

    label: str | None
    _lanes: dict[str, _Lane] = field(default_factory=dict)

    def add(self, ranking: Ranking, every: Answer, answer: Answer | None, gold: str) -> None:
        """One more question.

        Args:
            ranking: Of its prompts.
            every: What exhaustive prompting made of it.
            answer: What the policy made of it, None where there is none between the two ends.
            gold: Its correct answer.
        """
        self._lane(ONE_CALL).add(one_call(ranking, every, gold))
        if self.label is not None and answer is not None:
            self._lane(self.label).add(answer)
        self._lane(EXHAUSTIVE).add(every)

    def _lane(self, label: str) -> _Lane:
        return self._lanes.setdefault(label, _Lane(label))

    def standings(self) -> list[Standing]:
        """All ways of asking, the one with the fewest calls first."""
        return [lane.standing() for lane in self._lanes.values()]
