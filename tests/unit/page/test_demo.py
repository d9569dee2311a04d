"""The page over HTTP and its pieces of HTML."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import gradio as gr
import numpy as np
import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from core.asking.ranking import Ranking
from core.asking.solve import Answer, CallRecord
from core.costs.ledger import entry
from core.errors import DataError, MissingDataError
from core.grading.repair import repair
from core.hosting import fetching
from core.hosting.offers import offers
from core.llms import Attempt, Completion, RecordedGSM8K, Usage
from core.llms.base import now
from core.logs import download
from core.logs.download import DATA_VARIABLE, FetchReport
from core.prompts import PROMPTS, own_prompt
from demo.app import create_app, launch_options
from demo.ask import controls, recorded
from demo.ask.views.answer import answer_card
from demo.ask.views.ranking import ranking_html
from demo.common import shows_errors

HARMFUL = "<img src=x onerror=alert(1)>"


@pytest.fixture(scope="module")
def page() -> Iterator[gr.Blocks]:
    app = create_app()
    app.launch(prevent_thread_lock=True, quiet=True, **launch_options())
    yield app
    app.close()


@pytest.fixture
def address(page: gr.Blocks) -> str:
    return page.local_url


def _answer(value: str, correct: bool | None, calls: int, text: str = "text") -> Answer:
    record = CallRecord("cot", Completion(text, Usage(50, 150), "llama2-7b-chat"), value)
    attempt = Attempt(0, now(), "llama2-7b-chat", "ok", Usage(50, 150))
    spent = entry(attempt, RecordedGSM8K(), message="q", policy="policy", prompt_id="cot")
    return Answer(
        "policy", PROMPTS[1], text, value, calls, (record,) * calls, (spent,) * calls, correct, 0.0
    )


def test_rank_over_http(address: str) -> None:
    ranking = Client(address, verbose=False).predict("What is 5 + 6?", api_name="/rank")
    assert len(ranking) == 16
    chances = [row["probability"] for row in ranking]
    assert chances == sorted(chances, reverse=True)
    assert set(ranking[0]) == {"prompt_id", "label", "prompt", "probability", "lower", "upper"}


def test_a_bad_question_over_http_is_a_readable_error(address: str) -> None:
    with pytest.raises(AppError, match="The question is empty"):
        Client(address, verbose=False).predict("  ", api_name="/rank")


def test_frontier_over_http(address: str) -> None:
    arguments = ("llama2-7b-chat", "gsm8k", "clean", "answered")
    rows = Client(address, verbose=False).predict(*arguments, api_name="/frontier")
    assert {"best-of-n", "majority-vote", "oracle"} <= {row["policy"] for row in rows}
    assert all(0 < row["accuracy"] < 1 for row in rows)


def test_an_unknown_comparison_over_http_lists_the_known_ones(address: str) -> None:
    arguments = ("llama2-7b-chat", "gsm8k", "dirty", "answered")
    with pytest.raises(AppError, match=r"Known: .*gpt-3\.5-turbo gsm8k clean training"):
        Client(address, verbose=False).predict(*arguments, api_name="/frontier")


def test_ask_over_http(address: str) -> None:
    question = "There are 6 boxes with 4 pencils in each box. How many pencils are there in all?"
    answer = Client(address, verbose=False).predict(question, api_name="/ask")
    assert answer["calls"] == 1
    assert answer["tokens"] > 20
    assert answer["prompt_id"] in {prompt.id for prompt in PROMPTS}
    assert answer["text"].strip().endswith(f"{answer['answer']}.")


def test_ask_over_http_takes_a_policy(address: str) -> None:
    client = Client(address, verbose=False)
    answer = client.predict("What is 2 + 2?", "majority-vote:3", api_name="/ask")
    assert answer["calls"] == 3
    with pytest.raises(AppError, match=r"Unknown policy .*Known: best-of-n"):
        client.predict("What is 2 + 2?", "guessing", api_name="/ask")


def test_gradio_s_links_to_a_visitor_s_inputs_are_closed(address: str) -> None:
    for path in ("gradio_api/deep_link?session_hash=any", "?deep_link=any", "?deep%5Flink=any"):
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"{address}{path}")


def test_a_page_that_there_is_not_is_not_found(address: str) -> None:
    for query in ("?page=x", "?page=&page=x", "config?page=x"):
        with pytest.raises(HTTPError, match="404"):
            urlopen(f"{address}{query}")
    assert urlopen(f"{address}?page=").status == 200


def test_a_file_is_not_fetched_from_an_address(address: str) -> None:
    file = {"path": "http://127.0.0.1:9/any", "meta": {"_type": "gradio.FileData"}}
    body = json.dumps({"data": ["2 + 2?", [file]]}).encode()
    request = Request(f"{address}gradio_api/call/ask", body, method="POST")
    request.add_header("Content-Type", "application/json")
    with pytest.raises(HTTPError, match="400"):
        urlopen(request)


def test_what_others_asked_is_not_shown_to_anybody(address: str) -> None:
    for path in ("monitoring", "monitoring/summary"):
        with pytest.raises(HTTPError, match="403"):
            urlopen(f"{address}{path}")


def test_the_page_does_not_grow_with_the_questions_that_were_asked(page: gr.Blocks) -> None:
    client = Client(page.local_url, verbose=False)
    for number in range(3):
        client.predict(f"What is 5 + {number}?", api_name="/rank")
    assert len(page._queue.event_analytics) == 1
    assert page._queue.cached_event_analytics_summary == {"functions": {}}


def test_programs_cannot_pass_by_the_queue(address: str) -> None:
    request = Request(f"{address}gradio_api/run/ask", b'{"data": ["2 + 2?"]}', method="POST")
    request.add_header("Content-Type", "application/json")
    with pytest.raises(HTTPError):
        urlopen(request)


def test_only_the_three_named_endpoints_are_public(address: str) -> None:
    named = Client(address, verbose=False).view_api(return_format="dict")["named_endpoints"]
    assert set(named) == {"/rank", "/ask", "/frontier"}


def test_errors_for_people_are_shown_escaped_and_others_are_not_swallowed() -> None:
    @shows_errors
    def fails(kind: type[Exception]) -> None:
        raise kind(HARMFUL)

    with pytest.raises(gr.Error) as shown:
        fails(DataError)
    assert "<img" not in str(shown.value)
    assert "&lt;img" in str(shown.value)
    with pytest.raises(gr.Error, match="Something went wrong on this page") as unforeseen:
        fails(ZeroDivisionError)
    # The visitor does not read what went wrong; the log does, through the cause.
    assert HARMFUL not in str(unforeseen.value)
    assert isinstance(unforeseen.value.__cause__, ZeroDivisionError)


def test_the_ranking_escapes_what_a_visitor_wrote() -> None:
    prompts = (PROMPTS[0], own_prompt(HARMFUL))
    values = np.array([0.3, 0.6])
    ranking = Ranking(prompts, values, values - 0.1, values + 0.1, values, values, values)
    html = ranking_html(ranking, HARMFUL, {1: "chosen"})
    assert "<img" not in html
    assert html.count("◀ chosen") == 1
    assert html.index("◀ chosen") < html.index("answer only")


def test_answers_escape_what_an_llm_wrote() -> None:
    html = answer_card(HARMFUL, _answer("3", True, 1, HARMFUL))
    assert "<img" not in html
    assert "✓ right" in html
    assert "&lt;img" in html


def test_without_data_the_page_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    @property
    def questions(self: RecordedGSM8K) -> None:
        raise MissingDataError("/srv/data/train.jsonl is not there")

    monkeypatch.setattr(RecordedGSM8K, "questions", questions)
    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    known = {one.id: one for one in offers()}
    monkeypatch.setattr(recorded, "offer_called", known.__getitem__)
    monkeypatch.setattr(controls, "offer_called", known.__getitem__)
    for switch, said in (("fetch", "The button beside fetches them"), ("no", "core fetch")):
        monkeypatch.setenv("PROMPT_OIRL_RECORDED", switch)
        notice = controls.choose_llm("recorded:gsm8k")[-1]["value"]
        assert said in notice
        assert "/srv" not in notice


def test_what_is_fetched_says_how_far_it_is_and_comes_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here, files = Event(), ("a", "b")
    fetches = []

    def fetch(on_file: Callable[[str], None]) -> FetchReport:
        fetches.append(1)
        on_file("a")
        assert here.wait(30)
        on_file("b")
        return FetchReport(Path(), 0, {"a": "no network"})

    monkeypatch.delenv(DATA_VARIABLE, raising=False)
    monkeypatch.setattr(download, "fetch", fetch)
    monkeypatch.setattr(download, "registry", lambda: files)
    monkeypatch.setattr(fetching, "is_recorded", lambda: False)
    offer = next(one for one in offers() if one.name == RecordedGSM8K.name)
    found, thread = fetching.start(offer)
    assert fetching.start(offer) == (found, thread)
    here.set()
    thread.join(30)
    assert len(fetches) == 1
    assert found.progress == "2 of 2 files"
    assert found.error == "1 of 2 files did not come; a: no network"


def test_a_mended_answer_says_what_was_mended_and_what_the_llm_had_said() -> None:
    text = "3 × 14 = 36. The answer is 36."
    mends = repair(text, "3 boxes of 14 pens").mends
    html = answer_card("One call", replace(_answer("42", None, 1, text), mends=mends))
    assert "3 × 14 is 42, not 36" in html
    assert "As answered: 36" in html
    assert 'class="slip"' not in html
