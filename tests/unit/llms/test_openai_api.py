"""LLMs behind the OpenAI API, asked with the real client over real connections."""

import asyncio
import gc
import json
import logging
import random
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from fake_openai import DROPPED, Asked, FakeOpenAI, Reply, completion, cut, error, raw, stream

from core import llms
from core.costs.ledger import Ledger, entry
from core.costs.prices import live_price
from core.errors import DataError
from core.llms import Attempt, Completion, Control, Failure, LLMError, Sampling, Usage
from core.llms.base import now
from core.llms.openai.api import OpenAICompatible

KEY = "sk-proj-0123456789secretsecret"


pytestmark = pytest.mark.usefixtures("no_openai_settings")


class Watch:
    """A control that keeps what it is told."""

    def __init__(
        self, *, streamed: bool = False, cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        self.attempts: list[Attempt] = []
        self.pieces: list[tuple[int, str]] = []
        on_text = (lambda *piece: self.pieces.append(piece)) if streamed else None
        self.control = Control(self.attempts.append, on_text, cancelled)

    @property
    def outcomes(self) -> list[str]:
        """Of the attempts, in order."""
        return [attempt.outcome for attempt in self.attempts]


def _llm(server: FakeOpenAI | str, model: str = "m", waits: list[float] | None = None, **more: Any):
    async def sleep(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    url = server if isinstance(server, str) else server.url
    more = {"sampling": Sampling(), "api_key": KEY, **more}
    return OpenAICompatible(model, base_url=url, sleep=sleep, **more)


def _echo(asked: Asked) -> Reply:
    if asked.body.get("stream"):
        return stream(asked.message.partition(" ")[::2])
    return completion(f"answer to {asked.message}")


def test_an_answer_its_usage_and_its_one_attempt(fake_server: Callable[..., FakeOpenAI]) -> None:
    server, watch = fake_server(completion("18", finish_reason="length")), Watch()
    llm = _llm(server, sampling=Sampling(0.5, 0.8, 64, seed=3))
    [answer] = llm.complete(["3 × 6?"], watch.control)
    [attempt], [asked] = watch.attempts, server.asked
    assert answer.seconds > 0
    assert answer == Completion("18", Usage(7, 3), "m-2026-01-01", answer.seconds, "length")
    assert (attempt.position, attempt.outcome, attempt.model) == (0, "ok", "m")
    assert attempt.usage == Usage(7, 3)
    assert attempt.seconds >= answer.seconds
    assert abs((now() - attempt.when).total_seconds()) < 60
    assert asked.authorization == f"Bearer {KEY}"
    assert asked.body == {
        "model": "m",
        "messages": [{"role": "user", "content": "3 × 6?"}],
        "temperature": 0.5,
        "top_p": 0.8,
        "max_tokens": 64,
        "seed": 3,
    }


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (completion("a", usage=None), ("a", Usage(None, None), "stop")),
        (completion("a", usage={"prompt_tokens": 4}), ("a", Usage(4, None), "stop")),
        (completion("a", usage={"prompt_tokens": "x"}), ("a", Usage(None, None), "stop")),
        (completion("a", finish_reason="tool_calls"), ("a", Usage(7, 3), None)),
        (completion(None, finish_reason="content_filter"), ("", Usage(7, 3), "content_filter")),
    ],
)
def test_what_a_server_does_not_say_is_unknown(
    fake_server: Callable[..., FakeOpenAI], reply: Reply, expected: tuple[str, Usage, str | None]
) -> None:
    [answer] = _llm(fake_server(reply)).complete(["q"])
    assert (answer.text, answer.usage, answer.finish_reason) == expected


def test_no_messages_no_requests(fake_server: Callable[..., FakeOpenAI]) -> None:
    server = fake_server(_echo)
    assert _llm(server).complete([]) == []
    assert server.asked == []


