"""LLMs that the operator pays for: no call beyond the limits, and none that is forgotten."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from spending_left import Left, left

from core.costs.cost import FRAME_TOKENS
from core.costs.prices import Price
from core.hosting.metered import MeteredLLM
from core.hosting.settings import Limits
from core.hosting.spending import Spending
from core.llms import Attempt, Completion, Control, Failure, LLMError, Usage
from core.llms.base import NO_CONTROL, UNKNOWN_USAGE, FailureKind, SpendingLimit, now

PRICE = Price(1000.0, 2000.0, "p", date(2026, 11, 1), "test")
"""A tenth of a cent for a token of the prompt, two for one of the answer."""
MAX_TOKENS = 10
MOST = (FRAME_TOKENS + 4) * 0.001 + MAX_TOKENS * 0.002
"""Dollars of a message of four bytes."""
USAGE = Usage(5, 3)
COST = 0.011

Try = tuple[str, Usage]
Script = Callable[[str], list[Try]]


class Scripted:
    """Tries each message as its script says, as long as nobody cancels."""

    name, model, base_url = "openai:m", "m", "https://example.org/v1"
    max_tokens = MAX_TOKENS

    def __init__(self, script: Script, fault: BaseException | None = None) -> None:
        self.script, self.fault = script, fault
        self.asked: list[str] = []

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        results = [self._answer(n, message, control) for n, message in enumerate(messages)]
        if self.fault is not None:
            raise self.fault
        return results

    def _answer(self, position: int, message: str, control: Control) -> Completion | Failure:
        result: Completion | Failure = Failure("cancelled", "Stopped.")
        for outcome, usage in self.script(message):
            if control.cancelled():
                return Failure("cancelled", "Stopped.")
            self.asked.append(message)
            control.on_attempt(Attempt(position, now(), self.model, outcome, usage))
            result = Failure(outcome, "No.") if outcome != "ok" else Completion("18", usage, "m")
        if control.on_text is not None and isinstance(result, Completion):
            control.on_text(position, result.text)
        return result


def _always(outcome: str = "ok", usage: Usage = USAGE, times: int = 1) -> Script:
    return lambda message: [(outcome, usage)] * times


@pytest.fixture
def spending(tmp_path: Path) -> Spending:
    """Ten calls and a dollar a session."""
    return Spending(tmp_path, Limits(10, 100, 1.0, 10.0))


def _metered(llm: Scripted, spending: Spending, price: Price | None = PRICE) -> MeteredLLM:
    return MeteredLLM(llm, spending, "a", price)


def _spent(spending: Spending) -> tuple[int, float]:
    rest = left(spending, "a")
    assert 10 - rest.session_calls == 100 - rest.day_calls
    return 10 - rest.session_calls, round(1 - rest.session_dollars, 9)


def test_what_answers_cost_is_counted_and_the_rest_given_back(spending: Spending) -> None:
    metered = _metered(Scripted(_always()), spending)
    assert (metered.name, metered.model) == ("openai:m", "m")
    assert metered.base_url == "https://example.org/v1"
    texts: list[tuple[int, str]] = []
    attempts: list[Attempt] = []
    results = metered.complete(
        ["four", "more"], Control(attempts.append, lambda *piece: texts.append(piece))
    )
    assert [result.text for result in results] == ["18", "18"]
    assert texts == [(0, "18"), (1, "18")]
    assert [attempt.position for attempt in attempts] == [0, 1]
    assert _spent(spending) == (2, 2 * COST)


def test_a_batch_is_covered_at_its_worst_before_its_first_call(spending: Spending) -> None:
    during: list[Left] = []

    def script(message: str) -> list[Try]:
        during.append(left(spending, "a"))
        return [("ok", USAGE)]

    _metered(Scripted(script), spending).complete(["four", "more"])
    assert during[0].session_calls == 8
    assert during[0].session_dollars == pytest.approx(1 - 2 * MOST)


@pytest.mark.parametrize(
    ("messages", "says"),
    [
        (["x"] * 11, "11 calls"),
        (["four"] * 10 + ["€" * 1000], "11 calls"),
        (["€" * 400], r"1 call and up to \$1\.2840"),
        (["\ud83d" * 400], r"1 call and up to \$1\.2840"),
    ],
)
def test_a_batch_that_may_go_beyond_a_limit_is_refused_before_any_call(
    spending: Spending, messages: list[str], says: str
) -> None:
    llm = Scripted(_always())
    with pytest.raises(SpendingLimit, match=says):
        _metered(llm, spending).complete(messages)
    assert llm.asked == []
    assert _spent(spending) == (0, 0)


def test_without_a_price_only_calls_count(spending: Spending) -> None:
    metered = _metered(Scripted(_always()), spending, None)
    metered.complete(["€" * 10_000] * 10)
    assert _spent(spending) == (10, 0)
    with pytest.raises(SpendingLimit, match="0 of the 10 calls"):
        metered.complete(["x"])


def test_no_messages_cost_nothing_even_at_the_limit(tmp_path: Path) -> None:
    nothing = Spending(tmp_path, Limits(0, 0, 0, 0))
    assert _metered(Scripted(_always()), nothing).complete([]) == []


@pytest.mark.parametrize("kind", ["bad key", "rate limit", "no credit", "no connection"])
def test_a_refusal_of_the_provider_costs_nothing(spending: Spending, kind: FailureKind) -> None:
    script = _always(kind, UNKNOWN_USAGE, times=4)
    [failure] = _metered(Scripted(script), spending).complete(["four"])
    assert failure.kind == kind
    assert _spent(spending) == (0, 0)


@pytest.mark.parametrize("kind", ["time-out", "cut off", "server error", "malformed"])
def test_tries_that_may_have_been_charged_count_at_their_full_price(
    spending: Spending, kind: FailureKind
) -> None:
    script = [(kind, UNKNOWN_USAGE), (kind, USAGE), ("ok", USAGE)]
    [answer] = _metered(Scripted(lambda message: script), spending).complete(["four"])
    assert answer.text == "18"
    assert _spent(spending) == (3, round(MOST + 2 * COST, 9))


def test_an_answer_without_a_count_counts_at_its_full_price(spending: Spending) -> None:
    _metered(Scripted(_always(usage=Usage(5, None))), spending).complete(["four"])
    assert _spent(spending) == (1, round(MOST, 9))


def test_a_message_is_not_tried_again_beyond_the_limit(tmp_path: Path) -> None:
    spending = Spending(tmp_path, Limits(3, 100, 1.0, 10.0))
    llm = Scripted(
        lambda message: [("ok", USAGE)] if message == "good" else [("time-out", UNKNOWN_USAGE)] * 4
    )
    good, bad = _metered(llm, spending, None).complete(["good", "bad"])
    # One call for the good one; two tries of the other, of which the second was the last covered.
    assert llm.asked == ["good", "bad", "bad"]
    assert good.text == "18"
    assert bad.kind == "no credit"
    assert "0 of the 3 calls of this session" in bad.message
    assert left(spending, "a").session_calls == 0


def test_dollars_also_end_the_tries(tmp_path: Path) -> None:
    spending = Spending(tmp_path, Limits(100, 100, 2.5 * MOST, 10.0))
    llm = Scripted(_always("time-out", UNKNOWN_USAGE, times=4))
    [failure] = _metered(llm, spending).complete(["four"])
    assert len(llm.asked) == 2
    assert failure.kind == "no credit"
    assert left(spending, "a").session_dollars == pytest.approx(0.5 * MOST)


def test_stopping_gives_back_what_never_began(spending: Spending) -> None:
    seen: list[Attempt] = []
    control = Control(seen.append, cancelled=lambda: len(seen) == 2)
    script = {"one": ("ok", USAGE), "two": ("cancelled", UNKNOWN_USAGE)}
    results = _metered(Scripted(lambda message: [script[message]]), spending).complete(
        ["one", "two", "one", "one"], control
    )
    assert [getattr(result, "kind", "ok") for result in results] == ["ok"] + ["cancelled"] * 3
    most = (FRAME_TOKENS + 3) * 0.001 + MAX_TOKENS * 0.002
    assert _spent(spending) == (2, round(COST + most, 9))


def test_an_llm_that_cannot_answer_at_all_costs_nothing(spending: Spending) -> None:
    fault = LLMError(Failure("not found", "No GPU."))
    with pytest.raises(LLMError, match="No GPU"):
        _metered(Scripted(lambda message: [], fault), spending).complete(["four", "more"])
    assert _spent(spending) == (0, 0)


@pytest.mark.parametrize("fault", [ValueError("the page is gone"), KeyboardInterrupt()])
def test_when_it_ends_unforeseen_what_may_still_run_stays_counted(
    spending: Spending, fault: BaseException
) -> None:
    script = {"four": [("ok", USAGE)], "more": []}
    llm = Scripted(lambda message: script[message], fault)
    with pytest.raises(type(fault)):
        _metered(llm, spending).complete(["four", "more"])
    assert _spent(spending) == (2, round(COST + MOST, 9))
