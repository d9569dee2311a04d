"""The weights of a LLaMA out of a file of safetensors, arranged for computing in NumPy."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from core.llms.embedded.files import LlamaConfig
from core.llms.local.checks import incomplete, no_safetensors, unloadable


@dataclass(frozen=True)
class Layer:
    """Weights of a layer; matrices have a row per input.

    Attributes:
        before_attention, before_inner: Factors of RMSNorm.
        queries_keys_values: Side by side; queries are scaled for attention already.
        out: From the heads' values.
        gate_up: Both halves of SwiGLU, side by side.
        down: Back to the width between the layers.
    """

    before_attention: np.ndarray
    queries_keys_values: np.ndarray
    out: np.ndarray
    before_inner: np.ndarray
    gate_up: np.ndarray
    down: np.ndarray


@dataclass(frozen=True)
class Weights:
    """All weights, float32.

    Attributes:
        embeddings: Of the tokens, shape (vocabulary, hidden).
        layers: In the order of computing.
        norm: Factors of the last RMSNorm, shape (hidden,).
        head: The output layer, shape (hidden, vocabulary).
    """

    embeddings: np.ndarray
    layers: tuple[Layer, ...]
    norm: np.ndarray
    head: np.ndarray


def read_weights(folder: Path, config: LlamaConfig, name: str) -> Weights:
    """Read model.safetensors of a folder; its numbers may be floats of 16, 32 or 64 bits.

    Raises:
        LLMError: the file is missing, damaged or not of this config.
    """
    tensors = _read(folder, config, name)
    output = "model.embed_tokens.weight" if config.tied else "lm_head.weight"
    return Weights(
        _float32(tensors["model.embed_tokens.weight"]),
        tuple(_layer(config, tensors, number) for number in range(config.layers)),
        _float32(tensors["model.norm.weight"]),
        _float32(tensors[output].T),
    )


def _read(folder: Path, config: LlamaConfig, name: str) -> dict[str, np.ndarray]:
    path = folder / "model.safetensors"
    if not path.is_file():
        raise no_safetensors(name)
    try:
        tensors = load_file(path)
    except (OSError, SafetensorError, TypeError) as error:
        # TypeError is how it says that NumPy lacks the weights' type, such as bfloat16.
        raise unloadable(name, folder, error) from error
    shapes = tensor_shapes(config)
    missing = shapes.keys() - tensors.keys()
    if missing:
        raise incomplete(name, missing)
    for part, shape in shapes.items():
        found = tensors[part]
        if found.shape != shape:
            why = f"{part} has shape {found.shape}, its config asks for {shape}"
            raise unloadable(name, folder, why)
        if found.dtype.kind != "f" or not np.isfinite(found).all():
            raise unloadable(name, folder, f"{part} holds values that are no finite numbers")
    return tensors


def tensor_shapes(config: LlamaConfig) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the tensors that a LLaMA's weights consist of."""
    hidden, inner, size = config.hidden, config.inner, config.size
    layer = {
        "input_layernorm": (hidden,),
        "self_attn.q_proj": (config.heads * size, hidden),
        "self_attn.k_proj": (config.groups * size, hidden),
        "self_attn.v_proj": (config.groups * size, hidden),
        "self_attn.o_proj": (hidden, config.heads * size),
        "post_attention_layernorm": (hidden,),
        "mlp.gate_proj": (inner, hidden),
        "mlp.up_proj": (inner, hidden),
        "mlp.down_proj": (hidden, inner),
    }
    shapes: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (config.vocabulary, hidden),
        "model.norm.weight": (hidden,),
    }
    for number in range(config.layers):
        shapes |= {f"model.layers.{number}.{part}.weight": layer[part] for part in layer}
    if not config.tied:
        shapes["lm_head.weight"] = (config.vocabulary, hidden)
    return shapes


def _layer(config: LlamaConfig, tensors: Mapping[str, np.ndarray], number: int) -> Layer:
    def part(name: str) -> np.ndarray:
        return _float32(tensors[f"model.layers.{number}.{name}.weight"].T)

    queries = part("self_attn.q_proj") / np.float32(np.sqrt(config.size))
    keys_values = part("self_attn.k_proj"), part("self_attn.v_proj")
    return Layer(
        part("input_layernorm"),
        np.concatenate([queries, *keys_values], axis=1),
        part("self_attn.o_proj"),
        part("post_attention_layernorm"),
        np.concatenate([part("mlp.gate_proj"), part("mlp.up_proj")], axis=1),
        part("mlp.down_proj"),
    )


def _float32(array: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(array, np.float32)
