"""The budget model's file: a header and the text of its boosters."""

from pathlib import Path
from typing import Any

import numpy as np

from core.model_archive import Kind, digest, read_boosters
from core.policies.budget.evidence import STATE_FEATURES, VOTE_FEATURES
from core.policies.budget.model import BATCHES, FIRST, UNITS, BudgetModel
from core.policies.verifier import Verifier
from core.policies.verifier.features import FEATURES

KIND = Kind("budget model", 4, 20_000_000, "Make it again with `python -m core train --budget`.")
_BOOSTERS = {
    "vote": len(VOTE_FEATURES),
    "gain": len(STATE_FEATURES) + 1,
}
"""Boosters with the number of features that they read."""
_VERIFIER = {"verifier": len(FEATURES)}
"""The same of one that a model learned from a log without texts does not have."""


def save(model: BudgetModel, path: Path) -> None:
    """Write ``model`` to ``path``; equal models give equal bytes."""
    boosters = {"vote": model.vote, "gain": model.gain}
    if model.verifier is not None:
        boosters["verifier"] = model.verifier.booster
    texts = {name: booster.model_to_string() for name, booster in boosters.items()}
    header = {
        "prompts": model.prompts,
        "order": model.order,
        "first": model.first,
        "opening": model.opening.tolist(),
        "prices": model.prices.tolist(),
        "calls": model.calls.tolist(),
        "description": model.description,
        "sha256": {name: digest([text]) for name, text in texts.items()},
    }
    KIND.write(path, header, {f"{name}.txt": text.encode() for name, text in texts.items()})


def load(path: Path) -> BudgetModel:
    """Read the model at ``path``.

    Raises:
        ArtifactError: the file is missing, damaged, of another kind or of a future version.
    """
    with KIND.reading(path) as (header, members):
        _check_fields(header)
        boosters = {}
        known = _BOOSTERS | (_VERIFIER if "verifier" in header["sha256"] else {})
        for name, features in known.items():
            text = members[f"{name}.txt"].decode()
            (boosters[name],) = read_boosters([text], header["sha256"][name], features)
        return BudgetModel(
            tuple(header["prompts"]),
            tuple(map(int, header["order"])),
            header["first"],
            Verifier(boosters["verifier"]) if "verifier" in boosters else None,
            boosters["vote"],
            boosters["gain"],
            np.array(header["opening"], dtype=float),
            np.array(header["prices"], dtype=float),
            np.array(header["calls"], dtype=float),
            header["description"],
        )


def _check_fields(header: dict[str, Any]) -> None:
    """Raise ValueError unless the header's values are of their kind and fit together."""
    prompts, prices, calls = header["prompts"], header["prices"], header["calls"]
    if not all(isinstance(name, str) for name in prompts) or len(set(prompts)) < len(prompts):
        raise ValueError("a prompt id is no text or occurs twice")
    if sorted(header["order"]) != list(range(len(prompts))) or not prompts:
        raise ValueError("the order does not name every prompt once")
    if header["first"] not in FIRST:
        raise ValueError("the first prompt is chosen in an unknown way")
    shapes = {
        "prices": (len(prices),),
        "calls": (len(UNITS), len(BATCHES), len(prices)),
        "opening": (len(prompts), 2),
    }
    for name, shape in shapes.items():
        values = np.array(header[name], dtype=float)
        if values.shape != shape or not len(prices):
            raise ValueError(f"{name} has another number of values")
        if not np.isfinite(values).all():
            raise ValueError(f"a value of {name} is not finite")
    if sorted(prices, reverse=True) != prices or (np.diff(calls) < 0).any():
        raise ValueError("the dial is not sorted")
    if not isinstance(header["description"], dict):
        raise ValueError("the description is out of range")
