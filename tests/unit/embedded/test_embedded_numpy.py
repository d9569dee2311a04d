"""The embedded LLM in NumPy answers as its weights do with transformers, and fails clearly."""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from threadpoolctl import threadpool_info, threadpool_limits
from tiny_llama import MESSAGES

from core.embedded_training.accuracy import own_items
from core.errors import ArtifactError
from core.llms import Attempt, Completion, Control, Failure, LLMError, Sampling
from core.llms.embedded.calculator import Calculator
from core.llms.embedded.files import read_tokenizer
from core.llms.embedded.llama import Llama
from core.llms.embedded.llm import EMBEDDED, load_embedded
from core.llms.local.llm import LocalLLM
from core.paths import FOLDER
from core.prompts import PROMPTS, message

SAMPLED = Sampling(temperature=1, max_tokens=40, seed=3)
GREEDY = Sampling(temperature=0, max_tokens=12)


@pytest.fixture
def copy(tiny_embedded: Path, tmp_path: Path) -> Path:
    """A copy of the tiny_embedded LLaMA's folder to be changed."""
    return shutil.copytree(tiny_embedded, tmp_path / "copy")


def _content(results: list[Completion | Failure]) -> list[tuple[object, ...]]:
    return [(one.text, one.usage, one.finish_reason) for one in results]


def _with_transformers(folder: Path, sampling: Sampling) -> LocalLLM:
    """The same weights with transformers and the same calculator."""
    llm = LocalLLM.load(folder, sampling, quantised=False, device="cpu", batch_size=64)
    forced = Calculator(read_tokenizer(folder)).next
    return LocalLLM(llm.name, llm.model, replace(llm.loaded, forced=forced), sampling, 64)


@pytest.mark.parametrize(
    "sampling",
    [GREEDY, SAMPLED, Sampling(seed=4), Sampling(temperature=2, top_p=1, seed=5)],
)
def test_answers_are_those_of_transformers(tiny_embedded: Path, sampling: Sampling) -> None:
    expected = _content(_with_transformers(tiny_embedded, sampling).complete(MESSAGES * 3))
    assert _content(load_embedded(sampling, tiny_embedded).complete(MESSAGES * 3)) == expected
    assert {finish for _, _, finish in expected} <= {"stop", "length"}


def test_the_shipped_llm_answers_as_with_transformers() -> None:
    sampling = Sampling(seed=1)
    asked = [message(item.query, prompt) for item in own_items(2, 7) for prompt in PROMPTS]
    ours = load_embedded(sampling).complete(asked)
    theirs = _with_transformers(FOLDER / EMBEDDED, sampling).complete(asked)
    assert _content(ours) == _content(theirs)
    assert {one.finish_reason for one in ours} == {"stop"}


def test_a_batch_gives_the_answers_of_single_calls_in_order(tiny_embedded: Path) -> None:
    single = load_embedded(SAMPLED, tiny_embedded)
    expected = [single.complete([one])[0].text for one in MESSAGES]
    assert [
        one.text for one in load_embedded(SAMPLED, tiny_embedded).complete(MESSAGES)
    ] == expected
    assert len(set(expected)) == len(MESSAGES)


def test_streamed_pieces_join_to_the_texts(tiny_embedded: Path) -> None:
    pieces = [""] * len(MESSAGES)

    def on_text(position: int, piece: str) -> None:
        pieces[position] += piece

    results = load_embedded(SAMPLED, tiny_embedded).complete(MESSAGES, Control(on_text=on_text))
    assert pieces == [one.text for one in results]
    assert pieces == [one.text for one in load_embedded(SAMPLED, tiny_embedded).complete(MESSAGES)]


def test_cancelling_ends_the_batch_between_two_tokens(tiny_embedded: Path) -> None:
    pieces: list[str] = []
    attempts: list[Attempt] = []
    control = Control(
        attempts.append, lambda position, piece: pieces.append(piece), lambda: len(pieces) >= 3
    )
    results = load_embedded(Sampling(temperature=0, max_tokens=40), tiny_embedded).complete(
        MESSAGES, control
    )
    assert [one.kind for one in results] == ["cancelled"] * len(MESSAGES)
    assert [one.outcome for one in attempts] == ["cancelled"] * len(MESSAGES)
    assert all(0 < one.usage.completion_tokens < 40 and one.seconds > 0 for one in attempts)


def test_an_answer_ends_where_the_context_does(tiny_embedded: Path) -> None:
    results = load_embedded(Sampling(temperature=1, seed=2), tiny_embedded).complete(MESSAGES * 2)
    cut = [one for one in results if one.finish_reason == "length"]
    assert {one.usage.total for one in cut} == {128}
    assert all(one.usage.total <= 128 for one in results)
    [failure] = load_embedded(GREEDY, tiny_embedded).complete(["How many nuts? " * 200])
    assert "embedded reads and writes at most 128" in failure.message


