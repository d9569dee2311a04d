"""The page's run of a policy, its session's sums and the files it hands out."""

import csv
import io
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from queued_llm import QueuedLLM

from core.artifacts import load_budget
from core.asking.ranking import Ranking
from core.asking.verdict import verdict
from core.costs.ledger import Entry
from core.costs.prices import price_as_if
from core.demonstrations import LLAMA2
from core.llms import LLM, Attempt, Completion, Control, Failure, LLMError
from core.llms.base import NO_CONTROL, now
from core.policies import BestOfN, MajorityVote, Policy
from core.policies.budgeted import Budgeted
from core.prompts import PROMPTS, Prompt
from demo.ask import events as ask_events
from demo.ask.run import RUNS, Finished, Open, Progress, Question, stream
from demo.ask.session import KEPT, Session
from demo.ask.views.answer import answer_card, cost_line, stopped, waiting_card
from demo.ask.views.race import begun_html
from demo.ask.views.session import session_csv, session_html
from demo.ask.views.steps import steps_html
from demo.labels import dollars

HARMFUL = "<img src=x onerror=alert(1)>"
FORMULA = "=1+1"


def _ranking(count: int) -> Ranking:
    values = np.linspace(0.9, 0.1, count)
    return Ranking(PROMPTS[:count], *(values,) * 4, *(np.full(count, 200.0),) * 2)


def _question(policy: Policy, ranking: Ranking) -> Question:
    return Question("2 + 2?", ranking, policy)


def _opened(llm: LLM) -> Open:
    return lambda visitor, prompts: llm


def _run(texts: Sequence[str], session: Session) -> Finished:
    count = len(texts)
    question = _question(MajorityVote(count), _ranking(count))
    events = list(stream(question, _opened(QueuedLLM(texts)), session))
    assert isinstance(events[-1], Finished)
    return events[-1]


def _last(texts: Sequence[str]) -> Finished:
    return _run(texts, Session())


def test_the_end_carries_the_answer_and_the_session_its_call() -> None:
    session = Session()
    last = _run(["The answer is 4."], session)
    assert (last.answer.value, last.error, session.calls) == ("4", None, 1)


def test_failed_calls_are_in_the_session_and_the_error_is_for_people() -> None:
    session = Session()
    last = _run(["", ""], session)
    assert last.answer is None
    assert isinstance(last.error, LLMError)
    assert [entry.outcome for entry in session.entries] == ["time-out", "time-out"]


def test_a_fault_of_the_program_ends_the_run_in_a_sentence_and_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    question = _question(MajorityVote(2), _ranking(2))
    last = list(stream(question, _opened(QueuedLLM(["one text only"])), Session()))[-1]
    assert "Something went wrong" in str(last.error)
    assert "IndexError" in caplog.text


def _entry() -> Entry:
    return _last(["4"]).answer.entries[0]


def _session(entry: Entry) -> Session:
    session = Session()
    session.add(entry)
    return session


def _first_text(running: Iterator[Progress | Finished]) -> dict[int, str]:
    """Read on until the LLM has written something."""
    return next(event.texts for event in running if event.texts)


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


def test_closing_the_stream_stops_the_llm_and_leaves_nothing_behind() -> None:
    llm = _Waiting()
    running = stream(_question(BestOfN(), _ranking(1)), _opened(llm), Session(), "ada")
    assert _first_text(running) == {0: "4"}
    running.close()
    assert llm.told.wait(timeout=10)
    RUNS.stop("ada")
    assert len(RUNS) == 0


def test_what_a_stopped_run_spent_is_in_its_visitor_s_session() -> None:
    session = Session()
    running = stream(_question(BestOfN(), _ranking(1)), _opened(_Waiting()), session, "ada")
    _first_text(running)
    RUNS.stop("bob")
    assert not session.entries
    RUNS.stop("ada")
    assert [entry.outcome for entry in session.entries] == ["cancelled"]
    # The page that was reading it hears no more of it.
    assert list(running) == []


def test_stop_is_heard_while_the_llm_is_being_opened() -> None:
    opening, go_on = threading.Event(), threading.Event()
    llm = QueuedLLM(["4"])

    def open_slowly(visitor: str, prompts: Sequence[Prompt]) -> LLM:
        opening.set()
        go_on.wait(10)
        return llm

    session = Session()
    running = stream(_question(BestOfN(), _ranking(1)), open_slowly, session, "ada")
    reader = threading.Thread(target=list, args=(running,))
    reader.start()
    assert opening.wait(10)
    stopping = threading.Thread(target=RUNS.stop, args=("ada",))
    stopping.start()
    # Stop waits for the run, and the run for the LLM.
    stopping.join(0.1)
    go_on.set()
    stopping.join(10)
    reader.join(10)
    assert session.calls == 0
    assert llm.asked == []