NOT_REPEATED = [
    (error(401, f"Incorrect API key provided: {KEY[:9]}***cret"), "bad key", "check your API key"),
    (error(403, "Project has no access"), "bad key", "Project has no access"),
    (error(404, "The model `m` does not exist", code="model_not_found"), "not found", "'m'"),
    (Reply(404), "not found", "/v1"),
    (error(404, "The model `m` has been deprecated"), "retired model", "openai:MODEL"),
    (error(410, "gone"), "not found", "OPENAI_BASE_URL"),
    (error(429, "You exceeded your quota", code="insufficient_quota"), "no credit", "billing"),
    (error(402, "Pay"), "no credit", "credit"),
    (
        error(400, "maximum context length is 9", code="context_length_exceeded"),
        "bad request",
        "Shorten",
    ),
    (error(400, "max_tokens must be positive"), "bad request", "must be positive"),
    (error(422, "no"), "bad request", "refused"),
]
REPEATED = [
    (error(429, "slow down"), "rate limit", "Wait a minute"),
    (error(500, "oops"), "server error", 'status 500) ("oops")'),
    (
        Reply(502, (b"<html>Bad gateway</html>",), {"Content-Type": "text/html"}),
        "server error",
        "(status 502). Try",
    ),
    (error(408), "time-out", "60 seconds"),
    (DROPPED, "cut off", "broke off"),
    (cut(), "cut off", "broke off"),
    (raw("{not json"), "malformed", "no chat completion"),
    (raw("[" * 200_000), "malformed", "no chat completion"),
    (raw("hello", "text/plain"), "malformed", "no chat completion"),
    (raw("null"), "malformed", "no chat completion"),
    (raw('{"choices": 3}'), "malformed", "no chat completion"),
    (raw('{"choices": [null]}'), "malformed", "no chat completion"),
    (raw("{}"), "malformed", "no chat completion"),
    (completion(None, finish_reason=None), "malformed", "no chat completion"),
    (
        Reply(parts=(b"\xff\xfe{",), headers={"Content-Type": "application/json"}),
        "malformed",
        "no chat completion",
    ),
]


@pytest.mark.parametrize(("reply", "kind", "says"), NOT_REPEATED)
@pytest.mark.parametrize("streamed", [False, True])
def test_failures_that_stay_are_not_tried_again(
    fake_server: Callable[..., FakeOpenAI], reply: Reply, kind: str, says: str, streamed: bool
) -> None:
    server, watch = fake_server(reply), Watch(streamed=streamed)
    [failure] = _llm(server).complete(["q"], watch.control)
    assert failure.kind == kind
    assert says in failure.message
    assert watch.outcomes == [kind]
    assert len(server.asked) == 1


@pytest.mark.parametrize(("reply", "kind", "says"), REPEATED)
def test_failures_that_may_pass_are_tried_four_times(
    fake_server: Callable[..., FakeOpenAI], reply: Reply, kind: str, says: str
) -> None:
    server, watch, waits = fake_server(reply), Watch(), []
    [failure] = _llm(server, waits=waits).complete(["q"], watch.control)
    assert failure.kind == kind
    assert says in failure.message
    assert watch.outcomes == [kind] * 4
    assert len(server.asked) == 4
    assert 0.5 <= waits[0] <= 1 <= waits[1] <= 1.5 < 2 <= waits[2] <= 2.5


def test_a_try_that_succeeds_ends_the_tries(fake_server: Callable[..., FakeOpenAI]) -> None:
    watch = Watch()
    server = fake_server(error(500), DROPPED, completion("18"))
    [answer] = _llm(server).complete(["q"], watch.control)
    assert answer.text == "18"
    assert watch.outcomes == ["server error", "cut off", "ok"]
    assert [attempt.usage.total for attempt in watch.attempts] == [None, None, 10]


