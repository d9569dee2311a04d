"""Learn a verifier from answers with labels."""

import numpy as np

from core import boosting
from core.logs.answers import LabelledAnswers
from core.logs.matrix import LogMatrix
from core.policies.verifier.features import FEATURES, read
from core.policies.verifier.model import Verifier

_PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 50,
    "lambda_l2": 5.0,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.7,
    "bagging_freq": 1,
    "max_bin": 63,
}
_ROUNDS = 150
FEWEST = 100
"""Answers that a first split takes; with a few, of which it draws a part, LightGBM fails."""


def _read_more(more: LabelledAnswers | None) -> tuple[np.ndarray, np.ndarray]:
    """Features and labels of single answers, those without a number left out."""
    if more is None:
        return np.zeros((0, len(FEATURES))), np.zeros(0, dtype=bool)
    rows = [read(*one) for one in zip(more.query, more.text, more.answer, strict=True)]
    kept = np.array([row is not None for row in rows], dtype=bool)
    table = np.array([row for row in rows if row is not None]).reshape(-1, len(FEATURES))
    return table, more.correct[kept]


class Training:
    """The answers of a log, read once for all verifiers that learn from some of them.

    Args:
        log: With answers.
        more: Answers to other queries, to learn from as well; None without any.
    """

    def __init__(self, log: LogMatrix, more: LabelledAnswers | None) -> None:
        answers, texts = log.said()
        self._correct = log.correct
        self._table = np.full((*answers.shape, len(FEATURES)), np.nan)
        self._readable = np.zeros(answers.shape, dtype=bool)
        for number, query in enumerate(log.query):
            for prompt, (text, answer) in enumerate(
                zip(texts[number], answers[number], strict=True)
            ):
                row = read(str(query), text, answer)
                if row is not None:
                    self._table[number, prompt], self._readable[number, prompt] = row, True
        self._more, self._more_correct = _read_more(more)

    def fit(self, queries: np.ndarray, *, seed: int) -> Verifier | None:
        """Learn from all answers to some queries of the log, and from those to other queries.

        Where fewer than ``FEWEST`` of them have a text and a number there is no verifier.

        Args:
            queries: Which, shape (queries,), bool.
            seed: The same seed and answers give the same verifier.
        """
        chosen = self._readable & queries[:, None]
        table = np.vstack([self._table[chosen], self._more])
        right = np.concatenate([self._correct[chosen], self._more_correct])
        if len(right) < FEWEST:
            return None
        return Verifier(boosting.fit(_PARAMETERS | {"seed": seed}, table, right, _ROUNDS))

    def unseen_chances(self, reward: np.ndarray, fold: np.ndarray, *, seed: int) -> np.ndarray:
        """P(right) of all answers of the log from verifiers that did not see their query's fold.

        Args:
            reward: Stands in where an answer has no text or no number, shape (queries, prompts).
            fold: Of each query, shape (queries,).
            seed: Of the verifiers.

        Returns:
            Shape (queries, prompts).
        """
        chances = reward.copy()
        for number in np.unique(fold):
            held = self._readable & (fold == number)[:, None]
            verifier = self.fit(fold != number, seed=seed) if held.any() else None
            if verifier is not None:
                chances[held] = verifier.chances(self._table[held])
        return chances
