"""One log as matrices, a row per query and a column per prompt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd

from core.errors import DataError
from core.grading.final_answer import canonical, grade, published_extract
from core.grading.repair import repair
from core.prompts import Prompt
from core.query import masked

_MOST_CHARACTERS = 300
"""A longer number is none that a question asks for, and Python refuses very long ones."""


@dataclass(frozen=True)
class LogMatrix:
    """The queries on which every one of ``prompts`` was logged.

    Arrays have shape (queries,) or (queries, prompts).

    Attributes:
        group: Number of the query's cluster; queries that differ in their numbers alone share it.
        correct: The label the matrix is graded by.
        answer: Final numbers as text (None where none was found), or None without answer texts.
        text: The answers themselves, None without answer texts.
        prompt_tokens, completion_tokens: NaN where nobody counted.
        dollars: What each call cost; None where the log does not say it of every call.
        verdict: Belief of the LLM's own critique that the answer is right, None without critiques.
        gold: Correct answers as people write them, shape (queries,), None where nobody noted one;
            None without any.
    """

    llm: str
    dataset: str
    grader: str
    prompts: tuple[Prompt, ...]
    split: np.ndarray
    query_id: np.ndarray
    query: np.ndarray
    group: np.ndarray
    correct: np.ndarray
    answer: np.ndarray | None
    text: np.ndarray | None
    prompt_tokens: np.ndarray
    completion_tokens: np.ndarray
    verdict: np.ndarray | None = None
    gold: np.ndarray | None = None
    dollars: np.ndarray | None = None

    def said(self) -> tuple[np.ndarray, np.ndarray]:
        """Final numbers and texts of all answers.

        Raises:
            DataError: the log has labels without answers.
        """
        if self.answer is None or self.text is None:
            raise DataError(f"The log of {self.llm} has labels without answers.")
        return self.answer, self.text

    @property
    def is_priced(self) -> bool:
        """Whether one may choose among LLMs whose calls cost dollars that are known."""
        return self.dollars is not None and any(prompt.llm for prompt in self.prompts)

    @property
    def total_tokens(self) -> np.ndarray:
        """Prompt and completion tokens together, shape (queries, prompts)."""
        return self.prompt_tokens + self.completion_tokens

    def repaired(self) -> "LogMatrix":
        """The same log with miscalculations in the answers' texts mended.

        What was mended is graded anew, against the correct answer or, where nobody noted it, a
        number that another answer to the query was graded right with; without either it is wrong.
        All else keeps its grade.

        Raises:
            DataError: the log has labels without answers.
        """
        answers, texts = self.said()
        answer, correct = answers.copy(), self.correct.copy()
        for row, query in enumerate(self.query):
            right = self._right_number(row)
            for column, text in enumerate(texts[row]):
                found = None if text is None else repair(text, str(query))
                if found is None or not found.mends or found.value is None:
                    continue
                answer[row, column] = canonical(found.value)
                correct[row, column] = right is not None and grade(found.value, right)
        return replace(self, answer=answer, correct=correct)

    def _right_number(self, row: int) -> str | None:
        """The correct answer to a query, None where neither log nor labels tell it."""
        if self.gold is not None and self.gold[row] is not None:
            return str(self.gold[row])
        said = zip(self.said()[0][row], self.correct[row], strict=True)
        return next((answer for answer, right in said if right and answer is not None), None)

    def take(self, rows: np.ndarray) -> "LogMatrix":
        """The same log with some of its queries; ``rows`` are positions or a mask."""
        names = ("split", "query_id", "query", "group", "correct", "prompt_tokens")
        kept = {name: getattr(self, name)[rows] for name in (*names, "completion_tokens")}
        for name in ("answer", "text", "verdict", "gold", "dollars"):
            whole = getattr(self, name)
            kept[name] = None if whole is None else whole[rows]
        return replace(self, **kept)


def groups(queries: Sequence[str]) -> np.ndarray:
    """Number the clusters of queries that are alike but for their numbers. Shape (queries,)."""
    return pd.factorize(np.array([masked(query) for query in queries], dtype=object))[0]


def as_published(text: str) -> str | None:
    """The final number as the published grader reads it, written as all answers are."""
    number = published_extract(text)
    too_long = number is not None and len(number) > _MOST_CHARACTERS
    return None if number is None or too_long else canonical(Fraction(number))


def build(
    table: pd.DataFrame,
    prompts: Sequence[Prompt],
    *,
    grader: str,
    verdict: np.ndarray | None = None,
) -> LogMatrix:
    """Turn the demonstrations of one LLM and data set into matrices.

    Args:
        table: Demonstrations of one LLM and one data set.
        prompts: The columns, in this order.
        grader: ``published`` for the published labels, ``project`` for this project's grading.
        verdict: Shape (queries, prompts), for the queries in the order of the table.

    Raises:
        DataError: no query was logged with all of the prompts.
    """
    names = [prompt.id for prompt in prompts]
    table = table[table["prompt_id"].isin(names)]
    key = ["split", "query_id"]
    has_answers = table["answer"].notna().all()
    if has_answers and grader == "published":
        # A vote must read answers as its grader does, or it would not be that grader's vote.
        table = table.assign(predicted_answer=table["answer"].map(as_published))
    label = "published_correct" if grader == "published" else "correct"

    def wide(column: str) -> pd.DataFrame:
        frame = table.pivot(index=key, columns="prompt_id", values=column)
        return frame.reindex(columns=names)

    correct = wide(label).dropna()
    if correct.empty:
        raise DataError(f"No query was logged with all of the prompts {', '.join(names)}.")
    once = table.drop_duplicates(key).set_index(key).reindex(correct.index)
    gold = None
    if "gold" in table and once["gold"].notna().any():
        gold = once["gold"].astype(object).where(once["gold"].notna(), None).to_numpy(dtype=object)
    texts = once["query"].to_numpy()
    answer = text = None
    if has_answers:
        text = wide("answer").reindex(correct.index).to_numpy(dtype=object)
        predicted = wide("predicted_answer").reindex(correct.index).astype(object)
        answer = predicted.where(predicted.notna(), None).to_numpy(dtype=object)
    dollars = None
    if "dollars" in table and table["dollars"].notna().all() and table["dollars"].sum() > 0:
        dollars = wide("dollars").reindex(correct.index).to_numpy(dtype=float)
    return LogMatrix(
        llm=str(table["llm"].iloc[0]),
        dataset=str(table["dataset"].iloc[0]),
        grader=grader,
        prompts=tuple(prompts),
        split=correct.index.get_level_values("split").to_numpy(dtype=object),
        query_id=correct.index.get_level_values("query_id").to_numpy(),
        query=texts,
        group=groups(texts),
        correct=correct.to_numpy(dtype=bool),
        answer=answer,
        text=text,
        prompt_tokens=wide("prompt_tokens").reindex(correct.index).to_numpy(dtype=float),
        completion_tokens=wide("completion_tokens").reindex(correct.index).to_numpy(dtype=float),
        verdict=verdict,
        gold=gold,
        dollars=dollars,
    )