def test_usage_of_a_malformed_answer_is_kept(fake_server: Callable[..., FakeOpenAI]) -> None:
    watch = Watch()
    _llm(fake_server(completion("a", choices=[]))).complete(["q"], watch.control)
    assert [attempt.usage.total for attempt in watch.attempts] == [10] * 4


def test_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    watch = Watch()
    [failure] = _llm(url).complete(["q"], watch.control)
    assert failure.kind == "no connection"
    assert url in failure.message
    assert watch.outcomes == ["no connection"] * 4


@pytest.mark.parametrize("streamed", [False, True])
def test_a_server_that_does_not_answer(
    fake_server: Callable[..., FakeOpenAI], streamed: bool
) -> None:
    released = threading.Event()

    def hang(asked: Asked) -> Reply:
        released.wait(20)
        return DROPPED

    watch = Watch(streamed=streamed)
    [failure] = _llm(fake_server(hang), timeout_s=0.1).complete(["q"], watch.control)
    released.set()
    assert failure.kind == "time-out"
    assert "0.1 seconds" in failure.message
    assert watch.outcomes == ["time-out"] * 4


def test_a_message_that_cannot_be_sent(fake_server: Callable[..., FakeOpenAI]) -> None:
    server = fake_server(_echo)
    failure, answer = _llm(server).complete(["half a \ud83d", "whole"])
    assert failure.kind == "bad request"
    assert answer.text == "answer to whole"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [
        ("7", 7, 7),
        ("1.5", 1.5, 1.5),
        ("60", 60, 60),
        (lambda: "Mon, 01 Jan 2001 00:00:00 GMT", 0.5, 1),
        ("nan", 0.5, 1),
        ("soon", 0.5, 1),
        ("-3", 0.5, 1),
    ],
)
def test_retry_after_is_honoured(
    fake_server: Callable[..., FakeOpenAI],
    value: str | Callable[[], str],
    low: float,
    high: float,
) -> None:
    header = value if isinstance(value, str) else value()
    waits: list[float] = []
    server = fake_server(error(429, headers={"Retry-After": header}), _echo)
    [answer] = _llm(server, waits=waits).complete(["q"])
    assert answer.text == "answer to q"
    [wait] = waits
    assert low <= wait <= high


def test_retry_after_as_a_date_counts_from_now(fake_server: Callable[..., FakeOpenAI]) -> None:
    def busy(asked: Asked) -> Reply:
        until = format_datetime(now() + timedelta(seconds=40), usegmt=True)
        return error(503, headers={"Retry-After": until})

    waits: list[float] = []
    _llm(fake_server(busy, _echo), waits=waits).complete(["q"])
    assert 20 < waits[0] <= 40


@pytest.mark.parametrize(
    "reply",
    [
        Reply(404),
        error(404, "The model `gpt-3.5-turbo` has been deprecated", code="model_not_found"),
        error(400, "This model was shut down", code="model_not_found"),
    ],
)
def test_a_retired_model_names_others(fake_server: Callable[..., FakeOpenAI], reply: Reply) -> None:
    [failure] = _llm(fake_server(reply), "gpt-3.5-turbo").complete(["q"])
    assert failure.kind == "retired model"
    for part in ("2026-10-23", "openai:gpt-5.6-terra", "openai:gpt-6-luna", "OPENAI_BASE_URL"):
        assert part in failure.message


def test_parameters_that_a_model_does_not_take_are_left_out(
    fake_server: Callable[..., FakeOpenAI], caplog: pytest.LogCaptureFixture
) -> None:
    def reasoning(asked: Asked) -> Reply:
        if "max_tokens" in asked.body:
            return error(
                400,
                "Unsupported parameter: 'max_tokens' is not supported with this "
                "model. Use 'max_completion_tokens' instead.",
                code="unsupported_parameter",
                param="max_tokens",
            )
        if "temperature" in asked.body:
            return error(
                400,
                "Unsupported value: 'temperature' does not support 0.6 with this model.",
                code="unsupported_value",
                param="temperature",
            )
        return _echo(asked)

    server, watch = fake_server(reasoning), Watch()
    llm = _llm(server)
    [answer] = llm.complete(["q"], watch.control)
    assert answer.text == "answer to q"
    assert watch.outcomes == ["bad request", "bad request", "ok"]
    assert server.asked[-1].body["max_completion_tokens"] == 512
    assert "does not take temperature" in caplog.text
    llm.complete(["r"], watch.control)
    assert len(server.asked) == 4


