"""The shape of a LLaMA as its config.json gives it, where ``llama_numpy`` can compute it."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.llms.base import LLMError
from core.llms.local.checks import refusal, refuse_quantised

_ONLY = {
    "model_type": "llama",
    "hidden_act": "silu",
    "attention_bias": False,
    "mlp_bias": False,
    "rope_scaling": None,
}
"""Fields with the one value that is computed; the first must be there, the others have it as
their default."""
_ROPE_ONLY = {"rope_type": "default", "partial_rotary_factor": 1.0}
_SIZES = (
    "vocab_size",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "max_position_embeddings",
)
_MOST = 2**20
"""Of any size; the longest contexts that models are made for have so many tokens."""


@dataclass(frozen=True)
class LlamaConfig:
    """Sizes and constants of a LLaMA.

    Attributes:
        vocabulary: Tokens.
        hidden: Width between the layers.
        inner: Width inside the feed-forward part.
        layers: Number of layers.
        heads: Attention heads of the queries.
        groups: Attention heads of keys and values, each shared by ``heads / groups`` of them.
        size: Width of a head.
        context: Most tokens of a text.
        epsilon: Added to the mean square in RMSNorm.
        theta: Base of the rotary embeddings' wavelengths.
        tied: Whether the output layer is the table of token embeddings.
    """

    vocabulary: int
    hidden: int
    inner: int
    layers: int
    heads: int
    groups: int
    size: int
    context: int
    epsilon: float
    theta: float
    tied: bool


def read_config(path: Path, name: str) -> LlamaConfig:
    """Read a config.json of the Hugging Face layout.

    Args:
        path: The file.
        name: Of the LLM, for messages.

    Raises:
        LLMError: the file is damaged, or the model is none that is computed here; the message
            names the field, its value and what is allowed.
    """
    refuse_quantised(path, name)
    stored = json.loads(path.read_text("utf-8"))
    _require({"model_type": None} | stored, _ONLY, name)
    rope = stored.get("rope_parameters") or {}
    if not isinstance(rope, dict):
        raise _refused(name, "rope_parameters", rope, "an object")
    _require(rope, _ROPE_ONLY, name)
    sizes = {field: _count(stored, field, name) for field in _SIZES}
    heads = sizes["num_attention_heads"]
    whole = {"num_key_value_heads": heads, "head_dim": sizes["hidden_size"] // heads}
    given = whole | {field: stored[field] for field in whole if stored.get(field) is not None}
    groups, size = (_count(given, field, name) for field in whole)
    if heads % groups:
        raise _refused(name, "num_key_value_heads", groups, f"a divisor of {heads} attention heads")
    if size % 2:
        raise _refused(name, "head_dim", size, "an even number")
    return LlamaConfig(
        *(sizes[field] for field in _SIZES[:-1]),
        groups,
        size,
        sizes["max_position_embeddings"],
        _positive(stored, "rms_norm_eps", 1e-6, name),
        _positive(stored | rope, "rope_theta", 10_000.0, name),
        bool(stored.get("tie_word_embeddings", False)),
    )


def _require(stored: dict[str, Any], only: dict[str, Any], name: str) -> None:
    """Raise LLMError for a field with another value than the one that is computed."""
    for field, value in only.items():
        if stored.get(field, value) != value:
            raise _refused(name, field, stored[field], f"{value!r} alone")


def _count(stored: dict[str, Any], field: str, name: str) -> int:
    value = stored.get(field)
    if type(value) is not int or not 1 <= value <= _MOST:
        raise _refused(name, field, value, f"a whole number from 1 to {_MOST:,}")
    return value


def _positive(stored: dict[str, Any], field: str, default: float, name: str) -> float:
    value = stored.get(field, default)
    if type(value) not in (int, float) or not 0 < value < float("inf"):
        raise _refused(name, field, value, "a number above 0")
    return float(value)


def _refused(name: str, field: str, value: object, allowed: str) -> LLMError:
    return refusal(
        "bad request",
        f"config.json of {name} has {field} {value!r}; it is computed with {allowed}. Another kind "
        "of model can be asked by its folder, as hf:/a/folder.",
    )
