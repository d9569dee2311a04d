"""Numbers that describe a question, without any model to download.

Two views side by side: what the question is about (TF-IDF of words and word pairs with every
number masked, reduced by truncated SVD, that is latent semantic analysis, Deerwester et al. 1990)
and its arithmetic (how many numbers, how large, which operation words and units, how long).
Fitting uses scikit-learn; describing a question afterwards needs NumPy alone.
"""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np

from core.query import masked
from core.reward.blocks import blocks

TERMS = 6000
DIMENSIONS = 128
_FEWEST_QUERIES_PER_TERM = 3
_MOST_TEXTS = 100_000
"""From so many texts words and directions are learned; more would not change them much."""

_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")
_SPACED = re.compile(r" (?=[.,?!;:'%])")
_TOKEN = re.compile(r"#|\w+|[$%?/]")
_MOST_CHARACTERS_PER_NUMBER = 15
"""Longer runs of digits are identifiers, not quantities."""
_SMALLEST_SPREAD = 1e-6
"""A feature that is constant in a log spreads by rounding errors; dividing by those would turn any
other value into an enormous one."""

_WORDS = {
    "add": "total altogether sum combined together both all",
    "subtract": "left remain remaining difference fewer less than lost gave away spent",
    "multiply": "each every per times twice double triple",
    "divide": "half third quarter split share shared equally divided average",
    "more": "more",
    "time": "hour hours minute minutes day days week weeks month months year years",
    "measure": "mile miles feet foot inch inches pound pounds ounce ounces gallon gallons",
    "money": "dollar dollars cent cents percent price cost costs",
    "compare": "than as",
    "condition": "if",
    "order": "then after before first next initially originally",
}
_PHRASES = {"how-many": r"how many", "how-much": r"how much"}
_PATTERNS = tuple(
    re.compile(rf"\b(?:{'|'.join(words.split())})\b") for words in _WORDS.values()
) + tuple(re.compile(rf"\b{phrase}\b") for phrase in _PHRASES.values())

ARITHMETIC = (
    "numbers",
    "log-largest",
    "log-smallest",
    "log-mean",
    "decimals",
    "large-numbers",
    "distinct-numbers",
    "percentages",
    "dollar-signs",
    "slashes",
    "log-characters",
    "log-words",
    "sentences",
    "commas",
    "question-marks",
    "word-length",
    *_WORDS,
    *_PHRASES,
)
"""Names of the arithmetic features, in their order."""
LOG_WORDS = ARITHMETIC.index("log-words")


def tokens(query: str) -> list[str]:
    """Words, number masks and signs of a question, then the pairs of neighbours."""
    single = _TOKEN.findall(masked(query))
    return single + [f"{left} {right}" for left, right in pairwise(single)]


def arithmetic(query: str) -> list[float]:
    """The features named in ``ARITHMETIC``; all finite for any text."""
    text = query.lower()
    # Data sets differ in how they space punctuation and write whole numbers ("3.0"); a person's
    # question must not look easy or hard for its typography.
    plain = _SPACED.sub("", masked(query))
    words = plain.split()
    found = [
        digits for digits in _NUMBER.findall(text) if len(digits) <= _MOST_CHARACTERS_PER_NUMBER
    ]
    numbers = [float(digits.replace(",", "")) for digits in found]
    return [
        len(numbers),
        math.log1p(max(numbers, default=0.0)),
        math.log1p(min(numbers, default=0.0)),
        math.log1p(sum(numbers) / len(numbers)) if numbers else 0.0,
        sum(number != int(number) for number in numbers),
        sum(number >= 100 for number in numbers),
        len(set(numbers)),
        text.count("%") + text.count("percent"),
        text.count("$"),
        text.count("/"),
        math.log1p(len(plain)),
        math.log1p(len(words)),
        plain.count("."),
        plain.count(","),
        plain.count("?"),
        sum(map(len, words)) / len(words) if words else 0.0,
        *(len(pattern.findall(text)) for pattern in _PATTERNS),
    ]