@pytest.mark.parametrize("first_step", [0, 5])
def test_when_memory_runs_out_batches_are_halved_and_go_on(
    first_step: int, tiny_embedded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = _content(load_embedded(SAMPLED, tiny_embedded).complete(MESSAGES))
    steps, step = [], Llama.step

    def scarce(llama: Llama, tokens: np.ndarray, *cache: object) -> np.ndarray:
        steps.append(len(tokens))
        if len(tokens) > 2 and len(steps) > first_step:
            raise MemoryError
        return step(llama, tokens, *cache)

    monkeypatch.setattr(Llama, "step", scarce)
    attempts: list[Attempt] = []
    llm = load_embedded(SAMPLED, tiny_embedded)
    assert _content(llm.complete(MESSAGES, Control(attempts.append))) == expected
    assert [one.outcome for one in attempts] == ["ok"] * len(MESSAGES)
    assert max(steps[first_step + 1 :]) == 2


def test_a_message_that_does_not_fit_into_memory_fails(
    tiny_embedded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Llama, "read", full)
    [failure] = load_embedded(GREEDY, tiny_embedded).complete(MESSAGES[:1])
    assert (failure.kind, "lower the token limit" in failure.message) == ("out of memory", True)


def test_threads_that_ask_at_once_get_their_own_answers(tiny_embedded: Path) -> None:
    llm = load_embedded(SAMPLED, tiny_embedded)
    expected = [one.text for one in load_embedded(SAMPLED, tiny_embedded).complete(MESSAGES)]
    found: dict[int, str] = {}

    def ask(place: int) -> None:
        found[place] = llm.complete([MESSAGES[place]])[0].text

    threads = [threading.Thread(target=ask, args=(place,)) for place in range(len(MESSAGES))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [found[place] for place in range(len(MESSAGES))] == expected


@pytest.fixture
def _two_threads() -> Iterator[None]:
    with threadpool_limits(2, user_api="blas"):
        yield


@pytest.mark.usefixtures("_two_threads")
def test_one_thread_computes_and_the_number_is_then_as_before(tiny_embedded: Path) -> None:
    def threads() -> set[int]:
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    seen: list[set[int]] = []
    control = Control(on_text=lambda position, piece: seen.append(threads()))
    before = threads()
    load_embedded(SAMPLED, tiny_embedded).complete(MESSAGES, control)
    assert seen[0] == {1}
    assert threads() == before


def test_weights_in_half_precision_answer_like_the_full_ones(copy: Path) -> None:
    tensors = load_file(copy / "model.safetensors")
    halves = {name: tensor.astype(np.float16) for name, tensor in tensors.items()}
    save_file(halves, copy / "model.safetensors")
    llm = load_embedded(SAMPLED, copy)
    assert (llm.name, llm.model, llm.base_url) == ("embedded", "embedded", None)
    assert _content(llm.complete(MESSAGES)) == _content(
        _with_transformers(copy, SAMPLED).complete(MESSAGES)
    )


def test_two_llms_of_one_folder_share_its_weights(tiny_embedded: Path) -> None:
    first, second = (
        load_embedded(GREEDY, tiny_embedded),
        load_embedded(SAMPLED, tiny_embedded / "."),
    )
    assert first.loaded is second.loaded


def test_it_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="python -m core train-embedded"):
        load_embedded(Sampling(), tmp_path / "embedded")


@pytest.mark.parametrize("file", ["config.json", "model.safetensors", "tokenizer.json"])
@pytest.mark.parametrize("kept", [0.75, None], ids=["cut off", "missing"])
def test_damaged_files_are_refused(file: str, kept: float | None, copy: Path) -> None:
    content = (copy / file).read_bytes()
    (copy / file).unlink()
    if kept is not None:
        (copy / file).write_bytes(content[: int(len(content) * kept)])
    elif file == "config.json":
        with pytest.raises(ArtifactError, match="python -m core train-embedded"):
            load_embedded(Sampling(), copy)
        return
    with pytest.raises(LLMError, match="embedded cannot be loaded") as raised:
        load_embedded(Sampling(), copy)
    assert raised.value.kind == "malformed"


def test_weights_of_another_shape_are_refused(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text("utf-8"))
    (copy / "config.json").write_text(json.dumps(config | {"vocab_size": 100}))
    with pytest.raises(LLMError, match="embeddings have shape"):
        load_embedded(Sampling(), copy)
