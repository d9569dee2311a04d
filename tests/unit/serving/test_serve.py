"""The OpenAI-compatible server, asked with OpenAI's own client over real connections."""

import gc
import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2
import openai
import pandas as pd
import pytest
import uvicorn
from arms_log import arms_log
from fake_openai import DROPPED, Asked, FakeOpenAI, Reply, completion, error, stream

from core.artifacts import budget_for
from core.asking.own_log import scorer_of
from core.asking.ranking import shipped_scorer
from core.errors import DataError
from core.hosting.settings import Limits
from core.hosting.spending import Spending
from core.llms.openai.api import OpenAICompatible
from core.logs.own import read
from core.prompts import message
from core.reward import RewardModel
from core.serving import app as app_module
from core.serving.app import create
from core.serving.books import Books
from core.serving.service import Service, Upstream

QUESTION = "Mia has 12 stickers and gives 5 to her brother. How many are left?"
SECRET = "sk-proj-0123456789secretsecret"
PRICED = "https://api.openai.com/v1"


pytestmark = pytest.mark.usefixtures("no_openai_settings")


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Serve in front of an address; returns where."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(address: str, *, books: Books | None = None, **more: Any) -> str:
        keys = more.pop("with_key", None)
        own = {} if keys else {"": _llm(address, SECRET)} | more.pop("arms", {})
        upstream = Upstream(own, keys, more.pop("spending", None))
        scorer, budget = shipped_scorer("embedded"), budget_for("embedded")
        if "scorer" in more:
            scorer, budget = more.pop("scorer"), None
        service = Service(scorer, budget, upstream, books or Books())
        app = create(service, policy="best-of-n", max_tokens=99, **more)
        port = _free_port()
        server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        running.append((server, thread))
        return _ready(f"http://127.0.0.1:{port}")

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(10)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _ready(address: str) -> str:
    with httpx2.Client(transport=httpx2.HTTPTransport(retries=10)) as client:
        client.get(f"{address}/usage")
    return address


def _llm(address: str, key: str) -> OpenAICompatible:
    return OpenAICompatible("m", api_key=key, base_url=address, concurrency=64)


def _client(address: str, key: str = "anything") -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{address}/v1", api_key=key, max_retries=0)


def _ask(address: str, question: str = QUESTION, model: str = "best-of-n", **more: Any) -> Any:
    asked = [{"role": "user", "content": question}]
    return _client(address).chat.completions.create(model=model, messages=asked, **more)


def _usage(address: str) -> dict[str, Any]:
    return httpx2.get(f"{address}/usage").json()


def _echo(asked: Asked) -> Reply:
    text = f"{asked.body['messages'][-1]['content']} The answer is 7."
    return stream(text.split(" ")) if asked.body.get("stream") else completion(text)


def test_the_question_goes_on_with_the_best_prompt_and_the_clients_settings(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str]
) -> None:
    server = fake_server(_echo)
    address = serve(server.url)
    answer = _client(address).chat.completions.create(
        model="best-of-n",
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
        ],
        temperature=0.25,
        max_tokens=50,
        extra_body={"top_k": 5},
    )
    [asked] = server.asked
    best = shipped_scorer("embedded").rank(QUESTION, shipped_scorer("embedded").model.prompts).best
    assert asked.body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": message(QUESTION, best)},
    ]
    settings = {name: asked.body[name] for name in ("temperature", "max_tokens", "top_k", "model")}
    assert settings == {"temperature": 0.25, "max_tokens": 50, "top_k": 5, "model": "m"}
    assert "top_p" not in asked.body
    assert asked.authorization == f"Bearer {SECRET}"
    assert answer.choices[0].message.content.endswith("The answer is 7.")
    assert (answer.model, answer.usage.total_tokens) == ("best-of-n", 10)
    assert answer.prompt_oirl["prompt_id"] == best.id


def test_a_request_commands_neither_headers_nor_times_of_the_server(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str]
) -> None:
    server = fake_server(_echo)
    address = serve(server.url)
    more = {"extra_headers": {"Authorization": "Bearer mine"}, "timeout": 1e-9}
    _ask(address, extra_body=more)
    [asked] = server.asked
    assert asked.authorization == f"Bearer {SECRET}"
    assert asked.body["timeout"] == 1e-9, "it is for the server behind, as everything else is"


