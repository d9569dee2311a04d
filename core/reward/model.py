"""The reward model as one object: fit and predict."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from core import boosting
from core.errors import DataError
from core.prompts import Prompt, check_distinct
from core.reward.blocks import blocks
from core.reward.counts import count
from core.reward.deviations import Deviations, Scaler, fit_deviations
from core.reward.difficulty import Means, fit_means, log_odds, sigmoid
from core.reward.features import Describer, tokens
from core.reward.memory import Memory, fit_memory
from core.reward.one_thread import one_blas_thread
from core.reward.wording import blend

MOST_UNKNOWN = 0.4
"""Share of a question's words that may be unknown before it counts as unlike the log."""
_TWO_SIDED_95 = 1.96


@dataclass(frozen=True)
class Prediction:
    """Chances of a correct answer, arrays of shape (queries, prompts).

    ``lower`` and ``upper`` bound the model's estimate of the share of such queries that the LLM
    would answer correctly (95 %): disagreement of the ensemble, posterior variance of the prompt's
    offset and deviation and, for a prompt never logged, of its wording. They do not bound the
    luck of a single answer.
    """

    probability: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


@dataclass(frozen=True)
class RewardModel:
    """(query, prompt) to P(correct), learned from a log.

    Attributes:
        prompts: The logged prompts.
        description: What it was trained from and how; plain JSON values.
    """

    prompts: tuple[Prompt, ...]
    description: dict[str, Any]
    describer: Describer
    means: Means
    scaler: Scaler
    deviations: Deviations
    memory: Memory
    _index: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", self.describer.index())

    @classmethod
    def fit(
        cls,
        demonstrations: pd.DataFrame,
        prompts: Sequence[Prompt],
        *,
        label: str = "correct",
        seed: int = 0,
        fit_booster: boosting.Fit = boosting.fit,
    ) -> "RewardModel":
        """Learn from a log.

        Args:
            demonstrations: One row per (dataset, split, query_id, prompt_id) with the query's text
                and ``label``; not every prompt need be logged on every query.
            prompts: Those that occur in it.
            label: Column that says whether the answer was right.
            seed: The same seed and log give the same model, byte for byte.
            fit_booster: Fits each booster of the difficulty, on this machine by default.

        Raises:
            DataError: the log cannot be learned from; the message names value and row.
        """
        with one_blas_thread():
            return cls._fit(demonstrations, tuple(prompts), label, seed, fit_booster)

    @classmethod
    def _fit(
        cls,
        demonstrations: pd.DataFrame,
        prompts: tuple[Prompt, ...],
        label: str,
        seed: int,
        fit_booster: boosting.Fit,
    ) -> "RewardModel":
        counts = count(demonstrations, prompts, label)
        describer = Describer.fit(counts.queries, seed)
        features = describer.describe(counts.queries, describer.index())
        share = (counts.right.sum(axis=0) + 1) / (counts.trials.sum(axis=0) + 2)
        means, difficulty = fit_means(counts, features, log_odds(share), seed, fit_booster)
        scaler = Scaler.fit(
            features, difficulty, counts.trials.sum(axis=1), describer.components.shape[1]
        )

        def design(rows: slice) -> np.ndarray:
            return scaler.design(features[rows], difficulty[rows], describer)

        deviations = fit_deviations(counts, design, difficulty)
        logits = [
            deviations.predict(design(rows), difficulty[rows]) for rows in blocks(len(difficulty))
        ]
        memory = fit_memory(counts, np.vstack(logits), seed)
        description = {
            "label": label,
            "seed": seed,
            "demonstrations": len(demonstrations),
            "queries": len(counts.queries),
            "llm": sorted({str(name) for name in _distinct(demonstrations, "llm")}),
            "datasets": sorted({str(name) for name in _distinct(demonstrations, "dataset")}),
            "lightgbm": version("lightgbm"),
            "scikit-learn": version("scikit-learn"),
        }
        return cls(tuple(prompts), description, describer, means, scaler, deviations, memory)

    def strange_words(self, query: str) -> tuple[str, ...]:
        """The words of a question that the log did not teach, where these are very many.

        Of the questions of the shipped logs one in a hundred or fewer has so many; such a question
        is unlike those that the chances were learned from, or in another language.
        """
        words = [token for token in tokens(query) if token.isalpha()]
        unknown = [word for word in words if word not in self._index]
        return tuple(dict.fromkeys(unknown)) if len(unknown) > MOST_UNKNOWN * len(words) else ()

    def predict(
        self, queries: Sequence[str], prompts: Sequence[Prompt] | None = None
    ) -> Prediction:
        """Score prompts for queries.

        Args:
            queries: Questions; any text that is not empty.
            prompts: What to score, by default the logged ones. A prompt whose id was never logged
                is scored by its wording.

        Raises:
            DataError: a question is empty or no text, or a prompt id is given twice.
        """
        prompts = self.prompts if prompts is None else prompts
        check_distinct(prompts)
        if isinstance(queries, str):
            raise DataError("Queries must come as a list of texts, even a single one.")
        for row, query in enumerate(queries):
            if not isinstance(query, str) or not query.strip():
                raise DataError(f"Query {row + 1} is {query!r}; it must be a text, not empty.")
        if not len(queries):
            return Prediction(*np.zeros((3, 0, len(prompts))))
        if len(apart := list(blocks(len(queries)))) > 1:
            parts = [self.predict(queries[rows], prompts) for rows in apart]
            return Prediction(
                *(
                    np.vstack([getattr(part, name) for part in parts])
                    for name in ("probability", "lower", "upper")
                )
            )
        features = self.describer.describe(queries, self._index)
        difficulty, disagreement = self.means.predict(features)
        design = self.scaler.design(features, difficulty, self.describer)
        deviation = design @ self.deviations.weights + self.memory.recall(queries)
        variance = self.deviations.uncertainty(design)
        logit, variance = self._for_prompts(deviation, variance, prompts)
        logit += self.deviations.slope * difficulty[:, None]
        variance = variance + (self.deviations.slope * disagreement[:, None]) ** 2
        reach = _TWO_SIDED_95 * np.sqrt(variance)
        return Prediction(sigmoid(logit), sigmoid(logit - reach), sigmoid(logit + reach))

    def _for_prompts(
        self, deviation: np.ndarray, variance: np.ndarray, prompts: Sequence[Prompt]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Offset plus deviation of the asked prompts: picked where logged, blended where not."""
        position = {prompt.id: place for place, prompt in enumerate(self.prompts)}
        offsets = self.deviations.offsets
        logit = offsets + deviation
        new = [prompt for prompt in prompts if prompt.id not in position]
        if new:
            mix = blend(self.prompts, offsets, new)
            blended = offsets @ mix.weights.T + deviation @ mix.deviation_weights.T
            logit = np.hstack([logit, blended])
            variance = np.hstack([variance, variance @ (mix.weights**2).T + mix.variance])
            position |= {prompt.id: len(self.prompts) + i for i, prompt in enumerate(new)}
        columns = [position[prompt.id] for prompt in prompts]
        return logit[:, columns], variance[:, columns]


def _distinct(table: pd.DataFrame, column: str) -> list[Any]:
    return table[column].unique().tolist() if column in table.columns else []
