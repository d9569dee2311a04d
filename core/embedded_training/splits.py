"""Which published questions train the embedded LLM and which never do.

The clean protocol keeps questions together that differ in their numbers alone. Here the net is
finer: questions whose words are nearly the same, such as the variants of one SVAMP question or a
MAWPS question that ASDiv has with another name, are one group and go to one part as a whole.
"""

import hashlib
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

import numpy as np
import pandas as pd

from core.embedded_training.published_templates import Template, read_equation
from core.logs import download
from core.query import masked

Part = Literal["train", "development", "test"]

_FOLDER = "arkilpatel/SVAMP/689d7ccac74b9983a2ac7cc3b264f441b99e7c53/data"
_SETS = {"mawps": "cv_mawps", "asdiv": "cv_asdiv-a", "svamp": "cv_svamp_augmented"}
_NEAR_DUPLICATE = 0.8
"""Cosine of two questions' sets of words from which on they count as variants of one."""
_TEST_SHARE, _DEVELOPMENT_SHARE = 0.2, 0.04


@lru_cache(maxsize=1)
def templates() -> dict[Part, list[Template]]:
    """The distinct published questions with a usable equation, by part.

    Raises:
        MissingDataError: the published files are not on this machine.
    """
    found = _distinct()
    parts: dict[Part, list[Template]] = {"train": [], "development": [], "test": []}
    for template, group in zip(found, _groups([one.text for one in found]), strict=True):
        parts[_part(group)].append(template)
    return parts


def _distinct() -> list[Template]:
    found: dict[str, Template] = {}
    for source, folder in _SETS.items():
        for fold in range(5):
            # Every question is in the training part of four folds of the five.
            path = download.locate(f"{_FOLDER}/{folder}/fold{fold}/train.csv")
            for row in pd.read_csv(path, dtype=str).itertuples():
                found.setdefault(row.Question, _template(row, source))
    return list(found.values())


def _template(row: Any, source: str) -> Template:
    return Template(
        row.Question,
        tuple(Fraction(number) for number in row.Numbers.split()),
        read_equation(row.Equation),
        row.Answer,
        source,
    )


def _groups(texts: list[str]) -> list[str]:
    """The text that stands for each question's group: the first of its near-duplicates."""
    from scipy.sparse.csgraph import connected_components
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.preprocessing import normalize

    words = CountVectorizer(binary=True, token_pattern=r"#|\w+").fit_transform(map(masked, texts))
    unit = normalize(words.astype(float))
    close = (unit @ unit.T) >= _NEAR_DUPLICATE
    _, labels = connected_components(close, directed=False)
    first = pd.Series(np.arange(len(texts))).groupby(labels).transform("first")
    return [texts[place] for place in first]


def _part(group: str) -> Part:
    """The same part for the same group on every machine and in every run."""
    share = int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) / 16**8
    if share < _TEST_SHARE:
        return "test"
    return "development" if share < _TEST_SHARE + _DEVELOPMENT_SHARE else "train"
