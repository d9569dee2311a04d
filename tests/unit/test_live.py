"""The page's run of a policy, its session's sums and the files it hands out."""

import csv
import io
import threading
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from queued_llm import QueuedLLM

from core.artifacts import load_budget
from core.demonstrations import LLAMA2
from core.llms import Attempt, Completion, Control, Failure, LLMError
from core.llms.base import NO_CONTROL, now
from core.policies import BestOfN, MajorityVote
from core.policies.budgeted import Budgeted
from core.prompts import PROMPTS
from core.ranking import Ranking
from demo.answers import answer_card, comparison, stopped, waiting_card
from demo.beliefs import steps_html
from demo.live import Finished, stream
from demo.runs import RUNS
from demo.session import Session
from demo.session_view import session_csv, session_html

HARMFUL = "<img src=x onerror=alert(1)>"
FORMULA = "=1+1"


def _ranking(count: int) -> Ranking:
    values = np.linspace(0.9, 0.1, count)
    return Ranking(PROMPTS[:count], values, values, values, values, np.full(count, 200.0))


def _last(texts: Sequence[str]) -> Finished:
    events = list(
        stream("2 + 2?", _ranking(len(texts)), MajorityVote(len(texts)), QueuedLLM(texts))
    )
    assert isinstance(events[-1], Finished)
    return events[-1]


def test_the_end_carries_the_answer_and_its_entries() -> None:
    last = _last(["The answer is 4."])
    assert (last.answer.value, last.error, len(last.entries)) == ("4", None, 1)


def test_failed_calls_are_in_the_entries_and_the_error_is_for_people() -> None:
    last = _last(["", ""])
    assert last.answer is None
    assert isinstance(last.error, LLMError)
    assert [entry.outcome for entry in last.entries] == ["time-out", "time-out"]


def test_a_fault_of_the_program_reaches_the_page() -> None:
    with pytest.raises(IndexError):
        list(stream("2 + 2?", _ranking(2), MajorityVote(2), QueuedLLM(["one text only"])))


class _Waiting(QueuedLLM):
    """Writes a first piece and then waits until it is told to stop."""

    def __init__(self) -> None:
        super().__init__([])
        self.told = threading.Event()

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        control.on_text(0, "4")
        wait = threading.Event()
        while not control.cancelled():
            wait.wait(0.01)
        self.told.set()
        control.on_attempt(Attempt(0, now(), "queued", "cancelled"))
        return [Failure("cancelled", "Stopped.")]


def test_closing_the_stream_stops_the_llm() -> None:
    llm = _Waiting()
    running = stream("2 + 2?", _ranking(1), BestOfN(), llm)
    assert next(running).texts == {0: "4"}
    running.close()
    assert llm.told.wait(timeout=10)


def test_what_a_stopped_run_spent_is_counted_once() -> None:
    llm = _Waiting()
    running = stream("2 + 2?", _ranking(1), BestOfN(), llm, visitor="ada")
    next(running)
    assert RUNS.stop("bob") == ()
    assert [entry.outcome for entry in RUNS.stop("ada")] == ["cancelled"]
    assert RUNS.stop("ada") == ()
    # The page that was reading it hears no more of it.
    assert [event for event in running if isinstance(event, Finished)] == []


def test_a_run_that_ended_by_itself_is_not_counted_again_by_stop() -> None:
    events = list(stream("2 + 2?", _ranking(1), BestOfN(), QueuedLLM(["4"]), visitor="ada"))
    assert len(events[-1].entries) == 1
    assert RUNS.stop("ada") == ()


def test_the_session_adds_up_calls_and_what_exhaustive_prompting_would_take() -> None:
    ranking = _ranking(3)
    first = _last(["The answer is 4."])
    session = Session().with_answer(first.answer, ranking).with_answer(first.answer, ranking)
    html = session_html(session)
    assert "2 questions · 2 calls against 6 · 400 tokens against about 1,200" in html
    assert "67 % of the calls saved" in html
    assert "2 spent, 6 with exhaustive prompting" in html


