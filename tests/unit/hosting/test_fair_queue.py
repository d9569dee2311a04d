"""One visitor's waiting questions leave the queue to the others."""

import threading
from collections.abc import Iterator

import gradio as gr
import httpx
import pytest

from demo.common import LLM_EVENTS
from demo.server.fair_queue import MOST_OF_ADDRESS, MOST_OF_SESSION
from demo.server.guard import MIDDLEWARE


class Asking:
    """A page whose LLM answers nothing before it is let go."""

    def __init__(self) -> None:
        self.answering = threading.Semaphore(0)
        self.released = threading.Event()
        with gr.Blocks(analytics_enabled=False) as self.app:
            gr.api(self._ask, api_name="ask", **LLM_EVENTS)
            gr.api(lambda: 1, api_name="other")
        self.app.queue(max_size=200)
        options = {"middleware": MIDDLEWARE}
        _, self.url, _ = self.app.launch(
            prevent_thread_lock=True, quiet=True, ssr_mode=False, app_kwargs=options
        )
        # So many run; all that are asked from here on wait.
        for number in range(LLM_EVENTS["concurrency_limit"]):
            self.join(f"first-{number}", "10.0.0.9")
            assert self.answering.acquire(timeout=20)

    def _ask(self) -> int:
        self.answering.release()
        self.released.wait(60)
        return 1

    def join(self, session: str, address: str, event: object = 0) -> httpx.Response:
        """Ask from a page of that session, seen through a proxy on this machine."""
        body = {"data": [], "fn_index": event, "session_hash": session}
        headers = {"x-forwarded-for": address}
        return httpx.post(f"{self.url}gradio_api/queue/join", json=body, headers=headers)

    def call(self, address: str, name: str = "ask", body: object = None) -> httpx.Response:
        """Ask without any session, as programs may."""
        headers = {"x-forwarded-for": address}
        url = f"{self.url}gradio_api/call/{name}"
        return httpx.post(url, json=body or {"data": []}, headers=headers)


@pytest.fixture
def page() -> Iterator[Asking]:
    asking = Asking()
    yield asking
    asking.released.set()
    asking.app.close()


def test_a_visitor_s_ninth_waiting_question_is_refused_and_others_are_not(page: Asking) -> None:
    codes = [page.join("greedy", "10.0.0.1").status_code for _ in range(MOST_OF_SESSION)]
    assert codes == [200] * MOST_OF_SESSION
    refused = page.join("greedy", "10.0.0.1")
    assert refused.status_code == 429
    assert "8 of your questions are waiting already" in refused.json()["detail"]
    assert page.join("modest", "10.0.0.1").status_code == 200
    assert page.call("10.0.0.1").status_code == 200


def test_twenty_visitors_of_a_room_have_room_and_one_address_cannot_take_it_all(
    page: Asking,
) -> None:
    for visitor in range(20):
        for _ in range(2):
            assert page.join(f"visitor-{visitor}", "10.0.0.1").status_code == 200
    codes = [page.call("10.0.0.1").status_code for _ in range(MOST_OF_ADDRESS - 40 + 1)]
    assert codes == [200] * (MOST_OF_ADDRESS - 40) + [429]
    assert page.call("10.0.0.2").status_code == 200


def test_whose_questions_are_too_many_may_use_the_rest_of_the_page(page: Asking) -> None:
    for _ in range(MOST_OF_SESSION):
        page.join("greedy", "10.0.0.1")
    assert page.join("greedy", "10.0.0.1", event="0").status_code == 429
    assert page.call("10.0.0.1", "ask", {"data": [], "session_hash": "greedy"}).status_code == 429
    assert page.join("greedy", "10.0.0.1", event=1).status_code == 200
    other = {"data": [], "session_hash": "greedy"}
    assert page.call("10.0.0.1", "other", other).status_code == 200
    for _ in range(MOST_OF_ADDRESS - MOST_OF_SESSION):
        assert page.call("10.0.0.1").status_code == 200
    for name in ("ask", "v2/ask"):
        assert page.call("10.0.0.1", name).status_code == 429
    assert page.call("10.0.0.1", "other").status_code == 200


def test_who_was_refused_may_ask_again_when_an_answer_has_come(page: Asking) -> None:
    for _ in range(MOST_OF_SESSION):
        page.join("greedy", "10.0.0.1")
    assert page.join("greedy", "10.0.0.1").status_code == 429
    page.released.set()
    for _ in range(MOST_OF_SESSION):
        assert page.answering.acquire(timeout=20)
    assert page.join("greedy", "10.0.0.1").status_code == 200


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000])
def test_what_is_no_question_is_left_to_gradio(page: Asking, body: bytes) -> None:
    answer = httpx.post(f"{page.url}gradio_api/queue/join", content=body)
    assert answer.status_code in (400, 422)
