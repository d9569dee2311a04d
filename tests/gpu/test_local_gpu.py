"""4-bit LLMs on a real GPU."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "unit"))

from tiny_llama import make_tiny_llama

from core.llms import Attempt, Completion, Control, LLMError, Sampling
from core.llms.local.checks import gpu_bytes, inspect_folder
from core.llms.local.llm import LocalLLM, load_4bit
from core.llms.local.load import load

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(
        not torch.cuda.is_available(),
        reason="PyTorch finds no NVIDIA GPU; run these tests on a machine that has one",
    ),
]

MESSAGES = ["How many?", "Mia has 12 stickers and gives 5 to her brother.", "The answer is 7. €"]
LONG = "How many nuts are left? " * 700
"""About 6,300 tokens."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A LLaMA large enough that its keys and values fill memory; it never ends an answer."""
    return make_tiny_llama(
        tmp_path_factory.mktemp("gpu") / "llama",
        hidden_size=512,
        intermediate_size=1024,
        num_hidden_layers=8,
        num_attention_heads=8,
        num_key_value_heads=8,
        max_position_embeddings=8192,
        initializer_range=0.05,
    )


@pytest.fixture
def _memory_limit() -> Iterator[None]:
    yield
    torch.cuda.set_per_process_memory_fraction(1.0)
    torch.cuda.empty_cache()


def test_a_folder_is_loaded_in_nf4_on_the_gpu(folder: Path) -> None:
    from bitsandbytes.nn import Linear4bit

    llm = load_4bit(str(folder), Sampling(max_tokens=16, seed=1))
    model = load(folder, llm.name, quantised=True, device="cuda").model
    linear = [module for module in model.modules() if isinstance(module, Linear4bit)]
    assert len(linear) == 8 * 7
    assert {module.weight.quant_state.quant_type for module in linear} == {"nf4"}
    assert all(module.weight.quant_state.nested and module.weight.is_cuda for module in linear)
    estimate = gpu_bytes(inspect_folder(folder, "tiny"), quantised=True)
    assert estimate == pytest.approx(model.get_memory_footprint(), rel=0.05)


@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_answers_stream_and_repeat(folder: Path, temperature: float) -> None:
    def ask() -> tuple[list[str], list[str]]:
        pieces = [""] * len(MESSAGES)

        def on_text(position: int, piece: str) -> None:
            pieces[position] += piece

        llm = load_4bit(str(folder), Sampling(temperature, max_tokens=32, seed=1))
        results = llm.complete(MESSAGES, Control(on_text=on_text))
        return pieces, [result.text for result in results]

    pieces, texts = ask()
    assert pieces == texts
    assert all(texts)
    assert ask() == (pieces, texts)


def test_cancelling_stops_the_gpu(folder: Path) -> None:
    attempts: list[Attempt] = []
    pieces: list[str] = []
    control = Control(
        attempts.append, lambda position, piece: pieces.append(piece), lambda: len(pieces) > 3
    )
    llm = load_4bit(str(folder), Sampling(max_tokens=4000, seed=1))
    assert [result.kind for result in llm.complete(MESSAGES, control)] == ["cancelled"] * 3
    assert all(attempt.usage.completion_tokens < 100 for attempt in attempts)


@pytest.mark.usefixtures("_memory_limit")
def test_a_batch_that_does_not_fit_is_halved_until_it_does(folder: Path) -> None:
    sampling = Sampling(max_tokens=8, seed=1)
    llm = load_4bit(str(folder), sampling)
    messages = [f"{LONG} {number}" for number in range(16)]
    llm.complete(messages[:1])
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    llm.complete(messages[:2])
    two = torch.cuda.max_memory_allocated()
    torch.cuda.empty_cache()
    _allow(2 * two)
    rows: list[int] = []
    model = load(folder, llm.name, quantised=True, device="cuda").model
    handle = model.register_forward_pre_hook(
        lambda module, arguments, named: rows.append(len(named["input_ids"])), with_kwargs=True
    )
    try:
        results = llm.complete(messages)
    finally:
        handle.remove()
    assert all(isinstance(result, Completion) for result in results)
    assert rows[0] == 16
    assert min(rows) < 16


@pytest.mark.usefixtures("_memory_limit")
def test_one_message_that_does_not_fit_fails_with_advice(folder: Path) -> None:
    llm = load_4bit(str(folder), Sampling(max_tokens=8, seed=1))
    llm.complete(MESSAGES[:1])
    torch.cuda.empty_cache()
    _allow(torch.cuda.memory_reserved() + 2**26)
    long, short = llm.complete([LONG, MESSAGES[0]])
    assert long.kind == "out of memory"
    torch.cuda.set_per_process_memory_fraction(1.0)
    assert isinstance(short, Completion)
    assert isinstance(llm.complete([LONG])[0], Completion)


def test_too_little_free_memory_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (2**28, 2**33))
    with pytest.raises(LLMError, match=r"takes about 1\.\d GiB of GPU memory; 0\.2 of 8\.0 GiB"):
        LocalLLM.load(folder, quantised=False, device="cuda")


def _allow(size: int) -> None:
    """Let PyTorch take so many bytes of the GPU and no more."""
    total = torch.cuda.get_device_properties(0).total_memory
    torch.cuda.set_per_process_memory_fraction(size / total)