def test_the_session_adds_up_dollars_of_what_has_a_price() -> None:
    answer = _last(["The answer is 4."]).answer
    entries = tuple(replace(entry, dollars=0.002) for entry in answer.entries)
    priced = replace(answer, entries=entries)
    session = Session().with_answer(priced, _ranking(3))
    assert "$0.0020 against about $0.0060" in session_html(session)
    unpriced = tuple(replace(entry, dollars=None) for entry in answer.entries)
    session = session.with_answer(replace(answer, entries=unpriced), _ranking(3))
    assert "$0.0020 against about $0.0060 for 1 with a price" in session_html(session)


def test_an_empty_session_shows_nothing() -> None:
    assert session_html(Session()) == ""


def test_cells_that_a_spreadsheet_would_run_are_quoted() -> None:
    entry = replace(_last(["4"]).entries[0], prompt_id=FORMULA)
    rows = list(csv.DictReader(io.StringIO(session_csv(Session(entries=(entry,))))))
    assert rows[0]["prompt_id"] == f"'{FORMULA}"


def test_the_folder_of_a_model_is_not_shown() -> None:
    entry = replace(_last(["4"]).entries[0], llm="hf:/srv/models/tiny", model="/srv/models/tiny")
    session = Session(entries=(entry,))
    for shown in (session_html(session), session_csv(session)):
        assert "/srv" not in shown
        assert "hf:tiny" in shown


def test_texts_of_llm_and_visitor_stay_text() -> None:
    last = _last([f"{HARMFUL} The answer is 4."])
    entry = replace(last.entries[0], prompt_id=HARMFUL)
    for html in (
        answer_card("title", last.answer),
        waiting_card("title", "note", HARMFUL),
        session_html(Session(entries=(entry,))),
    ):
        assert "<img" not in html
        assert "&lt;img" in html


def test_the_live_comparison_claims_no_knowledge_of_the_right_answer() -> None:
    one = _last(["The answer is 4."]).answer
    same = _last(["The answer is 4.", "The answer is 4.", "The answer is 5."]).answer
    other = _last(["The answer is 5.", "The answer is 5."]).answer
    assert comparison(one, same) == (
        "Same answer (2 of 3 votes), 3× fewer calls and 3× fewer tokens."
    )
    assert comparison(one, other).startswith(
        "Exhaustive prompting says 5 (2 of 2 votes); one call says 4: 2× fewer calls"
    )


def test_only_a_card_that_is_being_written_can_be_stopped() -> None:
    assert "Stopped" in stopped(waiting_card("title", "note", "4"))
    assert stopped(answer_card("title", _last(["4"]).answer)) is None


def test_a_budgeted_run_tells_what_it_believes_after_every_call() -> None:
    ranking = Ranking(PROMPTS, *(np.full(16, 0.5) for _ in range(4)), np.full(16, 200.0))
    model = load_budget(LLAMA2)
    policy = Budgeted.for_calls(model, 16, order=model.order_for([one.id for one in PROMPTS]))
    texts = ["The answer is 4.", "No idea."] + ["The answer is 5."] * 14
    last = list(stream("2 + 2?", ranking, policy, QueuedLLM(texts)))[-1]
    assert len(last.steps) == len(last.answer.calls) > 2
    assert [step.answer for step in last.steps[:3]] == ["4", None, "5"]
    assert set(last.steps[2].beliefs) == {"4", "5"}
    assert last.reason
    html = steps_html(last.steps, last.reason, ranking)
    assert html.count("<li>") == len(last.steps)
    assert "no number" in html


def test_policies_without_beliefs_show_no_steps() -> None:
    last = _last(["The answer is 4.", "The answer is 4."])
    assert (last.steps, last.reason) == ((), "")
    assert steps_html(last.steps, last.reason, _ranking(2)) == ""
