"""The forward pass in NumPy is that of transformers."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import LlamaForCausalLM

from core.llms import Sampling
from core.llms.embedded.files import read_config, read_weights
from core.llms.embedded.llama import Llama
from core.llms.embedded.sampling import draw
from core.llms.local.batching import Row
from core.llms.local.text_stream import TextStream
from core.llms.local.transformers_model import Draw

CLOSE = {"rtol": 1e-4, "atol": 1e-4}


@pytest.fixture(scope="module")
def both(tiny_embedded: Path) -> tuple[Llama, LlamaForCausalLM]:
    """One model of random weights, computed by either."""
    config = read_config(tiny_embedded)
    ours = Llama(config, read_weights(tiny_embedded, config))
    return ours, LlamaForCausalLM.from_pretrained(tiny_embedded).eval()


def _texts(llama: Llama, *lengths: int) -> list[list[int]]:
    random = np.random.default_rng(0)
    return [random.integers(llama.config.vocabulary, size=length).tolist() for length in lengths]


def _expected(model: LlamaForCausalLM, text: list[int]) -> np.ndarray:
    """Scores after every token of a text, shape (length, vocabulary)."""
    with torch.no_grad():
        return model(torch.tensor([text])).logits[0].numpy()


def test_scores_after_whole_texts_are_those_of_transformers(
    both: tuple[Llama, LlamaForCausalLM],
) -> None:
    llama, model = both
    texts = _texts(llama, 9, 1, 40, 9, 128)
    scores, _ = llama.read(texts)
    for text, row in zip(texts, scores, strict=True):
        np.testing.assert_allclose(row, _expected(model, text)[-1], **CLOSE)


def test_scores_with_the_cache_are_those_of_transformers(
    both: tuple[Llama, LlamaForCausalLM],
) -> None:
    llama, model = both
    # So long that the cache needs more room on the way; the last texts take the ended ones' places.
    texts = _texts(llama, 128, 80, 100, 90, 121)
    begun = [30, 1, 12, 12, 23]
    expected = [_expected(model, text) for text in texts]
    scores, cache = llama.read([text[:start] for text, start in zip(texts, begun, strict=True)])
    lines, read = np.arange(len(texts)), np.array(begun)
    while True:
        for line, row in zip(lines, scores, strict=True):
            np.testing.assert_allclose(row, expected[line][read[line] - 1], **CLOSE)
        going = np.array([read[line] < len(texts[line]) for line in lines])
        if not going.any():
            break
        lines = lines[cache.keep(going)]
        scores = llama.step(np.array([texts[line][read[line]] for line in lines]), cache)
        read[lines] += 1
    assert read.tolist() == [len(text) for text in texts]


def test_many_texts_of_one_length_are_read_alike(both: tuple[Llama, LlamaForCausalLM]) -> None:
    llama, _ = both
    [text] = _texts(llama, 100)
    scores, _ = llama.read([text] * 60)
    np.testing.assert_allclose(scores, np.broadcast_to(scores[0], scores.shape), **CLOSE)


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(),
        Sampling(temperature=1.0, top_p=1.0),
        Sampling(temperature=2.0, top_p=0.5),
        Sampling(temperature=1e-30),
        Sampling(temperature=1.5, top_p=1e-6),
    ],
)
@pytest.mark.parametrize("width", [0.1, 3.0])
def test_tokens_are_drawn_as_with_transformers(sampling: Sampling, width: float) -> None:
    random = np.random.default_rng(1)
    scores = random.normal(scale=width, size=(300, 50)).astype(np.float32)
    uniform = random.random(300, dtype=np.float32)
    rows = [Row(0, [1], 1, uniform[line : line + 1], TextStream(str)) for line in range(300)]
    theirs = Draw(rows, sampling, width=1, device=torch.device("cpu"))
    expected = theirs(torch.ones((300, 1), dtype=torch.long), torch.from_numpy(scores))
    assert draw(scores, uniform, sampling).tolist() == expected.argmax(dim=-1).tolist()


@pytest.mark.filterwarnings("error")
def test_the_lowest_temperatures_take_the_likeliest_token_without_a_warning() -> None:
    random = np.random.default_rng(1)
    scores = random.normal(size=(20, 50)).astype(np.float32)
    uniform = random.random(20, dtype=np.float32)
    drawn = draw(scores, uniform, Sampling(temperature=1e-50))
    assert drawn.tolist() == scores.argmax(axis=1).tolist()


def test_tokens_are_drawn_by_temperature_and_top_p() -> None:
    count = 4000
    uniform = (np.arange(count, dtype=np.float32) + 0.5) / count
    scores = np.tile(np.array([2.0, -1.0, 1.0, 0.0], np.float32), (count, 1))
    drawn = draw(scores, uniform, Sampling(temperature=0.5, top_p=0.9))
    # At temperature 0.5 the shares are 0.865, 0.002, 0.117, 0.016; 0.9 is reached with two.
    share = np.bincount(drawn, minlength=4) / count
    assert share.tolist() == pytest.approx([0.8808, 0.0, 0.1192, 0.0], abs=1e-3)
