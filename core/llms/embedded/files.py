"""The files of the small LLM that comes with the project: its shape, weights and tokenizer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer


@dataclass(frozen=True)
class LlamaConfig:
    """Sizes and constants of a LLaMA whose output layer is its table of token embeddings.

    Attributes:
        vocabulary: Tokens.
        hidden: Width between the layers.
        layers: Number of layers.
        heads: Attention heads.
        context: Most tokens of a text.
        epsilon: Added to the mean square in RMSNorm.
        theta: Base of the rotary embeddings' wavelengths.
        end: The token that ends an answer.
    """

    vocabulary: int
    hidden: int
    layers: int
    heads: int
    context: int
    epsilon: float
    theta: float
    end: int

    @property
    def size(self) -> int:
        """Width of a head."""
        return self.hidden // self.heads


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


def read_config(folder: Path) -> LlamaConfig:
    """Read config.json as ``train-embedded`` writes it.

    Raises:
        OSError, ValueError, KeyError: the file is missing or damaged.
    """
    stored = json.loads((folder / "config.json").read_text("utf-8"))
    return LlamaConfig(
        stored["vocab_size"],
        stored["hidden_size"],
        stored["num_hidden_layers"],
        stored["num_attention_heads"],
        stored["max_position_embeddings"],
        stored["rms_norm_eps"],
        stored["rope_parameters"]["rope_theta"],
        stored["eos_token_id"],
    )


def read_weights(folder: Path, config: LlamaConfig) -> Weights:
    """Read model.safetensors of a folder.

    Raises:
        OSError, KeyError, ValueError, SafetensorError: it is missing, damaged or of another shape.
    """
    tensors = load_file(folder / "model.safetensors")
    embeddings = _float32(tensors["model.embed_tokens.weight"])
    if embeddings.shape != (config.vocabulary, config.hidden):
        raise ValueError(f"its embeddings have shape {embeddings.shape}")
    return Weights(
        embeddings,
        tuple(_layer(config, tensors, number) for number in range(config.layers)),
        _float32(tensors["model.norm.weight"]),
        np.ascontiguousarray(embeddings.T),
    )


def read_tokenizer(folder: Path) -> Tokenizer:
    """Read tokenizer.json; control tokens that stand in a text are encoded as plain text.

    Raises:
        OSError, ValueError: the file is missing or damaged.
    """
    text = (folder / "tokenizer.json").read_text("utf-8")
    try:
        tokenizer = Tokenizer.from_str(text)
    except Exception as error:  # tokenizers raises nothing narrower
        raise ValueError(f"tokenizer.json: {error}") from error
    tokenizer.encode_special_tokens = True
    return tokenizer


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
