"""A GGUF LLM on the page that is not on its machine yet: said, fetched, then asked."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import pytest
from fake_hub import FakeHub

from core.hosting import fetching
from core.llms import LLMError
from core.prompts import PROMPTS
from demo.ask import choices
from demo.ask.fetching import fetch_llm, offer_fetching

NAME = "gguf:qwen2.5-0.5b-instruct"


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fetching, "_running", {})
    choices.offered.cache_clear()
    yield
    choices.offered.cache_clear()


@pytest.fixture
def served(fake_hub: FakeHub, embedded_gguf: Path, tmp_path: Path) -> FakeHub:
    """A hub that has the file, which is a smaller one here."""
    folder = tmp_path / "repo"
    folder.mkdir()
    shutil.copy(embedded_gguf, folder / "qwen2.5-0.5b-instruct-q4_k_m.gguf")
    fake_hub.repos["Qwen/Qwen2.5-0.5B-Instruct-GGUF"] = folder
    return fake_hub


def test_size_and_licence_are_on_the_button_before_and_progress_on_it_after(
    served: FakeHub,
) -> None:
    assert offer_fetching(NAME)["value"] == ("Fetch Qwen2.5-0.5B: about 0.5 GB, licence Apache 2.0")
    assert offer_fetching("embedded") == gr.update(visible=False)
    with pytest.raises(LLMError, match=r"not on this machine yet\. Fetch it with"):
        choices.open_for(choices.offer_called(NAME), "", "a visitor", PROMPTS)
    steps = list(fetch_llm(NAME))
    assert steps[0]["value"].startswith("Fetching Qwen2.5-0.5B, GGUF: ")
    assert steps[-1] == gr.update(visible=False)
    assert served.sent == ["qwen2.5-0.5b-instruct-q4_k_m.gguf"]
    assert offer_fetching(NAME) == gr.update(visible=False)
    llm = choices.open_for(choices.offer_called(NAME), "", "a visitor", PROMPTS)
    assert llm.complete(["How many?"])[0].text


def test_a_visitor_who_comes_later_joins_the_download(served: FakeHub) -> None:
    offer = choices.offer_called(NAME)
    first, thread = fetching.start(offer)
    second, _ = fetching.start(offer)
    thread.join(30)
    assert second is first or not fetching.is_missing(offer)
    assert served.sent == ["qwen2.5-0.5b-instruct-q4_k_m.gguf"]
    assert first.progress.endswith("(100 %)")


def test_what_went_wrong_is_said_and_it_can_be_tried_again(fake_hub: FakeHub) -> None:
    shown: list[dict[str, object]] = []
    with pytest.raises(gr.Error, match="shows no model"):
        shown.extend(fetch_llm(NAME))
    assert shown[-1]["interactive"] is True


def test_on_a_space_the_operator_alone_reads_why(
    fake_hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMPT_OIRL_GGUF", "qwen2.5-0.5b-instruct")
    monkeypatch.setenv("SPACE_ID", "me/space")
    with pytest.raises(gr.Error, match="cannot be fetched at the moment; choose another LLM"):
        list(fetch_llm(NAME))


def test_a_space_fetches_what_its_operator_set_at_its_start(
    served: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = choices.offer_called(NAME)
    fetching.fetch_at_start([offer])
    assert fetching._running == {}
    monkeypatch.setenv("SPACE_ID", "me/space")
    fetching.fetch_at_start([offer, choices.offer_called("embedded")])
    fetching._running[NAME][1].join(30)
    assert not fetching.is_missing(offer)


@pytest.mark.parametrize("name", ["gguf:/etc/passwd.gguf", "gguf:me/mine/other.gguf"])
def test_a_visitor_names_no_path_and_no_repository(name: str, served: FakeHub) -> None:
    for ask in (lambda: offer_fetching(name), lambda: list(fetch_llm(name))):
        with pytest.raises(Exception, match="Unknown LLM"):
            ask()
    assert served.sent == []
