"""LLMs in GGUF files: the same texts as elsewhere, many at once, watched, stopped and unloaded."""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from gguf_files import convert

from core import llms
from core.errors import UnknownNameError
from core.llms import Attempt, Completion, Control, Failure, LLMError, Sampling
from core.llms.gguf.engine import Engine
from core.llms.local.llm import LocalLLM
from core.paths import FOLDER
from core.prompts import PROMPTS, message

GREEDY = Sampling(temperature=0, max_tokens=100)
QUESTION = "There are 6 boxes with 4 pencils in each box. How many pencils are there in all?"
MESSAGES = [message(QUESTION, prompt) for prompt in PROMPTS]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Engine]]:
    """The engines that were loaded, in their order."""
    found: list[Engine] = []
    load = Engine.__init__

    def noting(self: Engine, *arguments: object) -> None:
        load(self, *arguments)
        found.append(self)

    monkeypatch.setattr(Engine, "__init__", noting)
    yield found
    found.clear()
    gc.collect()


def test_the_embedded_llm_answers_through_llama_cpp_as_it_does_elsewhere(
    embedded_gguf: Path,
) -> None:
    ours = LocalLLM.load(FOLDER / "embedded", GREEDY, quantised=False, device="cpu")
    theirs = llms.get(f"gguf:{embedded_gguf}", GREEDY)
    for wanted, found in zip(ours.complete(MESSAGES), theirs.complete(MESSAGES), strict=True):
        assert (found.text, found.usage) == (wanted.text, wanted.usage)
        assert found.finish_reason == wanted.finish_reason == "stop"
        assert found.model == str(embedded_gguf.resolve())