def test_what_one_client_asks_wrongly_changes_nothing_for_others(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str]
) -> None:
    def strict(asked: Asked) -> Reply:
        if asked.body.get("temperature", 0) > 2:
            return error(400, "temperature must be at most 2")
        return _echo(asked)

    server = fake_server(strict)
    address = serve(server.url)
    with pytest.raises(openai.BadRequestError, match="temperature must be at most 2"):
        _ask(address, temperature=99)
    _ask(address, temperature=0.5)
    assert [one.body["temperature"] for one in server.asked] == [99, 0.5]


def test_many_clients_with_keys_of_their_own_do_not_end_each_others_answers(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str]
) -> None:
    both = threading.Barrier(2, timeout=30)

    def slow(asked: Asked) -> Reply:
        if asked.authorization.endswith("slow"):
            both.wait()
            both.wait()
        return _echo(asked)

    server = fake_server(slow)
    address = serve(server.url, with_key=lambda key: {"": _llm(server.url, key)})
    asked = [{"role": "user", "content": QUESTION}]
    with ThreadPoolExecutor(1) as pool:
        client = _client(address, "slow")
        waiting = pool.submit(client.chat.completions.create, model="best-of-n", messages=asked)
        both.wait()
        for number in range(70):
            other = _client(address, f"key-{number}")
            other.chat.completions.create(model="best-of-n", messages=asked)
        gc.collect()
        both.wait()
        assert waiting.result(30).choices[0].message.content


def test_a_request_of_many_megabytes_is_refused(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str]
) -> None:
    address = serve(fake_server(_echo).url)
    with pytest.raises(openai.BadRequestError, match="more than 4,000,000 bytes"):
        _ask(address, "7" * 5_000_000)


def test_an_answer_outlives_a_ledger_that_is_gone(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str], tmp_path: Path
) -> None:
    folder = tmp_path / "books"
    folder.mkdir()
    address = serve(fake_server(_echo).url, books=Books(folder / "calls.csv"))
    (folder / "calls.csv").unlink()
    folder.rmdir()
    assert _ask(address).choices[0].message.content
    assert _usage(address)["questions"] == 1


def test_one_call_is_streamed_as_it_is_written(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str]
) -> None:
    address = serve(fake_server(_echo).url)
    parts = list(_ask(address, stream=True, stream_options={"include_usage": True}))
    pieces = [part.choices[0].delta.content or "" for part in parts if part.choices]
    assert len([piece for piece in pieces if piece]) > 10
    assert "".join(pieces).endswith("The answer is 7.".replace(" ", ""))
    assert parts[-1].usage.total_tokens == 10


def test_a_vote_of_all_prompts_and_a_budget_are_models_too(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str]
) -> None:
    server = fake_server(_echo)
    address = serve(server.url)
    names = [one.id for one in _client(address).models.list()]
    assert {"best-of-n", "majority-vote:16", "budgeted:4"} <= set(names)
    every = _ask(address, model="majority-vote:16")
    assert (every.usage.total_tokens, every.prompt_oirl["votes"]) == (160, 16)
    few = "".join(
        part.choices[0].delta.content or ""
        for part in _ask(address, model="budgeted:2", stream=True)
        if part.choices
    )
    assert few.endswith("7.")
    assert 16 < len(server.asked) < 32


def test_the_llms_own_name_asks_it_without_a_prompt(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str]
) -> None:
    server = fake_server(_echo)
    address = serve(server.url)
    assert "m" in [one.id for one in _client(address).models.list()]
    _ask(address, model="m")
    assert server.asked[0].message == QUESTION
    assert _usage(address)["exhaustive_calls"] == 1