@dataclass(frozen=True)
class Describer:
    """Turns questions into feature vectors, the way the training log taught it.

    Attributes:
        terms: Vocabulary, sorted.
        idf: Inverse document frequencies, shape (terms,).
        components: Directions of the truncated SVD in 8-bit steps, shape (terms, dimensions).
        component_scale: Size of a step in each direction, shape (dimensions,).
        mean, scale: Of the arithmetic features in the training log, shape (features,).
    """

    terms: tuple[str, ...]
    idf: np.ndarray
    components: np.ndarray
    component_scale: np.ndarray
    mean: np.ndarray
    scale: np.ndarray

    @classmethod
    def fit(cls, queries: Sequence[str], seed: int) -> "Describer":
        """Learn vocabulary, directions and scales; questions that differ in numbers count once."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = _some(sorted({masked(query) for query in queries}), seed)
        vectorizer = TfidfVectorizer(
            analyzer=tokens,
            sublinear_tf=True,
            max_features=TERMS,
            # A small log has few repeated words; it must not be left without any.
            min_df=min(_FEWEST_QUERIES_PER_TERM, 1 + len(texts) // 100),
            dtype=np.float32,
        )
        values = _all_arithmetic(queries)
        mean, scale = values.mean(axis=0), values.std(axis=0)
        del values
        try:
            matrix = vectorizer.fit_transform(texts)
        except ValueError:
            # No token at all, such as a log of emoji: the arithmetic features remain.
            components, names, idf = np.zeros((0, 0), np.float32), (), np.zeros(0, np.float32)
        else:
            names, idf = tuple(vectorizer.get_feature_names_out()), vectorizer.idf_
            components = np.zeros((len(names), 0), np.float32)
            dimensions = min(DIMENSIONS, min(matrix.shape) - 1)
            if dimensions > 0:
                svd = TruncatedSVD(dimensions, n_iter=3, random_state=seed).fit(matrix)
                components = svd.components_.T
        return cls(
            names,
            np.asarray(idf, dtype=np.float32),
            *_in_steps(components),
            mean,
            np.where(scale > _SMALLEST_SPREAD, scale, 1.0),
        )

    @property
    def width(self) -> int:
        """Features per question."""
        return self.components.shape[1] + len(ARITHMETIC)

    def index(self) -> Mapping[str, int]:
        """Position of each term."""
        return {term: position for position, term in enumerate(self.terms)}

    def describe(self, queries: Sequence[str], index: Mapping[str, int]) -> np.ndarray:
        """Feature vectors, shape (queries, width): SVD directions, then arithmetic ones.

        Args:
            queries: Any texts.
            index: What ``index()`` returns; the caller keeps it between calls.
        """
        dimensions = self.components.shape[1]
        features = np.zeros((len(queries), self.width), dtype=np.float32)
        for block in blocks(len(queries)):
            part = queries[block]
            # Questions repeat in logs, and those that differ in numbers alone share their words.
            known: dict[str, np.ndarray] = {}
            for row, query in enumerate(part, block.start):
                text = masked(query)
                if text not in known:
                    known[text] = self._semantic(text, index)
                features[row, :dimensions] = known[text]
            features[block, dimensions:] = (_all_arithmetic(part) - self.mean) / self.scale
        return features

    def _semantic(self, text: str, index: Mapping[str, int]) -> np.ndarray:
        counts = Counter(index[token] for token in tokens(text) if token in index)
        if not counts:
            return np.zeros(self.components.shape[1], dtype=np.float32)
        positions = np.fromiter(counts.keys(), dtype=np.int64)
        weights = 1 + np.log(np.fromiter(counts.values(), dtype=np.float32))
        weights *= self.idf[positions]
        weights /= np.linalg.norm(weights)
        return weights @ self.components[positions] * self.component_scale


def _all_arithmetic(queries: Sequence[str]) -> np.ndarray:
    """The arithmetic features of questions, shape (queries, features)."""
    numbers = chain.from_iterable(map(arithmetic, queries))
    shape = len(queries), len(ARITHMETIC)
    return np.fromiter(numbers, dtype=float, count=math.prod(shape)).reshape(shape)


def _some(texts: list[str], seed: int) -> list[str]:
    """All texts, or a random choice of ``_MOST_TEXTS``, in their order."""
    if len(texts) <= _MOST_TEXTS:
        return texts
    picked = np.random.default_rng(seed).choice(len(texts), _MOST_TEXTS, replace=False)
    return [texts[place] for place in np.sort(picked)]


def _in_steps(components: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Round each direction to 8-bit steps: a quarter of the file, and no less accurate choices."""
    if not components.size:
        return components.astype(np.int8), np.zeros(components.shape[1], np.float32)
    scale = np.abs(components).max(axis=0) / 127
    scale = np.where(scale > 0, scale, 1.0).astype(np.float32)
    return np.rint(components / scale).astype(np.int8), scale