def test_a_model_that_takes_no_limit_of_tokens_is_not_asked_without_one(
    fake_server: Callable[..., FakeOpenAI],
) -> None:
    def takes_no_limit(asked: Asked) -> Reply:
        given = next(name for name in asked.body if name.startswith("max_"))
        return error(400, f"Unsupported parameter: {given}.", code="unsupported_parameter")

    server = fake_server(takes_no_limit)
    [failure] = _llm(server).complete(["q"])
    assert failure.kind == "bad request"
    assert "max_completion_tokens" in failure.message
    assert len(server.asked) == 2


def test_a_server_without_stream_options_still_streams(
    fake_server: Callable[..., FakeOpenAI],
) -> None:
    def strict(asked: Asked) -> Reply:
        if "stream_options" in asked.body:
            detail = [{"loc": ["body", "stream_options"], "msg": "Extra inputs are not permitted"}]
            return raw(json.dumps({"detail": detail}), status=422)
        return stream(["1", "8"], usage=None)

    watch = Watch(streamed=True)
    [answer] = _llm(fake_server(strict)).complete(["q"], watch.control)
    assert (answer.text, answer.usage) == ("18", Usage(None, None))
    assert watch.pieces == [(0, "1"), (0, "8")]


def test_a_stream_passes_pieces_on_and_counts_tokens(
    fake_server: Callable[..., FakeOpenAI],
) -> None:
    server, watch = fake_server(stream(["The answer ", "is ", "18."])), Watch(streamed=True)
    [answer] = _llm(server).complete(["q"], watch.control)
    assert watch.pieces == [(0, "The answer "), (0, "is "), (0, "18.")]
    assert answer.text == "The answer is 18."
    assert (answer.usage, answer.finish_reason) == (Usage(7, 3), "stop")
    assert answer.model == "m-2026-01-01"
    assert server.asked[0].body["stream_options"] == {"include_usage": True}
    assert watch.outcomes == ["ok"]


BROKEN_STREAMS = [
    stream(["The ans"], finish=None, ending="cut"),
    stream(["The ans"], finish=None, usage=None),
    stream(["The ans"], finish=None, extra=["{not json"]),
    stream(["The ans"], finish=None, extra=['{"error": {"message": "overloaded", "code": 500}}']),
]


@pytest.mark.parametrize("reply", BROKEN_STREAMS)
def test_a_stream_that_breaks_after_text_is_not_tried_again(
    fake_server: Callable[..., FakeOpenAI], reply: Reply
) -> None:
    server, watch = fake_server(reply), Watch(streamed=True)
    [failure] = _llm(server).complete(["q"], watch.control)
    assert failure.kind == "cut off"
    assert "after 7 characters" in failure.message
    assert watch.outcomes == ["cut off"]
    assert watch.pieces == [(0, "The ans")]
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (stream([], finish=None, ending="cut"), "cut off"),
        (stream([], finish=None), "cut off"),
        (stream([], extra=["{not json"], finish=None), "malformed"),
        (stream([], extra=['{"choices": [3]}'], finish=None), "malformed"),
        (raw("{}"), "malformed"),
        (stream([], extra=['{"error": {"message": "overloaded"}}'], finish=None), "server error"),
        (
            stream([], extra=['{"error": {"code": "rate_limit_exceeded"}}'], finish=None),
            "rate limit",
        ),
    ],
)
def test_a_stream_that_breaks_before_any_text_is_tried_again(
    fake_server: Callable[..., FakeOpenAI], reply: Reply, kind: str
) -> None:
    watch = Watch(streamed=True)
    [answer] = _llm(fake_server(reply, stream(["18"]))).complete(["q"], watch.control)
    assert answer.text == "18"
    assert watch.outcomes == [kind, "ok"]
    assert watch.pieces == [(0, "18")]