def test_usage_tells_calls_and_what_every_prompt_would_have_taken(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str], tmp_path: Path
) -> None:
    books = Books(tmp_path / "calls.csv")
    address = serve(fake_server(_echo).url, books=books)
    for _ in range(3):
        _ask(address)
    _ask(address, model="majority-vote:4")
    usage = _usage(address)
    assert (usage["questions"], usage["calls"], usage["exhaustive_calls"]) == (4, 7, 64)
    assert usage["models"]["best-of-n"]["completion_tokens"] == 9
    assert len(pd.read_csv(tmp_path / "calls.csv")) == 7
    kept = json.dumps(usage) + (tmp_path / "calls.csv").read_text()
    assert SECRET not in kept
    assert "stickers" not in kept


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"model": "gpt-9"}, 404, "Unknown model 'gpt-9'. Known: best-of-n"),
        ({"model": "budgeted:99"}, 400, "99"),
        ({"n": 3}, 400, "n is 3; allowed: 1"),
        ({"tools": [{}]}, 400, "tools is not taken"),
        ({"messages": []}, 400, "messages is no list"),
        ({"messages": [{"role": "assistant", "content": "hi"}]}, 400, "'assistant'"),
        ({"messages": [{"role": "user", "content": " "}]}, 400, "empty"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, 400, "only text"),
        ({"max_tokens": "many"}, 400, "max_tokens is 'many'"),
        ("nonsense", 400, "no JSON object"),
    ],
)
def test_what_cannot_be_answered_is_named_in_the_apis_own_shape(
    fake_server: Callable[..., FakeOpenAI],
    serve: Callable[..., str],
    body: Any,
    status: int,
    says: str,
) -> None:
    server = fake_server(_echo)
    asked = {"model": "best-of-n", "messages": [{"role": "user", "content": QUESTION}]}
    sent = asked | body if isinstance(body, dict) else body
    reply = httpx2.post(f"{serve(server.url)}/v1/chat/completions", json=sent)
    assert reply.status_code == status
    assert says in reply.json()["error"]["message"]
    assert server.asked == []


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("reply", "raised"),
    [
        (error(401, "no"), openai.AuthenticationError),
        (error(400, "no such thing"), openai.BadRequestError),
        (error(429, "try again in 3 hours"), openai.RateLimitError),
        (error(500, "try again in 3 hours"), openai.InternalServerError),
    ],
)
def test_a_failure_behind_has_its_status_and_is_counted(
    fake_server: Callable[..., FakeOpenAI],
    serve: Callable[..., str],
    reply: Reply,
    raised: type[Exception],
    streamed: bool,
) -> None:
    address = serve(fake_server(lambda asked: reply).url)
    with pytest.raises(raised) as failed:
        list(_ask(address, stream=streamed))
    assert SECRET not in str(failed.value)
    usage = _usage(address)
    assert (usage["questions"], usage["failed"], usage["calls"]) == (0, 1, 1)


def test_clients_pay_for_themselves_where_the_operator_has_no_key(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str]
) -> None:
    server = fake_server(_echo)
    address = serve(server.url, with_key=lambda key: {"": _llm(server.url, key)})
    for key in ("key-of-ann", "key-of-bob", "key-of-ann"):
        asked = [{"role": "user", "content": QUESTION}]
        _client(address, key).chat.completions.create(model="best-of-n", messages=asked)
    expected = ["Bearer key-of-ann", "Bearer key-of-bob", "Bearer key-of-ann"]
    assert [one.authorization for one in server.asked] == expected
    without = httpx2.post(
        f"{address}/v1/chat/completions", json={"messages": [{"role": "user", "content": QUESTION}]}
    )
    assert "An API key is needed" in without.json()["error"]["message"]


def test_an_access_key_keeps_strangers_out_and_is_passed_to_nobody(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str]
) -> None:
    server = fake_server(_echo)
    address = serve(server.url, access_key="open-sesame")
    with pytest.raises(openai.AuthenticationError):
        _ask(address)
    assert httpx2.get(f"{address}/usage").status_code == 401
    asked = [{"role": "user", "content": QUESTION}]
    _client(address, "open-sesame").chat.completions.create(model="best-of-n", messages=asked)
    assert [one.authorization for one in server.asked] == [f"Bearer {SECRET}"]


def test_the_operators_money_ends_at_its_limit(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str], tmp_path: Path
) -> None:
    server = fake_server(_echo)
    spending = Spending(tmp_path, Limits(3, 10**9, 10.0, 10.0))
    address = serve(server.url, spending=spending)
    for _ in range(3):
        _ask(address)
    with pytest.raises(openai.RateLimitError):
        _ask(address)
    assert len(server.asked) == 3


