"""What a failed try costs is the same in ledger, session, CSV, `collect` and visitors' limits."""

import csv
import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest
from collect_child import PRICED, FakeLLM, job
from spending_left import left

from core.asking.ranking import rank
from core.asking.solve import solve
from core.collect import collect
from core.costs.cost import NOTHING, Cost, most_dollars
from core.costs.ledger import Ledger
from core.costs.prices import Price, live_price, price_as_if
from core.hosting.metered import MeteredLLM
from core.hosting.settings import Limits
from core.hosting.spending import Spending
from core.llms import Attempt, Completion, Control, Failure, LLMError, Usage
from core.llms.base import NO_CONTROL, UNKNOWN_USAGE, now
from core.llms.failures import CONSEQUENCES, FailureKind
from core.policies import BestOfN
from core.prompts import PROMPTS, message
from demo.ask.session import Session, SessionLedger
from demo.ask.views.session import session_csv, session_html

KINDS = get_args(FailureKind)
FREE = {
    "bad key",
    "not found",
    "retired model",
    "rate limit",
    "no credit",
    "bad request",
    "no connection",
    "not recorded",
}
"""Refused before anything was computed."""
QUESTION = "What is 5 + 6?"
ANSWERED = Usage(50, 20)


class Failing:
    """Fails once in a given way and answers then, if the caller still wants it."""

    name, model, base_url, max_tokens = "openai:m", "gpt-3.5-turbo", PRICED, 50

    def __init__(self, kind: FailureKind, usage: Usage = UNKNOWN_USAGE) -> None:
        self.kind, self.usage = kind, usage
        self.messages: list[str] = []

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        self.messages += messages
        control.on_attempt(Attempt(0, now(), self.model, self.kind, self.usage))
        if self.kind == "cancelled" or control.cancelled():
            return [Failure(self.kind, "No.")]
        control.on_attempt(Attempt(0, now(), self.model, "ok", ANSWERED))
        return [Completion("The answer is 11.", ANSWERED, self.model)]


def _price() -> Price:
    price = live_price("gpt-3.5-turbo", now(), base_url=PRICED)
    assert price is not None
    return price


def _failed(kind: FailureKind, asked: str, max_tokens: int = 50) -> float:
    """What the failed try counts."""
    return 0.0 if kind in FREE else most_dollars(_price(), asked, max_tokens)


def test_every_kind_has_its_consequences() -> None:
    assert set(CONSEQUENCES) == set(KINDS)
    assert {kind for kind in KINDS if not CONSEQUENCES[kind].charged} == FREE


@pytest.mark.parametrize("kind", KINDS)
def test_ledger_session_and_csv_count_it_alike(kind: FailureKind) -> None:
    session, llm = Session(), Failing(kind)
    ranking = rank(QUESTION)
    ledger = SessionLedger(session)
    try:
        solve(QUESTION, ranking, BestOfN(), llm, ledger=ledger)
    except LLMError as error:
        assert error.kind == "cancelled"  # noqa: PT017 - the others are answered
    [asked] = llm.messages
    wanted = _failed(kind, asked)
    failed = ledger.entries[0]
    assert failed.cost == Cost(pytest.approx(wanted), bound=wanted > 0)
    spent = wanted + sum(entry.dollars for entry in ledger.entries[1:])
    assert session.cost == Cost(pytest.approx(spent), bound=wanted > 0)
    row = next(csv.DictReader(io.StringIO(session_csv(session))))
    assert float(row["dollars"]) == pytest.approx(wanted)
    assert row["bound"] == str(wanted > 0)
    assert ("at most $" in session_html(session)) == (wanted > 0)


@pytest.mark.parametrize("kind", KINDS)
def test_visitors_limits_count_it_alike(kind: FailureKind, tmp_path: Path) -> None:
    spending = Spending(tmp_path, Limits(10, 100, 1.0, 10.0))
    llm = Failing(kind)
    MeteredLLM(llm, spending, "a", _price()).complete(["four"])
    answered = 0.0 if kind == "cancelled" else _price().dollars(50, 20)
    spent = 1.0 - left(spending, "a").session_dollars
    assert spent == pytest.approx(_failed(kind, "four") + answered, abs=2e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_collecting_counts_it_alike(kind: FailureKind, tmp_path: Path) -> None:
    class Once(FakeLLM):
        def _answer(self, place, text, control):
            control.on_attempt(Attempt(place, now(), self.model, kind, UNKNOWN_USAGE))
            return super()._answer(place, text, control)

    llm = Once(usage=lambda text: ANSWERED)
    reports = []
    collect(job(llm, queries=1), tmp_path / "log.csv", limit_dollars=1, on_progress=reports.append)
    table = pd.read_csv(tmp_path / "log.csv.ledger.csv")
    failed = table[table["outcome"] == kind]
    assert len(failed) == len(llm.asked) > 1
    wanted = [_failed(kind, text) for text in sorted(llm.asked)]
    assert sorted(failed["dollars"]) == pytest.approx(sorted(wanted), abs=1e-12)
    assert failed["bound"].tolist() == [kind not in FREE] * len(failed)
    assert reports[-1].dollars == pytest.approx(table["dollars"].sum())


def test_tokens_that_were_counted_are_paid_for_whatever_came_of_them() -> None:
    ledger = Ledger()
    llm = Failing("server error", Usage(100, 10))
    solve(QUESTION, rank(QUESTION), BestOfN(), llm, ledger=ledger)
    assert ledger.entries[0].cost == Cost(pytest.approx(_price().dollars(100, 10)))


def test_a_sum_with_a_bound_is_a_bound_and_one_without_a_price_has_none() -> None:
    assert Cost(1.0) + Cost(2.0, bound=True) == Cost(3.0, bound=True)
    assert Cost(1.0, bound=True) + Cost(None) == Cost(None)


def test_dollars_that_nobody_paid_are_never_added_to_real_ones() -> None:
    model = Cost(1.0, as_if="gpt-6-luna")
    assert model + Cost(2.0, bound=True, as_if="gpt-6-luna") == replace(
        model, dollars=3.0, bound=True
    )
    assert model + Cost(2.0) == Cost(None)
    assert NOTHING + model == model


@pytest.mark.parametrize("kind", KINDS)
def test_a_price_that_stands_in_counts_a_failed_try_alike(kind: FailureKind) -> None:
    ledger, llm = Ledger(), Failing(kind)
    llm.base_url = "https://unlisted.example/v1"
    with suppress(LLMError):
        solve(QUESTION, rank(QUESTION), BestOfN(), llm, ledger=ledger)
    failed, price = ledger.entries[0], price_as_if("gpt-6-luna")
    wanted = 0.0 if kind in FREE else most_dollars(price, llm.messages[0], llm.max_tokens)
    assert failed.cost == Cost(None)
    assert failed.cost_at(price).dollars == pytest.approx(wanted)
    assert failed.cost_at(price).bound == (wanted > 0)
    assert failed.cost_at(None) == Cost(None)


def test_the_most_a_call_can_cost_covers_every_text() -> None:
    """A token has a byte at least, whatever the alphabet; half characters do not break it."""
    for text in ("plain", "zwölf Äpfel", "十二個", "\ud800"):
        asked = message(text, PROMPTS[1])
        assert most_dollars(_price(), asked, 0) * 1e6 >= _price().prompt * len(asked)