@pytest.mark.parametrize(
    ("event", "kind"),
    [
        ({"code": "insufficient_quota", "message": "pay"}, "no credit"),
        ({"type": "invalid_request_error", "message": "bad"}, "bad request"),
        ({"code": "model_not_found", "message": "who?"}, "not found"),
    ],
)
def test_errors_within_a_stream_are_told_apart(
    fake_server: Callable[..., FakeOpenAI], event: dict[str, str], kind: str
) -> None:
    reply = stream([], extra=[json.dumps({"error": event})], finish=None)
    watch = Watch(streamed=True)
    [failure] = _llm(fake_server(reply)).complete(["q"], watch.control)
    assert failure.kind == kind
    assert watch.outcomes == [kind]


def test_of_running_counts_in_a_stream_the_last_holds(
    fake_server: Callable[..., FakeOpenAI],
) -> None:
    running = {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 1}}
    watch = Watch(streamed=True)
    reply = stream(["18"], extra=[json.dumps(running)])
    [answer] = _llm(fake_server(reply)).complete(["q"], watch.control)
    assert answer.usage == Usage(7, 3)


def test_an_answer_that_ended_is_kept_when_its_usage_never_comes(
    fake_server: Callable[..., FakeOpenAI],
) -> None:
    watch = Watch(streamed=True)
    reply = stream(["18"], usage=None, ending="cut")
    [answer] = _llm(fake_server(reply)).complete(["q"], watch.control)
    assert (answer.text, answer.usage, answer.finish_reason) == ("18", Usage(None, None), "stop")


def test_concurrency_is_reached_and_never_exceeded_by_two_threads(
    fake_server: Callable[..., FakeOpenAI],
) -> None:
    # Four requests are kept waiting while the client goes on looking for others to send.
    polls: list[int] = []
    enough = threading.Event()

    def wait_for_others(asked: Asked) -> Reply:
        enough.wait(20)
        return _echo(asked)

    def polled() -> bool:
        if server.running >= 4:
            polls.append(server.running)
        if len(polls) >= 10:
            enough.set()
        return False

    server = fake_server(wait_for_others)
    llm = _llm(server, concurrency=4)

    def ask(name: str) -> list[Completion | Failure]:
        return llm.complete([f"{name} {n}" for n in range(6)], Control(cancelled=polled))

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(ask, "ab")
    assert [answer.text for answer in first] == [f"answer to a {n}" for n in range(6)]
    assert [answer.text for answer in second] == [f"answer to b {n}" for n in range(6)]
    assert server.most == 4


def test_waiting_for_another_try_takes_no_slot(fake_server: Callable[..., FakeOpenAI]) -> None:
    second_answered = threading.Event()

    def first_fails(asked: Asked) -> Reply:
        if asked.number == 0:
            return error(500)
        second_answered.set()
        return _echo(asked)

    async def sleep(seconds: float) -> None:
        await asyncio.to_thread(second_answered.wait, 20)

    server = fake_server(first_fails)
    llm = OpenAICompatible("m", api_key=KEY, base_url=server.url, concurrency=1, sleep=sleep)
    llm.complete(["a", "b"])
    assert [asked.message for asked in server.asked] == ["a", "b", "a"]


def test_it_can_be_asked_where_an_event_loop_runs(fake_server: Callable[..., FakeOpenAI]) -> None:
    llm = _llm(fake_server(_echo))

    async def ask() -> list[Completion | Failure]:
        return llm.complete(["q"])

    # In a thread of its own, because the browser's driver leaves a loop running in this one.
    with ThreadPoolExecutor(1) as pool:
        [answer] = pool.submit(asyncio.run, ask()).result()
    assert answer.text == "answer to q"


