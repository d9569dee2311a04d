"""The embedded LLM in NumPy answers as its weights do with transformers, and fails clearly."""

import json
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from threadpoolctl import threadpool_info, threadpool_limits
from tiny_llama import MESSAGES

from core.embedded_training.accuracy import own_items
from core.errors import ArtifactError
from core.llms import Attempt, Completion, Control, Failure, LLMError, Sampling
from core.llms.embedded.llama import Llama
from core.llms.embedded.llm import EMBEDDED, load_embedded
from core.llms.local.llm import LocalLLM
from core.paths import FOLDER
from core.prompts import PROMPTS, message

SAMPLED = Sampling(temperature=1, max_tokens=40, seed=3)
GREEDY = Sampling(temperature=0, max_tokens=12)


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny LLaMA's folder to be changed."""
    return shutil.copytree(tiny, tmp_path / "copy")


def _content(results: list[Completion | Failure]) -> list[tuple[object, ...]]:
    return [(one.text, one.usage, one.finish_reason) for one in results]


def _with_transformers(folder: Path, sampling: Sampling) -> LocalLLM:
    return LocalLLM.load(folder, sampling, quantised=False, device="cpu", batch_size=64)


@pytest.mark.parametrize(
    "sampling",
    [GREEDY, SAMPLED, Sampling(seed=4), Sampling(temperature=2, top_p=1, seed=5)],
)
def test_answers_are_those_of_transformers(tiny: Path, sampling: Sampling) -> None:
    expected = _content(_with_transformers(tiny, sampling).complete(MESSAGES * 3))
    assert _content(load_embedded(sampling, tiny).complete(MESSAGES * 3)) == expected
    assert {finish for _, _, finish in expected} <= {"stop", "length"}


def test_the_shipped_llm_answers_as_with_transformers() -> None:
    sampling = Sampling(seed=1)
    asked = [message(item.query, prompt) for item in own_items(2, 7) for prompt in PROMPTS]
    ours = load_embedded(sampling).complete(asked)
    theirs = _with_transformers(FOLDER / EMBEDDED, sampling).complete(asked)
    assert _content(ours) == _content(theirs)
    assert {one.finish_reason for one in ours} == {"stop"}


def test_a_batch_gives_the_answers_of_single_calls_in_order(tiny: Path) -> None:
    single = load_embedded(SAMPLED, tiny)
    expected = [single.complete([one])[0].text for one in MESSAGES]
    assert [one.text for one in load_embedded(SAMPLED, tiny).complete(MESSAGES)] == expected
    assert len(set(expected)) == len(MESSAGES)


def test_streamed_pieces_join_to_the_texts(tiny: Path) -> None:
    pieces = [""] * len(MESSAGES)

    def on_text(position: int, piece: str) -> None:
        pieces[position] += piece

    results = load_embedded(SAMPLED, tiny).complete(MESSAGES, Control(on_text=on_text))
    assert pieces == [one.text for one in results]
    assert pieces == [one.text for one in load_embedded(SAMPLED, tiny).complete(MESSAGES)]


def test_cancelling_ends_the_batch_between_two_tokens(tiny: Path) -> None:
    pieces: list[str] = []
    attempts: list[Attempt] = []
    control = Control(
        attempts.append, lambda position, piece: pieces.append(piece), lambda: len(pieces) >= 3
    )
    results = load_embedded(Sampling(temperature=0, max_tokens=40), tiny).complete(
        MESSAGES, control
    )
    assert [one.kind for one in results] == ["cancelled"] * len(MESSAGES)
    assert [one.outcome for one in attempts] == ["cancelled"] * len(MESSAGES)
    assert all(0 < one.usage.completion_tokens < 5 and one.seconds > 0 for one in attempts)