def test_prompts_of_a_question_share_its_reading(
    embedded_gguf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    llm = llms.get(f"gguf:{embedded_gguf}", GREEDY)
    shared: list[int] = []
    share = Engine.share

    def noting(self: Engine, text: str, slots: int) -> None:
        shared.append(slots)
        share(self, text, slots)

    monkeypatch.setattr(Engine, "share", noting)
    llm.complete(MESSAGES)
    llm.complete(["Tom has 3 nuts.", "Are there 9 of 12 ships in the harbour?"])
    assert shared == [16]


def test_time_is_divided_among_the_answers_of_a_batch(embedded_gguf: Path) -> None:
    attempts: list[Attempt] = []
    llm = llms.get(f"gguf:{embedded_gguf}", GREEDY)
    answers = llm.complete(MESSAGES, Control(on_attempt=attempts.append))
    assert sorted(one.position for one in attempts) == list(range(16))
    assert {one.outcome for one in attempts} == {"ok"}
    assert {one.seconds for one in attempts} == {one.seconds for one in answers}
    assert all(one.seconds > 0 for one in answers)


def test_a_seed_repeats_answers_and_asking_again_gives_another(embedded_gguf: Path) -> None:
    sampling = Sampling(temperature=1.5, top_p=1, max_tokens=30, seed=7)

    def texts(seed: Sampling) -> list[str]:
        llms.close()
        llm = llms.get(f"gguf:{embedded_gguf}", seed)
        return [llm.complete([QUESTION])[0].text for _ in range(2)]

    first, second = texts(sampling)
    assert first != second
    assert texts(sampling) == [first, second]
    assert texts(Sampling(temperature=1.5, top_p=1, max_tokens=30, seed=8)) != [first, second]


def test_text_is_streamed_and_a_batch_stops_within_a_token(embedded_gguf: Path) -> None:
    pieces: list[tuple[int, str]] = []
    attempts: list[Attempt] = []
    llm = llms.get(f"gguf:{embedded_gguf}", GREEDY)
    whole = llm.complete(MESSAGES, Control(on_text=lambda n, text: pieces.append((n, text))))
    for position, answer in enumerate(whole):
        assert "".join(text for n, text in pieces if n == position) == answer.text
    pieces.clear()
    stopped = llm.complete(
        MESSAGES,
        Control(
            on_attempt=attempts.append,
            on_text=lambda n, text: pieces.append((n, text)),
            cancelled=lambda: len(pieces) >= 5,
        ),
    )
    assert [one.kind for one in stopped] == ["cancelled"] * 16
    # Each answer that was being written may have had one more token.
    assert 5 <= len(pieces) <= 5 + 16
    begun = [one for one in attempts if one.usage.completion_tokens]
    assert {one.outcome for one in attempts} == {"cancelled"}
    assert sum(one.usage.completion_tokens for one in begun) >= 5
    # It goes on answering afterwards.
    assert [one.text for one in llm.complete(MESSAGES)] == [one.text for one in whole]


def test_what_a_watcher_raises_reaches_the_caller(embedded_gguf: Path) -> None:
    def broken(position: int, text: str) -> None:
        raise KeyError(position)

    llm = llms.get(f"gguf:{embedded_gguf}", GREEDY)
    with pytest.raises(KeyError):
        llm.complete([QUESTION], Control(on_text=broken))
    assert isinstance(llm.complete([QUESTION])[0], Completion)


def test_a_message_beyond_the_context_fails_and_the_others_are_answered(
    embedded_gguf: Path,
) -> None:
    llm = llms.get(f"gguf:{embedded_gguf}", GREEDY)
    long, short = llm.complete(["How many nuts? " * 200, QUESTION])
    assert isinstance(long, Failure)
    assert long.kind == "bad request"
    assert "at most 512 together. Shorten the question" in long.message
    assert short.finish_reason == "stop"


def test_an_answer_ends_at_the_limit(embedded_gguf: Path) -> None:
    [cut] = llms.get(f"gguf:{embedded_gguf}", Sampling(temperature=0, max_tokens=3)).complete(
        [QUESTION]
    )
    assert (cut.usage.completion_tokens, cut.finish_reason) == (3, "length")


def test_control_tokens_of_a_message_are_text(embedded_gguf: Path) -> None:
    llm = llms.get(f"gguf:{embedded_gguf}", GREEDY)
    [plain, tricky] = llm.complete(["How many?", "How many?<|assistant|>"])
    assert tricky.usage.prompt_tokens > plain.usage.prompt_tokens + 1


def test_one_file_is_loaded_at_a_time_and_given_back(
    embedded_gguf: Path, tmp_path: Path, opened: list[Engine]
) -> None:
    other = shutil.copy(embedded_gguf, tmp_path / "other.gguf")
    first, second = llms.get(f"gguf:{embedded_gguf}", GREEDY), llms.get(f"gguf:{other}", GREEDY)
    assert len(opened) == 2
    assert not hasattr(opened[0], "_server")
    wanted = second.complete([QUESTION])[0].text
    assert len(opened) == 2
    # The first is asked again: it is loaded again, and the second closed.
    assert first.complete([QUESTION])[0].text == wanted
    assert len(opened) == 3
    assert not hasattr(opened[1], "_server")
    llms.close()
    assert not hasattr(opened[2], "_server")


def test_the_frame_of_llama2_is_that_of_its_authors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: list[Engine]
) -> None:
    path = convert(FOLDER / "embedded", tmp_path / "llama2.gguf", template=False)
    monkeypatch.setattr("core.llms.gguf.hub.cached", lambda source: path)
    llm = llms.get("gguf:llama2-7b-chat", GREEDY)
    assert llm.model == "TheBloke/Llama-2-7B-Chat-GGUF/llama-2-7b-chat.Q4_K_M.gguf"
    reply = opened[0]._ask(
        "/apply-template", {"messages": [{"role": "user", "content": "  How many? "}]}
    )
    assert reply["prompt"] == "[INST] How many? [/INST]"


def test_an_architecture_that_llama_cpp_does_not_know_is_named(tmp_path: Path) -> None:
    path = convert(FOLDER / "embedded", tmp_path / "new.gguf", architecture="lxama")
    with pytest.raises(LLMError, match=r"cannot be loaded by llama\.cpp.*'lxama'"):
        llms.get(f"gguf:{path}", GREEDY)


def test_names_are_checked_before_anything_is_loaded() -> None:
    with pytest.raises(UnknownNameError, match="llama2-7b-chat"):
        llms.get("gguf:llama3")
    with pytest.raises(LLMError, match="no file"):
        llms.get("gguf:/no/such.gguf")
