"""The reward model's file: a zip of a JSON header, plain arrays and LightGBM's text.

Nothing in it is executed when it is read. Equal models give equal bytes: members have a fixed order
and date.
"""

import hashlib
import io
import json
import math
import tokenize
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import lightgbm as lgb
import numpy as np

from core.errors import ArtifactError
from core.features import ARITHMETIC, Describer
from core.prompts import Prompt
from core.reward.deviations import SHAPE_TERMS, Deviations, Scaler
from core.reward.means import FOLDS, boosters_from_text, boosters_to_text
from core.reward.memory import Memory

if TYPE_CHECKING:
    from core.reward.model import RewardModel

FORMAT = "prompt-oirl reward model"
VERSION = 1
_DATE = (2024, 1, 1, 0, 0, 0)
_MOST_BYTES = 200_000_000
"""Of all members together; a larger file is no reward model of this program."""


def save(model: "RewardModel", path: Path) -> None:
    """Write ``model`` to ``path``."""
    header = {
        "format": FORMAT,
        "version": VERSION,
        "prompts": [asdict(prompt) for prompt in model.prompts],
        "description": model.description,
        "terms": model.describer.terms,
        "slope": model.deviations.slope,
        "centre": model.scaler.centre,
        "spread": model.scaler.spread,
        "boosters": (texts := boosters_to_text(model.means)),
        "boosters_sha256": _digest(texts),
    }
    with zipfile.ZipFile(path, "w") as archive:
        _write(archive, "header.json", json.dumps(header, sort_keys=True).encode())
        for name, array in _arrays(model).items():
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            _write(archive, f"{name}.npy", buffer.getvalue())


def _arrays(model: "RewardModel") -> dict[str, np.ndarray]:
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


def _write(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    member = zipfile.ZipInfo(name, _DATE)
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, data)


def load(path: Path) -> "RewardModel":
    """Read the model at ``path``.

    Raises:
        ArtifactError: the file is missing, damaged, of another kind or of a future version.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MOST_BYTES:
                raise ArtifactError(f"{path.name} is too large to be a reward model.")
            header = json.loads(archive.read("header.json"))
            _check_header(header, path)
            arrays = {
                Path(name).stem: np.load(io.BytesIO(archive.read(name)), allow_pickle=False)
                for name in archive.namelist()
                if name.endswith(".npy")
            }
        return _build(header, arrays)
    except FileNotFoundError:
        raise ArtifactError(f"There is no reward model {path}.") from None
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        MemoryError,
        RuntimeError,
        SyntaxError,
        tokenize.TokenError,
        lgb.basic.LightGBMError,
    ) as error:
        # Zip, JSON, array, field and booster errors of a damaged file; all mean the same to users.
        raise ArtifactError(f"{path.name} is damaged or no reward model: {error}.") from error


def _check_header(header: Any, path: Path) -> None:
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ArtifactError(f"{path.name} is not a reward model.")
    if header.get("version") != VERSION:
        raise ArtifactError(
            f"{path.name} has format version {header.get('version')!r}; this program reads "
            f"{VERSION}. Train it again with `python -m core train`."
        )


def _build(header: dict[str, Any], arrays: dict[str, np.ndarray]) -> "RewardModel":
    from core.reward.model import RewardModel

    prompts = tuple(Prompt(**fields) for fields in header["prompts"])
    _check_fields(header, prompts)
    _check_arrays(arrays, len(prompts), len(header["terms"]))
    if _digest(header["boosters"]) != header["boosters_sha256"]:
        # LightGBM trusts its text and ends the whole process over a damaged one.
        raise ValueError("the boosters are not those that were saved")
    means = boosters_from_text(header["boosters"])
    for booster in means.boosters:
        # LightGBM is told not to check this again; it would read past the features.
        if booster.num_feature() != len(arrays["scale"]):
            raise ValueError(f"a booster takes {booster.num_feature()} features")
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


def _digest(texts: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def _check_fields(header: dict[str, Any], prompts: tuple[Prompt, ...]) -> None:
    """Raise ValueError unless the header's values are of their kind."""
    ids = [prompt.id for prompt in prompts]
    terms, boosters = header["terms"], header["boosters"]
    texts = [*ids, *(prompt.text for prompt in prompts), *terms, *boosters]
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("a prompt, term or booster is no text")
    if len(set(ids)) < len(ids) or len(set(terms)) < len(terms):
        raise ValueError("a prompt id or a term occurs twice")
    if len(boosters) not in (0, FOLDS):
        raise ValueError(f"{len(boosters)} boosters, expected {FOLDS} or none")
    if not all(math.isfinite(header[name]) for name in ("slope", "centre", "spread")):
        raise ValueError("slope, centre or spread is not finite")
    if header["spread"] <= 0 or not isinstance(header["description"], dict):
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
    for name in ("feature_scale", "scale"):
        if (arrays[name] <= 0).any():
            raise ValueError(f"{name} is not positive")
    for name in ("variance", "offset_variance"):
        if (arrays[name] < 0).any():
            raise ValueError(f"{name} is negative")
    keys = arrays["keys"]
    if keys.dtype != np.uint64 or (keys[1:] <= keys[:-1]).any():
        raise ValueError("keys are not sorted hashes")