def test_an_answer_ends_where_the_context_does(tiny: Path) -> None:
    results = load_embedded(Sampling(temperature=1, seed=2), tiny).complete(MESSAGES * 2)
    cut = [one for one in results if one.finish_reason == "length"]
    assert {one.usage.total for one in cut} == {128}
    assert all(one.usage.total <= 128 for one in results)
    [failure] = load_embedded(GREEDY, tiny).complete(["How many nuts? " * 200])
    assert "embedded reads and writes at most 128" in failure.message


@pytest.mark.parametrize("first_step", [0, 5])
def test_when_memory_runs_out_batches_are_halved_and_go_on(
    first_step: int, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = _content(load_embedded(SAMPLED, tiny).complete(MESSAGES))
    steps, step = [], Llama.step

    def scarce(llama: Llama, tokens: np.ndarray, *cache: object) -> np.ndarray:
        steps.append(len(tokens))
        if len(tokens) > 2 and len(steps) > first_step:
            raise MemoryError
        return step(llama, tokens, *cache)

    monkeypatch.setattr(Llama, "step", scarce)
    attempts: list[Attempt] = []
    llm = load_embedded(SAMPLED, tiny)
    assert _content(llm.complete(MESSAGES, Control(attempts.append))) == expected
    assert [one.outcome for one in attempts] == ["ok"] * len(MESSAGES)
    assert max(steps[first_step + 1 :]) == 2


def test_a_message_that_does_not_fit_into_memory_fails(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(Llama, "read", full)
    [failure] = load_embedded(GREEDY, tiny).complete(MESSAGES[:1])
    assert (failure.kind, "lower the token limit" in failure.message) == ("out of memory", True)


def test_threads_that_ask_at_once_get_their_own_answers(tiny: Path) -> None:
    llm = load_embedded(SAMPLED, tiny)
    expected = [one.text for one in load_embedded(SAMPLED, tiny).complete(MESSAGES)]
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
def test_one_thread_computes_and_the_number_is_then_as_before(tiny: Path) -> None:
    def threads() -> set[int]:
        return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}

    seen: list[set[int]] = []
    control = Control(on_text=lambda position, piece: seen.append(threads()))
    before = threads()
    load_embedded(GREEDY, tiny).complete(MESSAGES[:1], control)
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


def test_what_the_models_authors_prefer_does_not_mix_with_the_sampling(
    tiny: Path, copy: Path
) -> None:
    preferred = {"do_sample": True, "temperature": 0.1, "top_k": 1, "eos_token_id": [2]}
    (copy / "generation_config.json").write_text(json.dumps(preferred))
    expected = _content(load_embedded(GREEDY, tiny).complete(MESSAGES))
    assert _content(load_embedded(GREEDY, copy).complete(MESSAGES)) == expected


def test_an_answer_stops_at_any_of_its_end_tokens(tiny: Path, copy: Path) -> None:
    stop = {"eos_token_id": [2, *range(300, 420)]}
    (copy / "generation_config.json").write_text(json.dumps(stop))
    ours = load_embedded(SAMPLED, copy).complete(MESSAGES)
    assert "stop" in {one.finish_reason for one in ours}
    assert _content(ours) == _content(_with_transformers(copy, SAMPLED).complete(MESSAGES))


def test_two_llms_of_one_folder_share_its_weights(tiny: Path) -> None:
    first, second = load_embedded(GREEDY, tiny), load_embedded(SAMPLED, tiny / ".")
    assert first._loaded is second._loaded


def test_it_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="python -m core train-embedded"):
        load_embedded(Sampling(), tmp_path / "embedded")