def test_sixty_four_callers_are_all_answered_and_none_gets_anothers_answer(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str]
) -> None:
    server = fake_server(_echo)
    address = serve(server.url)
    questions = [f"How many is {number} + 1?" for number in range(128)]

    def one(place: int) -> str:
        if place % 2:
            return _ask(address, questions[place]).choices[0].message.content
        parts = _ask(address, questions[place], stream=True)
        return " ".join(part.choices[0].delta.content or "" for part in parts if part.choices)

    with ThreadPoolExecutor(64) as pool:
        answers = list(pool.map(one, range(len(questions))))
    assert all(
        question.split()[2] in answer.split()
        for question, answer in zip(questions, answers, strict=True)
    )
    usage = _usage(address)
    assert (usage["questions"], usage["calls"]) == (128, 128)
    assert usage["completion_tokens"] == 3 * 128
    assert Counter(len(one.body["messages"]) for one in server.asked) == {1: 128}


def test_a_client_that_leaves_stops_its_calls(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str]
) -> None:
    begun, released = threading.Event(), threading.Event()

    def slow(asked: Asked) -> Reply:
        begun.set()
        released.wait(20)
        return _echo(asked)

    server = fake_server(slow)
    address = serve(server.url)
    impatient = _client(address).with_options(timeout=0.5)
    with pytest.raises(openai.APITimeoutError):
        impatient.chat.completions.create(
            model="majority-vote:16", messages=[{"role": "user", "content": QUESTION}]
        )
    assert begun.is_set()
    _until(lambda: _usage(address)["failed"] == 1)
    released.set()
    assert len(server.asked) <= 16
    assert _usage(address)["questions"] == 0


def test_a_stream_says_that_it_is_alive_and_who_leaves_it_leaves_no_error(
    fake_server: Callable[..., FakeOpenAI],
    serve: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    released = threading.Event()

    def slow(asked: Asked) -> Reply:
        released.wait(20)
        return DROPPED

    monkeypatch.setattr(app_module, "ALIVE_S", 0.1)
    address = serve(fake_server(slow).url)
    asked = {"model": "best-of-n", "messages": [{"role": "user", "content": QUESTION}]}
    sent = asked | {"stream": True}
    with httpx2.stream("POST", f"{address}/v1/chat/completions", json=sent) as reply:
        lines = (line for line in reply.iter_lines() if line)
        assert next(lines).startswith("data: ")
        assert next(lines) == ": working"
    _until(lambda: _usage(address)["failed"] == 1)
    released.set()
    gc.collect()
    assert "never retrieved" not in caplog.text


def test_a_server_behind_that_dies_in_a_stream_is_an_error_and_no_answer(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str]
) -> None:
    half = stream(["The ", "ans"], finish=None, usage=None, ending="cut")
    address = serve(fake_server(lambda asked: half).url)
    with pytest.raises(openai.APIError, match="broke off after 7 characters"):
        list(_ask(address, stream=True))
    address = serve(fake_server(lambda asked: DROPPED).url)
    assert _usage(address)["failed"] == 0


def test_a_ledger_that_cannot_be_written_is_named_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no/such/calls\.csv cannot be written"):
        Books(tmp_path / "no/such/calls.csv")


def _until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in another thread; the test's time limit ends it."""
    while not condition():
        threading.Event().wait(0.05)


def test_a_model_of_several_llms_chooses_who_is_asked_behind(
    fake_server: Callable[..., FakeOpenAI], serve: Callable[..., str], tmp_path: Path
) -> None:
    path = tmp_path / "log.csv"
    arms_log().to_csv(path, index=False)
    table, prompts = read(path)
    scorer = scorer_of(RewardModel.fit(table, prompts), table)
    server = fake_server(_echo)
    behind = {
        name: OpenAICompatible(f"the-{name}", api_key=SECRET, base_url=server.url)
        for name in ("small", "large")
    }
    address = serve(server.url, scorer=scorer, arms=behind)
    hard = "Bob takes 7 pens to the garden aac and 3 back. How much is each worth per hour?"
    answer = _ask(address, hard)
    assert server.asked[-1].body["model"] == "the-large"
    assert answer.prompt_oirl["prompt_id"].startswith("large: ")
    _ask(address, hard, "majority-vote:4")
    asked = [one.body["model"] for one in server.asked[1:]]
    assert sorted(asked) == ["the-large"] * 2 + ["the-small"] * 2
    _ask(address, hard, "m")
    assert server.asked[-1].body["messages"][-1]["content"] == hard
    assert server.asked[-1].body["model"] == "m"
    assert _usage(address)["models"]["best-of-n"]["exhaustive_calls"] == 4
