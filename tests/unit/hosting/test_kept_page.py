"""The kept page is the page that Gradio writes, for everybody whom it may be sent."""

import gzip
from collections.abc import Iterator

import gradio as gr
import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from demo.server.kept_page import KeptPage
from demo.server.preview import with_preview

PLAIN = {"accept-encoding": "identity"}


class Pages:
    """A server behind a ``KeptPage`` that counts how often it is asked for a page."""

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.asked = 0

        def page(request: Request) -> PlainTextResponse:
            self.asked += 1
            return PlainTextResponse(f"page {self.asked}", status, headers)

        routes = [Route("/{path:path}", page, methods=["GET", "HEAD", "POST"])]
        app = Starlette(routes=routes, middleware=[Middleware(KeptPage)])
        self.client = TestClient(app, headers=PLAIN)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with gr.Blocks(analytics_enabled=False) as app:
        gr.File("README.md")
    options = {"middleware": [Middleware(KeptPage)]}
    _, url, _ = app.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False, app_kwargs=options)
    yield url
    app.close()


@pytest.mark.parametrize("path", ["/", "/config"])
def test_a_page_is_made_once(path: str) -> None:
    pages = Pages()
    assert [pages.client.get(path).text for _ in range(3)] == ["page 1"] * 3


def test_what_the_browser_alone_reads_is_no_other_page() -> None:
    pages = Pages()
    for path in ("/", "/?tab=savings&llm=llama2-7b-chat", "/?__theme=dark"):
        assert pages.client.get(path).text == "page 1"


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("GET", "/", {"cookie": "access-token=1"}),
        ("GET", "/", {"authorization": "Bearer 1"}),
        ("GET", "/?page=second", {}),
        ("GET", "/config?deep%5Flink=one", {}),
        ("GET", "/gradio_api/info", {}),
        ("POST", "/", {}),
        ("HEAD", "/", {}),
    ],
)
def test_any_other_request_is_passed_on(method: str, path: str, headers: dict[str, str]) -> None:
    pages = Pages()
    pages.client.get("/")
    pages.client.get("/config")
    for _ in range(2):
        pages.client.request(method, path, headers=headers)
    assert pages.asked == 4


@pytest.mark.parametrize(
    ("status", "headers"), [(500, {}), (401, {}), (200, {"set-cookie": "visitor=1"})]
)
def test_an_error_or_a_personal_page_is_not_kept(status: int, headers: dict[str, str]) -> None:
    pages = Pages(status, headers)
    answers = [pages.client.get("/") for _ in range(2)]
    assert [answer.text for answer in answers] == ["page 1", "page 2"]
    assert answers[0].status_code == status


def test_made_up_hosts_do_not_fill_the_memory() -> None:
    pages = Pages()
    for number in (*range(40), 39, 0):
        pages.client.get("/", headers={"x-forwarded-host": f"host{number}.example"})
    assert pages.asked == 41


def test_browsers_get_it_zipped(address: str) -> None:
    plain = httpx.get(address, headers=PLAIN)
    with httpx.stream("GET", address, headers={"accept-encoding": "gzip, br"}) as zipped:
        sent = b"".join(zipped.iter_raw())
    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) == len(sent) < len(plain.content) / 2
    assert gzip.decompress(sent) == plain.content
    assert "content-encoding" not in plain.headers
    assert "accept-encoding" in plain.headers["vary"].lower()


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip;q=0, identity", None),
        ("br, GZIP; q=0.000", None),
        ("identity", None),
        ("br;q=1.0, gzip;q=0.01", "gzip"),
        ("deflate,gzip", "gzip"),
    ],
)
def test_it_is_zipped_for_whoever_reads_that_alone(accepted: str, coding: str | None) -> None:
    client = Pages().client
    for _ in range(2):
        answer = client.get("/", headers={"accept-encoding": accepted})
        assert answer.headers.get("content-encoding") == coding
        assert answer.text == "page 1"


@pytest.mark.parametrize("path", ["", "config"])
def test_the_page_names_the_address_that_each_visitor_came_by(address: str, path: str) -> None:
    ways = {
        address.rstrip("/"): {},
        "http://a.example": {"x-forwarded-host": "a.example"},
        "https://a.example": {"x-forwarded-host": "a.example", "x-forwarded-proto": "https"},
        "https://b.example": {"x-forwarded-host": "b.example", "x-forwarded-proto": "https"},
        "http://c.example": {"host": "c.example"},
        "http://d.example": {"x-gradio-server": "http://d.example"},
    }
    for _ in range(2):
        for root, headers in ways.items():
            text = httpx.get(address + path, headers=headers).text
            assert f'"root":"{root}"' in text
            assert f"{root}/gradio_api/file=" in text
            others = set(ways) - {root}
            assert not any(f"{other}/gradio_api/file=" in text for other in others)


def test_a_kept_page_is_gradio_s_own_but_for_the_preview(address: str) -> None:
    # A visitor with a cookie is sent what Gradio writes; nobody is logged in here.
    for path in ("", "config", "?tab=any"):
        own = httpx.get(address + path, headers=PLAIN | {"cookie": "any=1"})
        for _ in range(2):
            kept = httpx.get(address + path, headers=PLAIN)
            assert kept.text == with_preview(own.text)
            assert kept.headers["content-type"] == own.headers["content-type"]


def test_who_is_logged_in_sees_the_page_and_nobody_else() -> None:
    with gr.Blocks(analytics_enabled=False) as app:
        gr.Markdown("For members")
    options = {"middleware": [Middleware(KeptPage)]}
    _, address, _ = app.launch(
        prevent_thread_lock=True,
        quiet=True,
        ssr_mode=False,
        auth=("member", "word"),
        app_kwargs=options,
    )
    try:
        for _ in range(2):
            assert "For members" not in httpx.get(address).text
            with httpx.Client() as member:
                member.post(f"{address}login", data={"username": "member", "password": "word"})
                assert "For members" in member.get(address).text
            assert "For members" not in httpx.get(address).text
    finally:
        app.close()