@pytest.mark.parametrize("streamed", [False, True])
def test_cancelling_stops_running_requests_and_starts_no_others(
    fake_server: Callable[..., FakeOpenAI], streamed: bool
) -> None:
    released = threading.Event()

    def only_first(asked: Asked) -> Reply:
        if asked.number > 0:
            released.wait(20)
        return _echo(asked)

    server = fake_server(only_first)
    watch = Watch(streamed=streamed, cancelled=lambda: len(server.asked) == 3)
    results = _llm(server, concurrency=2).complete([f"q {n}" for n in range(6)], watch.control)
    released.set()
    kinds = Counter(getattr(result, "kind", "ok") for result in results)
    assert kinds == {"ok": 1, "cancelled": 5}
    assert sorted(watch.outcomes) == ["cancelled", "cancelled", "ok"]
    assert len(server.asked) == 3


def test_cancelling_ends_the_wait_for_another_try(fake_server: Callable[..., FakeOpenAI]) -> None:
    server, watch = fake_server(error(500)), Watch(cancelled=lambda: bool(watch.attempts))
    llm = OpenAICompatible("m", api_key=KEY, base_url=server.url, sleep=lambda _: asyncio.sleep(30))
    [failure] = llm.complete(["q"], watch.control)
    assert failure.kind == "cancelled"
    assert watch.outcomes == ["server error"]


def test_once_cancelled_a_free_slot_starts_nothing(fake_server: Callable[..., FakeOpenAI]) -> None:
    server, watch = fake_server(_echo), Watch(cancelled=lambda: bool(watch.attempts))
    results = _llm(server, concurrency=1).complete(["q", "r", "s"], watch.control)
    assert results[0].text == "answer to q"
    assert [result.kind for result in results[1:]] == ["cancelled"] * 2
    assert watch.outcomes == ["ok"]
    assert len(server.asked) == 1


def test_cancelled_before_it_began(fake_server: Callable[..., FakeOpenAI]) -> None:
    server, watch = fake_server(_echo), Watch(cancelled=lambda: True)
    results = _llm(server).complete(["q", "r"], watch.control)
    assert [result.kind for result in results] == ["cancelled"] * 2
    assert watch.attempts == []
    assert server.asked == []


def test_an_error_of_a_hook_reaches_the_caller(fake_server: Callable[..., FakeOpenAI]) -> None:
    def on_text(position: int, piece: str) -> None:
        raise ValueError("the page is gone")

    watch = Watch()
    with pytest.raises(ValueError, match="the page is gone"):
        _llm(fake_server(stream(["18"]))).complete(["q"], Control(watch.attempts.append, on_text))
    assert watch.outcomes == ["cancelled"]


def test_its_thread_ends_with_it(fake_server: Callable[..., FakeOpenAI]) -> None:
    llm = _llm(fake_server(_echo), "short-lived")
    llm.complete(["q"])
    [thread] = [one for one in threading.enumerate() if one.name == "openai:short-lived"]
    del llm
    gc.collect()
    thread.join(10)
    assert not thread.is_alive()


KINDS_OF_ERRORS: list[Callable[[Asked], Reply]] = [
    lambda asked: error(429),
    lambda asked: error(500),
    lambda asked: raw("{not json"),
    lambda asked: DROPPED,
    lambda asked: (
        stream([asked.message], finish=None, ending="cut") if asked.body.get("stream") else cut()
    ),
]


