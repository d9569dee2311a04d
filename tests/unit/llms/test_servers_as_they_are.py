"""What servers that speak the OpenAI API really send, beyond what its documentation says."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fake_openai import USAGE, Asked, FakeOpenAI, Reply, completion, error, raw, stream

from core.errors import DataError
from core.llms import Attempt, Completion, Control, Failure, Sampling, Usage
from core.llms.base import now
from core.llms.openai.api import OpenAICompatible
from core.llms.openai.request import make_client
from core.llms.openai.server import find_server
from core.llms.openai.waits import wait_asked_for

pytestmark = pytest.mark.usefixtures("no_openai_settings")


def _ask(
    server: FakeOpenAI, *, streamed: bool = False, waits: list[float] | None = None, **more: Any
) -> tuple[Completion | Failure, list[str], list[Attempt]]:
    """Ask once; returns the result, the pieces of text and the attempts."""

    async def sleep(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    pieces: list[str] = []
    attempts: list[Attempt] = []
    on_text = (lambda position, piece: pieces.append(piece)) if streamed else None
    llm = OpenAICompatible("m", api_key="k", base_url=server.url, sleep=sleep, **more)
    [result] = llm.complete(["q"], Control(attempts.append, on_text))
    return result, pieces, attempts


REFUSED = [
    ("`temperature` is deprecated for this model.", None, {"temperature"}),
    ("temperature and top_p cannot both be specified for this model.", None, {"top_p"}),
    ("Only one of temperature or top_p may be set, not both", None, {"top_p"}),
    ("temperature is fixed at 1 for this model", None, {"temperature"}),
    ("top_p must be greater than or equal to 0.95 or unset", None, {"top_p"}),
    ("Invalid temperature: only 1 is allowed for this model", None, {"temperature"}),
    ("This model doesn't accept top-p or temperature.", None, {"temperature", "top_p"}),
    ("Invalid value", "temperature", {"temperature"}),
    ("The `topP` parameter is not supported.", None, {"top_p"}),
]


@pytest.mark.parametrize(("said", "param", "names"), REFUSED)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_parameter_refused_in_any_words_is_left_out(
    fake_server: Callable[..., FakeOpenAI],
    said: str,
    param: str | None,
    names: set[str],
    streamed: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def strict(asked: Asked) -> Reply:
        if names & asked.body.keys():
            return error(400, said, param=param)
        return stream(["18"]) if asked.body.get("stream") else completion("18")

    server = fake_server(strict)
    result, _, attempts = _ask(server, streamed=streamed)
    assert isinstance(result, Completion)
    assert [one.outcome for one in attempts] == ["bad request", "ok"]
    kept = {"temperature", "top_p", "max_tokens"} - names
    assert kept <= server.asked[-1].body.keys()
    assert all(f"does not take {name}" in caplog.text for name in names)


@pytest.mark.parametrize(
    "said",
    [
        "max_tokens must be at most 256",
        "Invalid 'max_tokens': integer above maximum value.",
        "temperature of the reactor: that question is against our policy",
    ],
)
def test_another_objection_takes_no_parameter_away(
    fake_server: Callable[..., FakeOpenAI], said: str
) -> None:
    server = fake_server(error(400, said))
    result, _, _ = _ask(server)
    assert isinstance(result, Failure)
    assert said.rstrip(".") in result.message
    assert len(server.asked) == 1


def test_what_a_server_shall_choose_is_not_sent(fake_server: Callable[..., FakeOpenAI]) -> None:
    server = fake_server(completion("18"))
    _ask(server, sampling=Sampling(unsent=("temperature", "top_p")))
    assert not {"temperature", "top_p"} & server.asked[0].body.keys()


def _delta(**delta: object) -> str:
    return json.dumps({"choices": [{"index": 0, "delta": delta}]})


_NO_DELTA = json.dumps({"choices": [{"index": 0, "finish_reason": None}]})
PARTS = [{"type": "thinking", "thinking": [{"type": "text", "text": "9"}]}]
PARTS += [{"type": "text", "text": "The answer "}, {"type": "text", "text": "is 18."}]


def _whole(**message: object) -> Reply:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    return completion("", choices=[choice])


@pytest.mark.parametrize(
    ("whole", "parts", "text"),
    [
        (_whole(content=PARTS), [_delta(content=PARTS)], "The answer is 18."),
        (
            _whole(content=None, reasoning_content="9 + 9"),
            [_delta(content=None, reasoning_content="9 + 9")],
            "",
        ),
        (
            _whole(content=None, refusal="I cannot help."),
            [_delta(refusal="I cannot "), _delta(refusal="help.")],
            "I cannot help.",
        ),
        (
            _whole(content="18"),
            [_NO_DELTA, _delta(content="18")],
            "18",
        ),
        (_whole(content="18"), [json.dumps({"type": "ping"}), _delta(content="18")], "18"),
    ],
)
def test_a_stream_and_a_whole_answer_agree(
    fake_server: Callable[..., FakeOpenAI], whole: Reply, parts: list[str], text: str
) -> None:
    end = json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]})
    streamed = stream([], finish=None, extra=[*parts, end])
    for reply, as_stream in ((whole, False), (streamed, True)):
        server = fake_server(reply)
        result, pieces, attempts = _ask(server, streamed=as_stream)
        assert isinstance(result, Completion)
        assert (result.text, result.usage, result.finish_reason) == (text, Usage(7, 3), "stop")
        assert not as_stream or "".join(pieces) == text
        assert [one.outcome for one in attempts] == ["ok"]
        assert len(server.asked) == 1


def test_an_answer_that_comes_whole_although_it_should_be_streamed(
    fake_server: Callable[..., FakeOpenAI],
) -> None:
    result, pieces, attempts = _ask(fake_server(completion("18")), streamed=True)
    assert isinstance(result, Completion)
    assert (result.text, result.usage, pieces) == ("18", Usage(7, 3), ["18"])
    assert len(attempts) == 1


def test_an_answer_that_is_streamed_although_it_should_come_whole(
    fake_server: Callable[..., FakeOpenAI],
) -> None:
    result, _, attempts = _ask(fake_server(stream(["1", "8"])))
    assert isinstance(result, Completion)
    assert (result.text, result.usage, result.finish_reason) == ("18", Usage(7, 3), "stop")
    assert len(attempts) == 1


def test_a_stream_that_ends_with_its_usage_is_complete(
    fake_server: Callable[..., FakeOpenAI],
) -> None:
    server = fake_server(stream(["The answer is 18."], finish=None))
    result, _, attempts = _ask(server, streamed=True)
    assert isinstance(result, Completion)
    assert (result.text, result.usage, result.finish_reason) == (
        "The answer is 18.",
        Usage(7, 3),
        None,
    )
    assert len(attempts) == 1


REPORTED = [
    ({"message": "Provider returned error", "code": 502}, "server error", "Provider returned"),
    ({"message": "slow down", "code": 429}, "rate limit", "Wait"),
    ({"message": "No credit", "code": 402}, "no credit", "credit"),
    ({"message": "Bad key", "type": "authentication_error"}, "bad key", "API key"),
    ({"message": "Overloaded", "type": "overloaded_error"}, "server error", "Overloaded"),
    ({"message": "too long", "code": "context_length_exceeded"}, "bad request", "Shorten"),
    ("the backend is gone", "server error", "the backend is gone"),
    (
        {"message": "Provider returned error", "code": 502, "metadata": {"raw": "GPU lost"}},
        "server error",
        "GPU lost",
    ),
]


@pytest.mark.parametrize(("body", "kind", "says"), REPORTED)
@pytest.mark.parametrize("where", ["body", "choice", "stream", "streamed choice"])
def test_an_error_after_a_status_of_200_is_no_answer(
    fake_server: Callable[..., FakeOpenAI], body: object, kind: str, says: str, where: str
) -> None:
    choice = {"index": 0, "message": {"content": ""}, "finish_reason": "error", "error": body}
    reply = {
        "body": raw(json.dumps({"error": body})),
        "choice": completion("", choices=[choice]),
        "stream": stream([], finish=None, usage=None, extra=[json.dumps({"error": body})]),
        "streamed choice": stream(
            [], finish=None, usage=None, extra=[json.dumps({"choices": [{"delta": {}} | choice]})]
        ),
    }[where]
    result, _, attempts = _ask(fake_server(reply), streamed="stream" in where)
    assert isinstance(result, Failure)
    assert result.kind == kind
    assert says in result.message
    assert {one.outcome for one in attempts} == {kind}


def test_sixteen_calls_to_a_server_with_one_slot_are_sixteen_requests(
    fake_server: Callable[..., FakeOpenAI],
) -> None:
    slot = threading.Lock()

    def one_by_one(asked: Asked) -> Reply:
        with slot:
            threading.Event().wait(0.2)
        return completion("18")

    server = fake_server(one_by_one)
    llm = OpenAICompatible("m", api_key="k", base_url=server.url, timeout_s=2)
    results = llm.complete([f"q{number}" for number in range(16)])
    assert all(isinstance(result, Completion) for result in results)
    assert len(server.asked) == 16


def test_fewer_run_at_once_after_one_was_too_many(fake_server: Callable[..., FakeOpenAI]) -> None:
    most: list[int] = []

    def narrow(asked: Asked) -> Reply:
        if asked.number < 8:
            return error(429, "slow down", headers={"Retry-After-Ms": "20"})
        most.append(server.running)
        return completion("18")

    server = fake_server(narrow)
    llm = OpenAICompatible("m", api_key="k", base_url=server.url, concurrency=8)
    results = llm.complete([f"q{number}" for number in range(8)])
    assert all(isinstance(result, Completion) for result in results)
    assert max(most) <= 6


@pytest.mark.parametrize(
    ("headers", "said", "seconds"),
    [
        ({"retry-after-ms": "250"}, "", 0.25),
        ({"retry-after": "7"}, "try again in 9s", 7),
        ({}, "Rate limit reached. Please try again in 7.5s.", 7.5),
        ({}, "Please try again in 6m0s", 360),
        ({}, "please retry after 20 seconds", 20),
        ({}, "Try again in 150ms.", 0.15),
        ({}, "Please wait 2 minutes and 5 seconds", 125),
        (
            {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2s"},
            "",
            62,
        ),
        ({"x-ratelimit-remaining-requests": "9", "x-ratelimit-reset-requests": "1m2s"}, "", None),
        ({}, "wait for 3 apples", None),
        ({"retry-after": "soon"}, "", None),
    ],
)
def test_how_long_a_server_wants_to_be_left_alone(
    headers: dict[str, str], said: str, seconds: float | None
) -> None:
    assert wait_asked_for(headers, said) == (None if seconds is None else pytest.approx(seconds))


def test_a_moment_of_the_reset_counts_from_now() -> None:
    moment = int((now() + timedelta(seconds=30)).timestamp() * 1000)
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(moment)}
    assert wait_asked_for(headers, "") == pytest.approx(30, abs=5)


def test_a_wait_longer_than_allowed_ends_at_once_with_the_reason(
    fake_server: Callable[..., FakeOpenAI],
) -> None:
    waits: list[float] = []
    server = fake_server(error(429, "Please try again in 2 hours"))
    result, _, _ = _ask(server, waits=waits)
    assert isinstance(result, Failure)
    assert "7,200 seconds" in result.message
    assert (len(server.asked), waits) == (1, [])


def test_the_wait_is_a_setting(
    fake_server: Callable[..., FakeOpenAI], monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def hang(asked: Asked) -> Reply:
        released.wait(20)
        return completion("18")

    monkeypatch.setenv("PROMPT_OIRL_TIMEOUT", "0.2")
    result, _, _ = _ask(fake_server(hang))
    released.set()
    assert isinstance(result, Failure)
    assert "0.2 seconds" in result.message
    monkeypatch.setenv("PROMPT_OIRL_TIMEOUT", "soon")
    with pytest.raises(DataError, match="'soon'"):
        OpenAICompatible("m", api_key="k")


@pytest.mark.parametrize(
    ("url", "query"),
    [
        ("https://n.openai.azure.com/openai/deployments/d", {"api-version": "2024-10-21"}),
        ("https://n.openai.azure.com/openai/v1", {}),
    ],
)
def test_azure_gets_the_key_and_the_version_where_it_looks_for_them(
    url: str, query: dict[str, str]
) -> None:
    client = make_client(find_server("secret-key-1234", url))
    assert client.default_headers["api-key"] == "secret-key-1234"
    assert client.default_query == query
    assert "api-key" not in make_client(find_server("k", "http://localhost:1/v1")).default_headers


@pytest.mark.parametrize(
    ("usage", "cached", "dollars"),
    [
        ({**USAGE, "prompt_tokens_details": {"cached_tokens": 5}}, 5, None),
        ({**USAGE, "prompt_cache_hit_tokens": 4}, 4, None),
        ({**USAGE, "cost": 0.00125}, None, 0.00125),
        ({**USAGE, "cost": "free"}, None, None),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_cached_tokens_and_the_providers_own_bill_are_read(
    fake_server: Callable[..., FakeOpenAI],
    usage: dict[str, Any],
    cached: int | None,
    dollars: float | None,
    streamed: bool,
) -> None:
    reply = stream(["18"], usage=usage) if streamed else completion("18", usage=usage)
    result, _, [attempt] = _ask(fake_server(reply), streamed=streamed)
    assert isinstance(result, Completion)
    assert result.usage == attempt.usage == Usage(7, 3, cached, dollars)