def test_two_answers_at_once_are_both_counted() -> None:
    session = Session()
    first = stream(_question(BestOfN(), _ranking(1)), _opened(_Waiting()), session, "ada")
    _first_text(first)
    second = _run(["The answer is 4."], session)
    session.count(second.answer, _ranking(1))
    RUNS.stop("ada")
    assert [entry.outcome for entry in session.entries] == ["ok", "cancelled"]
    assert len(session.questions) == 1


def test_the_session_adds_up_calls_and_what_exhaustive_prompting_would_take() -> None:
    session, ranking = Session(), _ranking(3)
    for _ in range(2):
        session.count(_run(["The answer is 4."], session).answer, ranking)
    html = session_html(session)
    assert "2 questions · 2 calls against 6 · 400 tokens against about 1,200" in html
    assert "67 % fewer calls" in html
    assert "2 spent, 6 with exhaustive prompting" in html
    assert "In all" not in html


def test_comparisons_and_failures_are_in_the_sum_of_all_calls() -> None:
    session = Session()
    session.count(_run(["The answer is 4."], session).answer, _ranking(3))
    _run(["4", "5", "6"], session)
    assert "1 call against 3" in session_html(session)
    assert "stopped questions included: 4 calls, $" in session_html(session)


def test_the_session_adds_up_dollars_of_what_has_a_price() -> None:
    session, answer = Session(), _last(["The answer is 4."]).answer

    def count(dollars: float | None, ranking: Ranking) -> None:
        entries = tuple(replace(entry, dollars=dollars) for entry in answer.entries)
        for entry in entries:
            session.add(entry)
        session.count(replace(answer, entries=entries), ranking)

    count(0.002, _ranking(3))
    assert "$0.0020 against about $0.0060" in session_html(session)
    count(None, _ranking(3))
    assert "$0.0020 against about $0.0060 for 1 with a price" in session_html(session)
    # Of a log without token counts nobody knows what exhaustive prompting takes.
    unknown = replace(_ranking(3), expected=np.full(3, np.nan))
    count(0.002, unknown)
    html = session_html(session)
    assert "$0.0020 against about $0.0060 for 1 with a price" in html
    assert "400 tokens against about 1,200 for 2 with counts" in html


def test_what_has_no_price_is_summed_apart_at_one_that_stands_in() -> None:
    session, paid = Session(), _last(["The answer is 4."]).answer
    free = replace(paid, entries=(replace(paid.entries[0], dollars=None),))
    price = price_as_if("gpt-6-luna")
    mine = price.dollars(50, 150)
    for answer in (paid, free):
        session.add(answer.entries[0])
        session.count(answer, _ranking(3))
    # A comparison, which only the sum of all calls has.
    session.add(free.entries[0])
    file = session_csv(session)
    assert "as if" not in session_html(session)
    session.stand_in = price
    html = session_html(session)
    real = dollars(paid.cost.dollars)
    assert f"{real} against about {dollars(3 * paid.cost.dollars)} for 1 with a price" in html
    assert (
        f"{dollars(mine)} against about {dollars(3 * mine)} for 1 without a price "
        "as if it were gpt-6-luna"
    ) in html
    assert f"3 calls, {real}, {dollars(2 * mine)} as if it were gpt-6-luna." in html
    # The file is of what was paid.
    assert session_csv(session) == file


def test_the_line_of_an_answer_says_whose_price_stands_in() -> None:
    paid = _last(["The answer is 4."]).answer
    free = replace(paid, entries=(replace(paid.entries[0], dollars=None),))
    price = price_as_if("gpt-6-luna")
    assert "no price" in cost_line(free)
    assert f"{dollars(price.dollars(50, 150))} as if it were gpt-6-luna" in cost_line(free, price)
    assert cost_line(paid, price) == cost_line(paid)


def test_of_a_long_session_the_latest_calls_are_kept_and_all_are_counted() -> None:
    session, entry = Session(), _entry()
    for _ in range(KEPT + 3):
        session.add(entry)
    assert (session.calls, len(session.entries)) == (KEPT + 3, KEPT)
    assert f"the latest {KEPT} calls" in session_html(session)