@pytest.mark.parametrize("streamed", [False, True])
def test_half_of_the_requests_fail(fake_server: Callable[..., FakeOpenAI], streamed: bool) -> None:
    tries: Counter[str] = Counter()

    def unreliable(asked: Asked) -> Reply:
        tries[asked.message] += 1
        share = random.Random(f"{asked.message} {tries[asked.message]}").random()
        # A tenth each; the other half is answered.
        kind = int(share * 10)
        return KINDS_OF_ERRORS[kind](asked) if kind < 5 else _echo(asked)

    server, watch, ledger = fake_server(unreliable), Watch(streamed=streamed), Ledger()
    llm = _llm(server)
    messages = [f"question {number}" for number in range(120 if streamed else 300)]

    def on_attempt(attempt: Attempt) -> None:
        watch.attempts.append(attempt)
        ledger.add(entry(attempt, llm, message="q", policy="best_of_n", prompt_id="p"))

    results = llm.complete(messages, Control(on_attempt, watch.control.on_text))

    for position, result in enumerate(results):
        outcomes = [one.outcome for one in watch.attempts if one.position == position]
        if isinstance(result, Completion):
            wanted = f"question{position}" if streamed else f"answer to question {position}"
            assert result.text == wanted
            assert outcomes[-1] == "ok"
        else:
            assert outcomes[-1] == result.kind
            assert len(outcomes) == 4 or (streamed and result.kind == "cut off")
        assert outcomes[:-1].count("ok") == 0
        assert len(outcomes) == tries[messages[position]]
    assert len(watch.attempts) == len(server.asked) == len(ledger.entries)
    assert server.most <= 16
    counts = Counter(watch.outcomes)
    assert set(counts) == {"ok", "rate limit", "server error", "malformed", "cut off"}
    assert sum(isinstance(result, Failure) for result in results) > 0
    if streamed:
        texts = Counter[int]()
        for position, piece in watch.pieces:
            texts[position] += len(piece)
        answered = [n for n, one in enumerate(results) if isinstance(one, Completion)]
        assert all(texts[n] == len(results[n].text) for n in answered)


ECHOES = [
    error(401, f"Incorrect API key provided: {KEY[:11]}*****{KEY[-4:]}. You can find it."),
    error(403, f"Key {KEY} may not"),
    error(400, f"Bearer {KEY} and {KEY[:9]}…"),
    error(500, f"stack trace with Authorization: Bearer {KEY}" + "x" * 5000),
    error(404, f"no such model for {KEY}"),
    raw(f'{{"echo": "{KEY}"}}'),
    stream([], extra=[json.dumps({"error": {"message": f"key {KEY} is out"}})], finish=None),
]


