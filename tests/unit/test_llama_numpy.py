"""The forward pass in NumPy is that of transformers; what it does not compute it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from tiny_llama import make_tiny_llama
from transformers import LlamaForCausalLM

from core.llms import LLMError, Sampling
from core.llms.embedded.files import read_config
from core.llms.embedded.llama import Llama
from core.llms.embedded.sampling import draw
from core.llms.embedded.weights import read_weights, tensor_shapes
from core.llms.local.batching import Row
from core.llms.local.text_stream import TextStream
from core.llms.local.transformers_model import _Draw

SHAPES = {
    "grouped queries": {},
    "a head of keys for each of queries": {"num_key_value_heads": 4},
    "one head of keys for all": {"num_key_value_heads": 1},
    "tied": {"tie_word_embeddings": True},
    "wide heads, other constants": {
        "head_dim": 32,
        "rms_norm_eps": 1e-3,
        "rope_parameters": {"rope_type": "default", "rope_theta": 500.0},
    },
}
CLOSE = {"rtol": 1e-4, "atol": 1e-4}


@pytest.fixture(scope="module", params=SHAPES.values(), ids=SHAPES)
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Llama, LlamaForCausalLM]:
    """One model of random weights, computed by either."""
    folder = make_tiny_llama(tmp_path_factory.mktemp("shape") / "llama", **request.param)
    config = read_config(folder / "config.json", "tiny")
    ours = Llama(config, read_weights(folder, config, "tiny"))
    return ours, LlamaForCausalLM.from_pretrained(folder).eval()


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


def test_the_weights_are_named_and_shaped_as_transformers_stores_them(tiny: Path) -> None:
    stored = load_file(tiny / "model.safetensors")
    shapes = tensor_shapes(read_config(tiny / "config.json", "tiny"))
    assert shapes == {name: tensor.shape for name, tensor in stored.items()}


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
    theirs = _Draw(rows, sampling, width=1, device=torch.device("cpu"))
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


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("model_type", "mistral", "model_type 'mistral'.*'llama' alone"),
        ("hidden_act", "gelu", "hidden_act 'gelu'.*'silu' alone"),
        ("attention_bias", True, "attention_bias True.*False alone"),
        ("mlp_bias", True, "mlp_bias True"),
        ("rope_scaling", {"type": "linear", "factor": 2.0}, "rope_scaling .*linear"),
        ("rope_parameters", {"rope_type": "llama3", "rope_theta": 1e4}, "rope_type 'llama3'"),
        ("rope_parameters", {"rope_theta": -1.0}, r"rope_theta -1\.0.*above 0"),
        ("rope_parameters", ["default"], "rope_parameters .*an object"),
        ("num_key_value_heads", 3, "num_key_value_heads 3.*a divisor of 4"),
        ("head_dim", 15, "head_dim 15.*an even number"),
        ("hidden_size", "64", "hidden_size '64'.*whole number"),
        ("max_position_embeddings", 10**12, "max_position_embeddings 1000000000000.*1,048,576"),
        ("rms_norm_eps", None, "rms_norm_eps None"),
        ("quantization_config", {"bits": 4}, "quantised already"),
    ],
)
def test_what_is_not_computed_is_refused_by_field_and_value(
    field: str, value: object, named: str, tiny: Path, tmp_path: Path
) -> None:
    config = json.loads((tiny / "config.json").read_text("utf-8"))
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config | {field: value}))
    with pytest.raises(LLMError, match=named):
        read_config(path, "embedded")


def test_a_config_of_an_older_transformers_is_read(tiny: Path, tmp_path: Path) -> None:
    config = json.loads((tiny / "config.json").read_text("utf-8"))
    path = tmp_path / "config.json"
    for field in ("rope_parameters", "head_dim", "num_key_value_heads", "attention_bias"):
        del config[field]
    path.write_text(json.dumps(config | {"rope_theta": 500.0}))
    read = read_config(path, "embedded")
    assert (read.theta, read.size, read.groups) == (500.0, 16, 4)


@pytest.mark.parametrize("text", ["{", "[]"])
def test_a_damaged_config_is_named(text: str, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(LLMError, match=r"config\.json of embedded is damaged") as raised:
        read_config(tmp_path / "config.json", "embedded")
    assert raised.value.kind == "malformed"
