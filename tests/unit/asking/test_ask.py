"""Asking: rankings for any question, answers and costs through the LLM protocol."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from queued_llm import QueuedLLM

from core import llms
from core.artifacts import load_budget
from core.asking.ranking import Ranking, is_stood_in_for, log_for, rank
from core.asking.solve import solve
from core.costs.ledger import Ledger
from core.demonstrations import LLAMA2
from core.errors import DataError, UnknownNameError
from core.grading.kinds import CHOICES, TEXTS, Kind
from core.hosting.metered import MeteredLLM
from core.hosting.settings import Limits
from core.hosting.spending import Reservation, Spending, SpendingLimit
from core.llms import Completion, Control, Failure, LLMError
from core.llms.base import NO_CONTROL, FailureKind
from core.policies import AdaptiveConsistency, BestOfN, MajorityVote, Policy
from core.policies.budgeted import Budgeted
from core.prompts import PROMPTS, message, own_prompt
from core.query import QUERY_LIMIT

QUESTION = "Olga has 12 nuts and shares them among 4 friends. How many does each get?"


def _ranking(probability: Sequence[float]) -> Ranking:
    values = np.array(probability)
    prompts = PROMPTS[: len(values)]
    return Ranking(
        prompts, values, values - 0.1, values + 0.1, values, *(np.full(len(values), 200.0),) * 2
    )


def test_the_sixteen_prompts_are_ranked_with_their_intervals() -> None:
    ranking = rank(QUESTION)
    chances = ranking.probability[ranking.order]
    assert ranking.prompts == PROMPTS
    assert (np.diff(chances) <= 0).all()
    assert ((ranking.lower <= ranking.probability) & (ranking.probability <= ranking.upper)).all()
    assert ranking.best is ranking.prompts[ranking.order[0]]


def test_a_prompt_of_ones_own_has_a_wider_interval() -> None:
    ranking = rank(QUESTION, (*PROMPTS, own_prompt("Check your work before you answer:")))
    upper, lower = (np.log(bound / (1 - bound)) for bound in (ranking.upper, ranking.lower))
    width = upper - lower
    assert width[-1] > 1.2 * width[:-1].max()


@settings(max_examples=60)
@given(st.text(min_size=1, max_size=300).filter(str.strip))
def test_any_question_gets_finite_chances(question: str) -> None:
    ranking = rank(question)
    for values in (ranking.lower, ranking.probability, ranking.upper):
        assert ((values > 0) & (values < 1)).all()


@pytest.mark.parametrize(
    "question", ["🍎" * 50, "苹果一共有多少个?", "no numbers here", "1" * 10_000, "."]
)
def test_unusual_questions_are_ranked(question: str) -> None:
    assert np.isfinite(rank(question).probability).all()


@pytest.mark.parametrize(
    ("question", "said"), [("", "empty"), (" \n", "empty"), ("x" * (QUERY_LIMIT + 1), "10,001")]
)
def test_a_bad_question_is_refused_with_its_reason(question: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        rank(question)


def test_the_same_prompt_twice_is_refused() -> None:
    with pytest.raises(DataError, match="'cot' is given twice"):
        rank(QUESTION, (PROMPTS[1], PROMPTS[1]))


def test_best_of_n_sends_one_message_and_reports_its_cost() -> None:
    llm = QueuedLLM(["12 / 4 = 3. The answer is 3."])
    answer = solve(QUESTION, _ranking([0.1, 0.7, 0.3]), BestOfN(), llm, gold="3")
    assert llm.asked == [[message(QUESTION, PROMPTS[1])]]
    assert (answer.value, answer.correct, answer.votes, answer.tokens) == ("3", True, 1, 200)
    # 200 tokens at $0.20 per million.
    assert answer.cost.dollars == pytest.approx(0.00004)
    assert [call.prompt_id for call in answer.calls] == ["cot"]


def test_exhaustive_prompting_votes_and_adds_up_its_costs() -> None:
    llm = QueuedLLM(["The answer is 4.", "The answer is 3.", "It must be 3."])
    answer = solve(QUESTION, _ranking([0.9, 0.7, 0.3]), MajorityVote(3), llm, gold="4")
    assert (answer.value, answer.votes, answer.correct) == ("3", 2, False)
    assert (len(answer.calls), answer.tokens) == (3, 600)


def test_an_llm_without_a_price_costs_nothing_known() -> None:
    answer = solve(QUESTION, _ranking([0.9]), BestOfN(), QueuedLLM(["3"], model="mystery"))
    assert (answer.cost.dollars, answer.correct) == (None, None)


def test_an_answer_without_a_number_is_not_right() -> None:
    answer = solve(QUESTION, _ranking([0.9]), BestOfN(), QueuedLLM(["I cannot say."]), gold="3")
    assert (answer.value, answer.correct) == (None, False)


def test_an_unknown_llm_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError, match="recorded:gsm8k"):
        llms.get("gpt-17")


def test_a_failed_call_does_not_vote_and_stands_in_the_ledger() -> None:
    llm, ledger = QueuedLLM(["", "The answer is 3.", ""]), Ledger()
    answer = solve(QUESTION, _ranking([0.9, 0.7, 0.3]), MajorityVote(3), llm, ledger=ledger)
    assert (answer.value, answer.votes, answer.prompt.id) == ("3", 1, "cot")
    assert [failure.kind for failure in answer.failures] == ["time-out", "time-out"]
    table = ledger.table()
    assert table["outcome"].tolist() == ["time-out", "ok", "time-out"]
    assert table["prompt_id"].tolist() == ["direct", "cot", "ape"]
    assert answer.tokens == 200
    # Two calls that timed out may have been charged for, so the sum is a bound.
    assert answer.cost.bound
    assert answer.cost.dollars > 0.00004


def test_when_every_call_fails_the_reason_is_raised_and_the_ledger_kept() -> None:
    ledger = Ledger()
    with pytest.raises(LLMError, match="did not answer in time"):
        solve(QUESTION, _ranking([0.9]), BestOfN(), QueuedLLM([""]), ledger=ledger)
    assert [item.outcome for item in ledger.entries] == ["time-out"]


class _Counted(Spending):
    """Remembers how often it was asked for cover."""

    asked = 0

    def reserve(self, session: str, calls: int, dollars: float) -> Reservation:
        self.asked += 1
        return super().reserve(session, calls, dollars)


@pytest.mark.parametrize(
    "policy",
    [AdaptiveConsistency(1.0), Budgeted(load_budget(LLAMA2), -1.0)],
    ids=lambda policy: policy.name,
)
def test_answers_that_are_paid_for_outlive_the_spending_limit(
    policy: Policy, tmp_path: Path
) -> None:
    spending = _Counted(tmp_path, Limits(4, 100, 1.0, 10.0))
    llm = QueuedLLM(["It is 7.", "It is 3.", "It is 9.", "It is 3."])
    answer = solve(QUESTION, rank(QUESTION), policy, MeteredLLM(llm, spending, "a", None))
    assert (answer.value, answer.votes, len(answer.entries)) == ("3", 2, 4)
    [refused] = answer.failures
    assert refused.kind == "no credit"
    assert "0 of the 4 calls of this session" in refused.message
    # Twelve prompts more would only be refused as well.
    assert spending.asked == 5


def test_a_spending_limit_before_any_answer_is_raised(tmp_path: Path) -> None:
    metered = MeteredLLM(QueuedLLM([]), Spending(tmp_path, Limits(0)), "a", None)
    with pytest.raises(SpendingLimit, match="0 of the 0 calls"):
        solve(QUESTION, rank(QUESTION), AdaptiveConsistency(1.0), metered)


class _Breaking(QueuedLLM):
    """Fails in one way once its texts are used up."""

    def __init__(self, texts: Sequence[str], kind: FailureKind, *, raised: bool) -> None:
        super().__init__(texts)
        self.kind, self.raised = kind, raised

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        """The next texts, or the failure."""
        if self.texts:
            return super().complete(messages, control)
        self.asked.append(list(messages))
        failure = Failure(self.kind, "No more.")
        if self.raised:
            raise LLMError(failure)
        return [failure] * len(messages)


@pytest.mark.parametrize(("kind", "raised"), [("bad key", False), ("server error", True)])
def test_a_policy_ends_at_a_failure_that_further_calls_would_repeat(
    kind: FailureKind, raised: bool
) -> None:
    llm = _Breaking(["It is 7.", "It is 3."], kind, raised=raised)
    answer = solve(QUESTION, rank(QUESTION), AdaptiveConsistency(1.0), llm)
    assert (answer.value, len(llm.asked)) == ("7", 3)
    assert [(failure.kind, failure.message) for failure in answer.failures] == [(kind, "No more.")]


def test_a_failure_that_repeats_itself_is_asked_for_once() -> None:
    llm = _Breaking([], "bad key", raised=False)
    with pytest.raises(LLMError, match="No more"):
        solve(QUESTION, rank(QUESTION), AdaptiveConsistency(1.0), llm)
    assert len(llm.asked) == 1


def test_streamed_text_names_the_prompt_it_belongs_to() -> None:
    pieces: list[tuple[int, str]] = []
    control = Control(on_text=lambda position, piece: pieces.append((position, piece)))
    llm = QueuedLLM(["The answer is 3."])
    solve(QUESTION, _ranking([0.1, 0.7, 0.3]), BestOfN(), llm, control=control)
    assert pieces == [(1, "The answer is 3.")]


@pytest.mark.parametrize(
    ("llm", "log", "own"),
    [
        ("embedded", "embedded", True),
        ("openai:gpt-3.5-turbo", "gpt-3.5-turbo", True),
        ("openai:anything", "gpt-3.5-turbo", False),
        ("hf:meta-llama/Llama-2-7b-chat-hf", "llama2-7b-chat", True),
        ("hf:TigerResearch/tigerbot-13b-chat", "llama2-7b-chat", False),
        ("recorded:gsm8k", "llama2-7b-chat", True),
    ],
)
def test_each_llm_is_predicted_from_the_log_that_fits_it(llm: str, log: str, own: bool) -> None:
    assert log_for(llm) == log
    assert is_stood_in_for(llm) is not own
    assert len(rank(QUESTION, log=log).prompts) == len(PROMPTS)


def test_miscalculations_are_mended_before_the_vote_where_asked_for() -> None:
    texts = ["12 / 4 = 4. The answer is 4.", "The answer is 4.", "12 / 4 = 3. The answer is 3."]
    ranking = _ranking([0.5, 0.4, 0.3])
    mended = solve(QUESTION, ranking, MajorityVote(3), QueuedLLM(texts), gold="3", mend=True)
    # "4" stands in the question, which is never touched.
    assert (mended.value, mended.votes, mended.mends) == ("4", 2, ())
    texts[:2] = ["12 / 4 = 5. The answer is 5.", "The answer is 5."]
    mended = solve(QUESTION, ranking, MajorityVote(3), QueuedLLM(texts), gold="3", mend=True)
    assert (mended.value, mended.votes, mended.correct) == ("3", 2, True)
    assert (mended.as_answered, len(mended.mends)) == ("5", 1)
    plain = solve(QUESTION, ranking, MajorityVote(3), QueuedLLM(texts), gold="3")
    assert (plain.value, plain.votes, plain.correct, plain.mends) == ("5", 2, False, ())


@pytest.mark.parametrize(
    ("kind", "texts", "gold", "expected"),
    [
        (CHOICES, ["(a)", "A.", "Answer: B, not 12"], "A", ("A", 2, True)),
        (CHOICES, ["(a)", "A.", "B"], "B", ("A", 2, False)),
        (CHOICES, ["A", "A", "B"], "12", ("A", 2, None)),
        (TEXTS, ["Yes", "yes.", "No"], "no", ("yes", 2, False)),
        (TEXTS, ["Yes", "A" * 100, ""], None, ("yes", 1, None)),
    ],
)
def test_answers_of_another_kind_are_read_compared_and_graded_as_such(
    kind: Kind, texts: list[str], gold: str | None, expected: tuple[str, int, bool | None]
) -> None:
    ranking = replace(_ranking([0.9, 0.7, 0.3]), kind=kind)
    answer = solve("Which one?", ranking, MajorityVote(3), QueuedLLM(texts), gold, mend=True)
    assert (answer.value, answer.votes, answer.correct) == expected
