"""The reward model's file: a header with LightGBM's text in it, and plain arrays."""

import io
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from core.model_archive import Kind, digest, read_boosters
from core.prompts import Prompt
from core.query import is_text
from core.reward.deviations import SHAPE_TERMS, Deviations, Scaler
from core.reward.difficulty import FOLDS, Means, boosters_to_text
from core.reward.features import ARITHMETIC, Describer
from core.reward.memory import Memory
from core.reward.model import RewardModel

KIND = Kind("reward model", 1, 200_000_000, "Train it again with `python -m core train`.")
_ARRAY = ".npy"
_LARGEST, _SMALLEST_DIVISOR = 1e9, 1e-30
"""Bounds of all numbers, far from any that is learned; within them every chance is a number."""


def save(model: RewardModel, path: Path) -> None:
    """Write ``model`` to ``path`` without pickle; equal models give equal bytes."""
    header = {
        "prompts": [_plain(prompt) for prompt in model.prompts],
        "description": model.description,
        "terms": model.describer.terms,
        "slope": model.deviations.slope,
        "centre": model.scaler.centre,
        "spread": model.scaler.spread,
        "boosters": (texts := boosters_to_text(model.means)),
        "boosters_sha256": digest(texts),
    }
    arrays = {name + _ARRAY: _to_bytes(array) for name, array in _arrays(model).items()}
    KIND.write(path, header, arrays)


def _plain(prompt: Prompt) -> dict[str, str]:
    """A prompt's fields; whom it is put to only where a log has several LLMs."""
    return {name: value for name, value in asdict(prompt).items() if value or name != "llm"}


def _arrays(model: RewardModel) -> dict[str, np.ndarray]:
    return {
        "idf": model.describer.idf,
        "components": model.describer.components,
        "component_scale": model.describer.component_scale,
        "mean": model.describer.mean,
        "feature_scale": model.describer.scale,
        "scale": model.scaler.scale,
        "offsets": model.deviations.offsets,
        "weights": model.deviations.weights,
        "variance": model.deviations.variance,
        "offset_variance": model.deviations.offset_variance,
        "keys": model.memory.keys,
        "effects": model.memory.effects,
    }


def _to_bytes(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def load(path: Path) -> RewardModel:
    """Read the model at ``path``.

    Raises:
        ArtifactError: the file is missing, damaged, of another kind or of a future version.
    """
    with KIND.reading(path) as (header, members):
        return _build(header, members)


def _build(header: dict[str, Any], members: Mapping[str, bytes]) -> RewardModel:
    arrays = {
        name.removesuffix(_ARRAY): np.load(io.BytesIO(data), allow_pickle=False)
        for name, data in members.items()
        if name.endswith(_ARRAY)
    }
    prompts = tuple(Prompt(**fields) for fields in header["prompts"])
    _check_fields(header, prompts)
    _check_arrays(arrays, len(prompts), len(header["terms"]))
    means = Means(
        read_boosters(header["boosters"], header["boosters_sha256"], len(arrays["scale"]))
    )
    return RewardModel(
        prompts,
        header["description"],
        Describer(
            tuple(header["terms"]),
            arrays["idf"],
            arrays["components"],
            arrays["component_scale"],
            arrays["mean"],
            arrays["feature_scale"],
        ),
        means,
        Scaler(arrays["scale"], float(header["centre"]), float(header["spread"])),
        Deviations(
            float(header["slope"]),
            arrays["offsets"],
            arrays["weights"],
            arrays["variance"],
            arrays["offset_variance"],
        ),
        Memory(arrays["keys"], arrays["effects"]),
    )


def _check_fields(header: dict[str, Any], prompts: tuple[Prompt, ...]) -> None:
    """Raise ValueError unless the header's values are of their kind."""
    ids = [prompt.id for prompt in prompts]
    terms, boosters = header["terms"], header["boosters"]
    texts = [*(text for prompt in prompts for text in asdict(prompt).values()), *terms, *boosters]
    if not all(isinstance(text, str) and is_text(text) for text in texts):
        raise ValueError("a prompt, term or booster is no text")
    if len({bool(prompt.llm) for prompt in prompts}) != 1:
        raise ValueError("it has no prompt, or some are put to an LLM of theirs and others are not")
    if len(set(ids)) < len(ids) or len(set(terms)) < len(terms):
        raise ValueError("a prompt id or a term occurs twice")
    if len(boosters) not in (0, FOLDS):
        raise ValueError(f"{len(boosters)} boosters, expected {FOLDS} or none")
    if not all(abs(header[name]) <= _LARGEST for name in ("slope", "centre", "spread")):
        raise ValueError("slope, centre or spread is not finite or too large")
    if header["spread"] < _SMALLEST_DIVISOR or not isinstance(header["description"], dict):
        raise ValueError("spread or description is out of range")


def _check_arrays(arrays: dict[str, np.ndarray], prompts: int, terms: int) -> None:
    """Raise ValueError unless all arrays are finite and fit together."""
    dimensions = arrays["components"].shape[-1]
    features = dimensions + len(ARITHMETIC)
    inputs, logged = features + SHAPE_TERMS, len(arrays["keys"])
    shapes = {
        "idf": (terms,),
        "components": (terms, dimensions),
        "component_scale": (dimensions,),
        "mean": (len(ARITHMETIC),),
        "feature_scale": (len(ARITHMETIC),),
        "scale": (features,),
        "offsets": (prompts,),
        "weights": (inputs, prompts),
        "variance": (inputs, prompts),
        "offset_variance": (prompts,),
        "keys": (logged,),
        "effects": (logged, prompts),
    }
    for name, shape in shapes.items():
        array = arrays[name]
        if array.shape != shape:
            raise ValueError(f"{name} has shape {array.shape}, expected {shape}")
        if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            raise ValueError(f"{name} is not made of finite numbers")
        ends = () if name == "keys" or not array.size else (array.min(), array.max())
        if any(abs(float(end)) > _LARGEST for end in ends):
            raise ValueError(f"a number of {name} is too large")
    for name in ("idf", "feature_scale", "scale"):
        if (arrays[name] < _SMALLEST_DIVISOR).any():
            raise ValueError(f"{name} is not positive")
    for name in ("variance", "offset_variance"):
        if (arrays[name] < 0).any():
            raise ValueError(f"{name} is negative")
    keys = arrays["keys"]
    if keys.dtype != np.uint64 or (keys[1:] <= keys[:-1]).any():
        raise ValueError("keys are not sorted hashes")
