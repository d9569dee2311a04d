"""How far the ways of reading a final number differ, over recorded answers."""

import re
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pandas as pd

from core.evaluation.statistics import ClusterBootstrap
from core.grading.final_answer import extract, grade, published_grade
from core.grading.numbers import numbers, sentences, without_labels, without_markup
from core.grading.readers import after_last_equals, last_number

PUBLISHED = "published"
CHOSEN = "chosen"

# Written apart from the patterns of `extract`, so that the audit does not repeat its choices.
_STATEMENT = re.compile(
    r"\\boxed|####|\banswer\s*+(?:is|was|:|=)|\banswer to (?:the|this) [a-z]+ is"
    r"|^\W*+(?:therefore|thus|hence|so|in total|in conclusion)\b",
    re.IGNORECASE,
)


def stated_numbers(answer: str) -> frozenset[Fraction]:
    """Return what the last explicit statement of an answer offers as its result.

    A statement is a box, ####, "the answer is" or a sentence that starts with "therefore", "so"
    and their like. What it offers is the number after its last equals sign, else every number
    outside parentheses. Without a statement nothing is offered.
    """
    for part in reversed(sentences(without_labels(without_markup(answer)))):
        cue = _STATEMENT.search(part)
        if cue is None:
            continue
        text = re.sub(r"\([^()]*+\)?", " ", part[cue.end() :])
        _, sign, side = text.rpartition("=")
        if found := numbers(text):
            return frozenset(number.value for number in (numbers(side)[:1] if sign else found))
    return frozenset()


def _graded_by(rule: Callable[[str], Fraction | None]) -> Callable[[str, str], bool]:
    return lambda answer, gold: grade(rule(answer), gold)


RULES: dict[str, Callable[[str, str], bool]] = {
    PUBLISHED: published_grade,
    "last number": _graded_by(last_number),
    "after last equals": _graded_by(after_last_equals),
    CHOSEN: _graded_by(extract),
}


def extraction_report(answers: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Compare the rules that read and grade an answer.

    Half of the queries, drawn at random, is for choosing a rule; the other half reports on it.
    With the same queries and seed the halves are the same for any subset of prompts.

    Args:
        answers: Columns query_id, answer, gold; a row per query and prompt. Others are ignored.
        seed: Of the halves and of the bootstrap.

    Returns:
        A row per rule:

        - accuracy_selection, accuracy_report: share of answers graded correct in each half.
        - difference, difference_low, difference_high: report-half accuracy minus that of the
          published grader, with its paired 95 % interval over queries drawn with replacement.
        - false_credit_rate, several_rate, unstated_rate: of all answers that the rule grades
          correct, in both halves, the share whose last explicit statement (`stated_numbers`)
          names other numbers only, names the correct one among others, or does not exist.
        - missed_rate: of all answers whose last statement names the correct number alone, the
          share that the rule grades wrong.
    """
    golds, texts = answers["gold"].tolist(), answers["answer"].tolist()
    pairs = list(zip(texts, golds, strict=True))
    correct = {
        name: np.array([rule(*pair) for pair in pairs], dtype=float) for name, rule in RULES.items()
    }
    stated = [_statement(text, gold) for text, gold in pairs]
    selection = _selection_half(answers["query_id"], seed)
    report = ~selection
    bootstrap = ClusterBootstrap(answers["query_id"].to_numpy()[report], seed)
    rows = []
    for name, values in correct.items():
        gain = bootstrap.mean((values - correct[PUBLISHED])[report])
        rows.append(
            {
                "rule": name,
                "accuracy_selection": values[selection].mean(),
                "accuracy_report": values[report].mean(),
                **gain.columns("difference"),
                **_audit(values.astype(bool), np.array(stated)),
            }
        )
    return pd.DataFrame(rows)


def _selection_half(query_id: pd.Series, seed: int) -> np.ndarray:
    queries = np.unique(query_id)
    drawn = np.random.default_rng(seed).permutation(len(queries))[: len(queries) // 2]
    return query_id.isin(queries[drawn]).to_numpy()


def _statement(answer: str, gold: str) -> str:
    """Whether an answer states the correct number: "right", "among several", "wrong", "none"."""
    offered = stated_numbers(answer)
    if not offered:
        return "none"
    if not any(grade(value, gold) for value in offered):
        return "wrong"
    return "right" if len(offered) == 1 else "among several"


def _audit(correct: np.ndarray, stated: np.ndarray) -> dict[str, float]:
    credited = stated[correct]
    return {
        "false_credit_rate": _share(credited == "wrong"),
        "several_rate": _share(credited == "among several"),
        "unstated_rate": _share(credited == "none"),
        "missed_rate": _share(~correct[stated == "right"]),
    }


def _share(flags: np.ndarray) -> float:
    return float(flags.mean()) if len(flags) else float("nan")