def test_an_empty_session_shows_nothing() -> None:
    assert session_html(Session()) == ""


def test_cells_that_a_spreadsheet_would_run_are_quoted() -> None:
    entry = replace(_entry(), prompt_id=FORMULA)
    rows = list(csv.DictReader(io.StringIO(session_csv(_session(entry)))))
    assert rows[0]["prompt_id"] == f"'{FORMULA}"


def test_the_folder_of_a_model_is_not_shown() -> None:
    entry = replace(_entry(), llm="hf:/srv/models/tiny", model="/srv/models/tiny")
    session = _session(entry)
    for shown in (session_html(session), session_csv(session)):
        assert "/srv" not in shown
        assert "hf:tiny" in shown


def test_texts_of_llm_and_visitor_stay_text() -> None:
    last = _last([f"{HARMFUL} The answer is 4."])
    entry = replace(_entry(), prompt_id=HARMFUL)
    for html in (
        answer_card("title", last.answer),
        waiting_card("title", "note", HARMFUL),
        session_html(_session(entry)),
    ):
        assert "<img" not in html
        assert "&lt;img" in html


def test_answers_without_a_number_do_not_agree() -> None:
    one, none = _last(["No idea."]).answer, _last(["No idea.", ""]).answer
    assert verdict(one, none).kind == "no number"
    assert "1 failed" in cost_line(none)
    assert "of 2 answers" not in cost_line(none)
    assert "did not answer in time" in answer_card("title", none)


def test_tokens_from_the_providers_cache_are_said() -> None:
    answer = _run(["4"], Session()).answer
    entry = replace(answer.entries[0], cached_tokens=40)
    assert "200 tokens, 40 from the cache" in cost_line(replace(answer, entries=(entry,)))
    assert "cache" not in cost_line(answer)


@pytest.mark.parametrize(
    ("seconds", "said"), [(0.02, "under 0.1 s"), (0.05, "0.1 s"), (2.34, "2.3 s")]
)
def test_no_answer_takes_no_time(seconds: float, said: str) -> None:
    answer = _run(["4"], Session()).answer
    assert cost_line(replace(answer, seconds=seconds)).endswith(f"· {said}")


def test_a_reset_leaves_no_card_waiting() -> None:
    session, page = Session(), SimpleNamespace(session_hash="ada")
    done, waiting = answer_card("title", _run(["4"], session).answer), waiting_card("t", "n", "")
    first, second, race, spent = ask_events.reset(done, waiting, begun_html(), session, page)
    assert first == gr.skip()
    assert "Stopped" in second
    assert (race, spent, session.calls, session.questions) == ("", "", 0, [])


def test_only_a_card_that_is_being_written_can_be_stopped() -> None:
    assert "Stopped" in stopped(waiting_card("title", "note", "4"))
    assert stopped(answer_card("title", _last(["4"]).answer)) is None


def test_a_budgeted_run_tells_what_it_believes_after_every_call() -> None:
    ranking = Ranking(PROMPTS, *(np.full(16, 0.5) for _ in range(4)), *(np.full(16, 200.0),) * 2)
    model = load_budget(LLAMA2)
    policy = Budgeted.for_calls(model, 16, order=model.order_for([one.id for one in PROMPTS]))
    texts = ["2 + 1 = 4. The answer is 4.", "No idea."] + ["The answer is 5."] * 14
    last = list(stream(_question(policy, ranking), _opened(QueuedLLM(texts)), Session()))[-1]
    assert len(last.steps) == len(last.answer.calls) > 2
    assert [step.answer for step in last.steps[:3]] == ["4", None, "5"]
    assert set(last.steps[2].beliefs) == {"4", "5"}
    assert last.reason
    html = steps_html(last.steps, last.reason, ranking)
    assert html.count("<li>") == len(last.steps)
    assert "no number" in html
    assert html.count("an equation in it is wrong: it comes to 3, not 4") == 1
    assert last.steps[1].chance is None
    assert f"by itself {100 * last.steps[2].chance:.0f} %: shows no equation" in html


def test_policies_without_beliefs_show_no_steps() -> None:
    last = _last(["The answer is 4.", "The answer is 4."])
    assert (last.steps, last.reason) == ((), "")
    assert steps_html(last.steps, last.reason, _ranking(2)) == ""
