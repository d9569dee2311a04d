"""Single answers with their labels, where a query need not have been asked with every prompt."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.grading.final_answer import canonical, grade
from core.grading.repair import repair
from core.logs.matrix import LogMatrix, as_published
from core.query import masked


@dataclass(frozen=True)
class LabelledAnswers:
    """Answers that have a number, of any queries and prompts; arrays of shape (answers,).

    Attributes:
        query, text: The question, and all that was answered.
        answer: The final number of each, as ``final_answer.canonical`` writes it.
        correct: Its label.
        gold: The correct answer as people write it, None where nobody noted it.
    """

    query: np.ndarray
    text: np.ndarray
    answer: np.ndarray
    correct: np.ndarray
    gold: np.ndarray

    def repaired(self) -> "LabelledAnswers":
        """The same answers with miscalculations mended, and those graded anew.

        Where nobody noted the correct answer, a mended one keeps neither number nor label: it is
        left out.
        """
        answer, correct = self.answer.copy(), self.correct.copy()
        kept = np.ones(len(answer), dtype=bool)
        for place, (query, text) in enumerate(zip(self.query, self.text, strict=True)):
            found = repair(text, query)
            if not found.mends or found.value is None:
                continue
            kept[place] = self.gold[place] is not None
            if kept[place]:
                answer[place] = canonical(found.value)
                correct[place] = grade(found.value, self.gold[place])
        mended = replace(self, answer=answer, correct=correct)
        return mended._take(kept)

    def _take(self, rows: np.ndarray) -> "LabelledAnswers":
        parts = self.query, self.text, self.answer, self.correct, self.gold
        return LabelledAnswers(*(part[rows] for part in parts))


def answers_beside(table: pd.DataFrame, log: LogMatrix) -> LabelledAnswers:
    """The answers of a table to queries unlike all of a log's, even but for their numbers.

    Args:
        table: Demonstrations of one LLM.
        log: What is judged; ``grader`` says which label counts.
    """
    judged = {masked(query) for query in log.query}
    rows = table[table["answer"].notna()]
    rows = rows[~rows["query"].map(masked).isin(judged).to_numpy(dtype=bool)]
    label = "correct"
    if log.grader == "published":
        label = "published_correct"
        rows = rows.assign(predicted_answer=rows["answer"].map(as_published))
    rows = rows[rows["predicted_answer"].notna() & rows[label].notna()]
    gold = rows["gold"].astype(object)
    return LabelledAnswers(
        rows["query"].to_numpy(dtype=object),
        rows["answer"].to_numpy(dtype=object),
        rows["predicted_answer"].to_numpy(dtype=object),
        rows[label].to_numpy(dtype=bool),
        gold.where(gold.notna(), None).to_numpy(dtype=object),
    )