@pytest.mark.parametrize("package", ["safetensors", "tokenizers", "jinja2"])
def test_a_missing_package_is_named(
    package: str, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(LLMError, match=f"need {package}.*pip install -r requirements.txt"):
        load_embedded(Sampling(), tiny)


@pytest.mark.parametrize("file", ["model.safetensors", "tokenizer.json", "tokenizer_config.json"])
def test_files_cut_off_are_refused(file: str, copy: Path) -> None:
    content = (copy / file).read_bytes()
    (copy / file).write_bytes(content[: len(content) * 3 // 4])
    with pytest.raises(LLMError, match="embedded cannot be loaded") as raised:
        load_embedded(Sampling(), copy)
    assert raised.value.kind == "malformed"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("model.safetensors", r"no model\.safetensors"),
        ("tokenizer.json", "cannot be loaded"),
        ("chat_template.jinja", "no chat template"),
    ],
)
def test_a_missing_file_is_named(file: str, said: str, copy: Path) -> None:
    (copy / file).unlink()
    with pytest.raises(LLMError, match=said):
        load_embedded(Sampling(), copy)


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("generation_config.json", "[]", r"is \[\], not an object"),
        ("generation_config.json", '{"eos_token_id": [[1]]}', r"\[\[1\]\].*number"),
        ("generation_config.json", '{"eos_token_id": "2"}', r"'2'.*number"),
        ("tokenizer_config.json", "[]", r"is \[\], not an object"),
        ("tokenizer_config.json", '{"eos_token": {"content": 5}}', "{'content': 5}.*text"),
        ("tokenizer_config.json", '{"eos_token": {}}', "eos_token.*{}.*text"),
        ("chat_template.jinja", "{% for", "unexpected .end of template."),
        ("chat_template.jinja", "{{ messages[3].content + 1 }}", "no element 3"),
        ("chat_template.jinja", "{{ 1 + 'a' }}", "TypeError.*int.*str"),
        ("chat_template.jinja", "{{ 1 // 0 }}", "ZeroDivisionError"),
    ],
)
def test_a_damaged_file_is_named_with_what_is_wrong_in_it(
    file: str, content: str, said: str, copy: Path
) -> None:
    (copy / file).write_text(content)
    with pytest.raises(LLMError, match=f"embedded cannot be loaded.*{said}") as raised:
        load_embedded(Sampling(), copy)
    assert file in str(raised.value)
    assert raised.value.kind == "malformed"


def test_a_chat_template_cannot_reach_out_of_its_sandbox(copy: Path) -> None:
    (copy / "chat_template.jinja").write_text("{{ ''.__class__.__mro__ }}")
    with pytest.raises(LLMError, match="cannot be loaded"):
        load_embedded(Sampling(), copy)


def _changed(copy: Path, name: str, tensor: np.ndarray | None) -> None:
    tensors = load_file(copy / "model.safetensors")
    del tensors[name]
    if tensor is not None:
        tensors[name] = tensor
    save_file(tensors, copy / "model.safetensors")


@pytest.mark.parametrize(
    ("tensor", "said"),
    [
        (None, "not complete.*1 parts such as model.norm.weight"),
        (np.ones(63, np.float32), r"model\.norm\.weight has shape \(63,\).*\(64,\)"),
        (np.full(64, np.nan, np.float32), "no finite numbers"),
        (np.ones(64, np.int32), "no finite numbers"),
    ],
)
def test_weights_that_are_not_those_of_the_config_are_refused(
    tensor: np.ndarray | None, said: str, copy: Path
) -> None:
    _changed(copy, "model.norm.weight", tensor)
    with pytest.raises(LLMError, match=said) as raised:
        load_embedded(Sampling(), copy)
    assert raised.value.kind == "malformed"


def test_weights_of_a_type_without_numpy_are_refused(copy: Path) -> None:
    import torch
    from safetensors.torch import load_file as load_torch
    from safetensors.torch import save_file as save_torch

    tensors = load_torch(copy / "model.safetensors")
    save_torch(
        {name: tensor.to(torch.bfloat16) for name, tensor in tensors.items()},
        copy / "model.safetensors",
    )
    with pytest.raises(LLMError, match=r"cannot be loaded.*bfloat16"):
        load_embedded(Sampling(), copy)


def test_a_tokenizer_of_another_model_is_refused(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text("utf-8"))
    (copy / "config.json").write_text(json.dumps(config | {"vocab_size": 300}))
    with pytest.raises(LLMError, match="tokenizer of embedded has"):
        load_embedded(Sampling(), copy)