@pytest.mark.parametrize("reply", ECHOES)
def test_the_key_is_told_to_nobody(
    fake_server: Callable[..., FakeOpenAI],
    reply: Reply,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx2", "httpcore2", "asyncio"):
        caplog.set_level(logging.DEBUG, name)
    server, ledger = fake_server(reply), Ledger()
    llm = _llm(server)

    def on_attempt(attempt: Attempt) -> None:
        ledger.add(entry(attempt, llm, message="q", policy="p", prompt_id="p"))

    results = llm.complete(["q"], Control(on_attempt, lambda *_: None))
    ledger.to_csv(tmp_path / "ledger.csv")
    raised = LLMError(results[0])
    parts = [vars(value) for value in vars(llm).values() if hasattr(value, "__dict__")]
    deeper = [vars(value) for one in parts for value in one.values() if hasattr(value, "__dict__")]
    held = [vars(llm), *parts, *deeper]
    everything = " ".join(
        [
            caplog.text,
            repr(results),
            repr(raised),
            str(raised),
            repr(llm),
            repr(held),
            (tmp_path / "ledger.csv").read_text("utf-8"),
        ]
    )
    assert any(record.name == "openai._base_client" for record in caplog.records)
    assert server.asked[0].authorization == f"Bearer {KEY}"
    assert KEY[:9] not in everything
    assert KEY[-6:] not in everything
    assert len(results[0].message) < 500


def test_a_key_of_another_make_is_hidden_too(fake_server: Callable[..., FakeOpenAI]) -> None:
    for key, echo in [("gsk_abcdefghijkl", "key gsk_abcd**** is bad"), ("hunter2", "is hunter2?")]:
        [failure] = _llm(fake_server(error(400, echo)), api_key=key).complete(["q"])
        assert key[:6] not in failure.message
        assert "***" in failure.message


def test_openai_needs_a_key() -> None:
    with pytest.raises(LLMError, match="Set OPENAI_API_KEY") as caught:
        llms.get("openai:never-asked-before")
    assert caught.value.kind == "bad key"


@pytest.mark.parametrize("key", ["sk-with blank inside", "sk-clé-secret", "sk-a\nb"])
def test_a_key_that_cannot_be_one_is_not_repeated(key: str) -> None:
    with pytest.raises(LLMError, match="no key has") as caught:
        OpenAICompatible("m", api_key=key)
    assert key not in str(caught.value)


def test_settings_come_from_the_environment(
    fake_server: Callable[..., FakeOpenAI], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = fake_server(_echo)
    monkeypatch.setenv("OPENAI_BASE_URL", server.url + "/")
    keyless = OpenAICompatible("m")
    assert keyless.base_url == server.url
    assert keyless.complete(["q"])[0].text == "answer to q"
    monkeypatch.setenv("OPENAI_API_KEY", f" {KEY}\n")
    OpenAICompatible("m").complete(["q"])
    OpenAICompatible("m", api_key="sk-visitor").complete(["q"])
    shown = [asked.authorization for asked in server.asked]
    assert shown == ["Bearer none", f"Bearer {KEY}", "Bearer sk-visitor"]


def test_another_address_is_not_sent_the_key_of_the_environment(
    fake_server: Callable[..., FakeOpenAI], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = fake_server(_echo)
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_BASE_URL", "not even an address")
    OpenAICompatible("m", base_url=server.url).complete(["q"])
    assert server.asked[0].authorization == "Bearer none"


def test_openai_has_its_price_and_another_server_has_none() -> None:
    llm = OpenAICompatible("gpt-3.5-turbo", api_key=KEY)
    assert (llm.name, llm.model) == ("openai:gpt-3.5-turbo", "gpt-3.5-turbo")
    price = live_price(llm.model, datetime(2026, 9, 1, tzinfo=UTC), base_url=llm.base_url)
    assert price is not None
    assert (price.prompt, price.completion, price.provider) == (0.5, 1.5, "openai")
    local = _llm("http://localhost:8000/v1", "gpt-3.5-turbo")
    assert (
        live_price(local.model, datetime(2026, 9, 1, tzinfo=UTC), base_url=local.base_url) is None
    )


@pytest.mark.parametrize(
    "url",
    ["localhost:8000", "ftp://host/v1", "http://", "http://[::1", "http://h:99999/", "http://a b/"],
)
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(DataError, match="http:// or https://") as caught:
        OpenAICompatible("m", api_key=KEY, base_url=url)
    assert repr(url) in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://me:pa55word@host/v1",
        "me:pa55word@host/v1",
        "ftp://me:pa55/word@host",
        "https://host/v1?key=sk-pa55word",
    ],
)
def test_an_address_with_a_password_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(DataError) as caught:
        OpenAICompatible("m", api_key=KEY, base_url=url)
    assert "pa55" not in str(caught.value)
    assert "host" in str(caught.value)


@pytest.mark.parametrize("wrong", [{"concurrency": 0}, {"timeout_s": 0}])
def test_numbers_out_of_range_are_named(wrong: dict[str, int]) -> None:
    [name] = wrong
    with pytest.raises(DataError, match=f"{name} is 0"):
        OpenAICompatible("m", api_key=KEY, **wrong)


def test_nothing_heavy_is_imported_before_such_an_llm_is_asked_for() -> None:
    code = (
        "import sys, core.llms, core.llms.openai.api\n"
        "print({'openai', 'httpx2', 'tenacity', 'torch'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
