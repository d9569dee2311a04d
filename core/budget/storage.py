"""The budget model's file: a zip of a JSON header and LightGBM's text. Nothing in it is executed.

Equal models give equal bytes: members have a fixed order and date.
"""

import hashlib
import json
import math
import zipfile
import zlib
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from core.budget.evidence import STATE_FEATURES, VOTE_FEATURES
from core.budget.model import BudgetModel
from core.errors import ArtifactError

FORMAT = "prompt-oirl budget model"
VERSION = 1
_DATE = (2024, 1, 1, 0, 0, 0)
_MOST_BYTES = 20_000_000
"""Of all members together; a larger file is no budget model of this program."""
_BOOSTERS = {"vote": len(VOTE_FEATURES), "gain": len(STATE_FEATURES) + 1}
"""Boosters with the number of features that they read."""


def save(model: BudgetModel, path: Path) -> None:
    """Write ``model`` to ``path``."""
    texts = {name: getattr(model, name).model_to_string() for name in _BOOSTERS}
    header = {
        "format": FORMAT,
        "version": VERSION,
        "prompts": model.prompts,
        "order": model.order,
        "opening": model.opening.tolist(),
        "prices": model.prices.tolist(),
        "calls": model.calls.tolist(),
        "description": model.description,
        "sha256": {name: _digest(text) for name, text in texts.items()},
    }
    with zipfile.ZipFile(path, "w") as archive:
        _write(archive, "header.json", json.dumps(header, sort_keys=True))
        for name, text in texts.items():
            _write(archive, f"{name}.txt", text)


def _write(archive: zipfile.ZipFile, name: str, text: str) -> None:
    member = zipfile.ZipInfo(name, _DATE)
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, text.encode())


def load(path: Path) -> BudgetModel:
    """Read the model at ``path``.

    Raises:
        ArtifactError: the file is missing, damaged, of another kind or of a future version.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > _MOST_BYTES:
                raise ArtifactError(f"{path.name} is too large to be a budget model.")
            header = json.loads(archive.read("header.json"))
            _check_header(header, path)
            texts = {name: archive.read(f"{name}.txt").decode() for name in _BOOSTERS}
        return _build(header, texts)
    except FileNotFoundError:
        raise ArtifactError(f"There is no budget model {path}.") from None
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
        lgb.basic.LightGBMError,
    ) as error:
        # Zip, JSON, field and booster errors of a damaged file; all mean the same to users.
        raise ArtifactError(f"{path.name} is damaged or no budget model: {error}.") from error


def _check_header(header: Any, path: Path) -> None:
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        raise ArtifactError(f"{path.name} is not a budget model.")
    if header.get("version") != VERSION:
        raise ArtifactError(
            f"{path.name} has format version {header.get('version')!r}; this program reads "
            f"{VERSION}. Make it again with `python -m core precompute`."
        )


def _build(header: dict[str, Any], texts: dict[str, str]) -> BudgetModel:
    _check_fields(header)
    boosters = {}
    for name, text in texts.items():
        if _digest(text) != header["sha256"][name]:
            # LightGBM trusts its text and ends the whole process over a damaged one.
            raise ValueError(f"the booster {name} is not the one that was saved")
        boosters[name] = lgb.Booster(model_str=text)
        if boosters[name].num_feature() != _BOOSTERS[name]:
            raise ValueError(f"the booster {name} takes {boosters[name].num_feature()} features")
    return BudgetModel(
        tuple(header["prompts"]),
        tuple(header["order"]),
        boosters["vote"],
        boosters["gain"],
        np.array(header["opening"], dtype=float),
        np.array(header["prices"], dtype=float),
        np.array(header["calls"], dtype=float),
        header["description"],
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _check_fields(header: dict[str, Any]) -> None:
    """Raise ValueError unless the header's values are of their kind and fit together."""
    prompts, prices, calls = header["prompts"], header["prices"], header["calls"]
    if not all(isinstance(name, str) for name in prompts) or len(set(prompts)) < len(prompts):
        raise ValueError("a prompt id is no text or occurs twice")
    if sorted(header["order"]) != list(range(len(prompts))) or not prompts:
        raise ValueError("the order does not name every prompt once")
    if len(prices) != len(calls) or not prices or len(header["opening"]) != len(prompts):
        raise ValueError("prices, calls or opening have another number of values")
    if not all(0 <= value <= 1 for value in header["opening"]):
        raise ValueError("the opening is no list of shares")
    if not all(math.isfinite(value) for value in (*prices, *calls)):
        raise ValueError("a price or a number of calls is not finite")
    if sorted(prices, reverse=True) != prices or sorted(calls) != calls:
        raise ValueError("the dial is not sorted")
    if not isinstance(header["description"], dict):
        raise ValueError("the description is out of range")
