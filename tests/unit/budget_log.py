"""A made-up log for the budget policy: easy, middling and hopeless queries, eight prompts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.logs.matrix import LogMatrix, groups
from core.prompts import PROMPTS

COUNT = 8
CHANCES = np.array([0.95, 0.55, 0.02])
"""P(right) of any prompt on easy, middling and hopeless queries."""


MadeUp = tuple[LogMatrix, np.ndarray, np.ndarray]
"""A log, its rewards and its folds."""


def made_up_log(
    queries: int = 150, seed: int = 0, prompts: int = COUNT, texts: bool = False
) -> MadeUp:
    """A log, its rewards and its folds.

    Wrong answers look like right ones, but rarely agree; rewards tell the kind of a query roughly.

    Args:
        queries: How many.
        seed: Of the draws.
        prompts: How many.
        texts: Answers have a text with an equation, which is wrong in two of three wrong answers.
    """
    random = np.random.default_rng(seed)
    kind = np.arange(queries) % len(CHANCES)
    correct = random.random((queries, prompts)) < CHANCES[kind][:, None]
    gold = random.integers(100, 400, queries)[:, None]
    wrong = random.integers(400, 700, correct.shape) - 300 * random.integers(0, 2, correct.shape)
    answer = np.where(correct, gold, wrong).astype(str).astype(object)
    answer[random.random(answer.shape) < 0.02] = None
    correct = answer == gold.astype(str)
    query = np.array([f"Box {_name(i)} holds 5 pens. How many?" for i in range(queries)], object)
    slip = ~correct & (np.random.default_rng(seed + 1).random(correct.shape) < 2 / 3)
    shown = np.array(
        [
            [summing(*pair) for pair in zip(*rows, strict=True)]
            for rows in zip(answer, slip, strict=True)
        ],
        dtype=object,
    )
    log = LogMatrix(
        llm="made-up",
        dataset="gsm8k",
        grader="project",
        prompts=tuple(PROMPTS[:prompts]),
        split=np.full(queries, "test", dtype=object),
        query_id=np.arange(queries),
        query=query,
        group=groups(query),
        correct=correct,
        answer=answer,
        text=shown if texts else np.full(answer.shape, None),
        prompt_tokens=np.full(correct.shape, 50.0),
        completion_tokens=np.broadcast_to(100.0 * np.arange(1, prompts + 1), correct.shape).copy(),
    )
    reward = np.clip(CHANCES[kind][:, None] + random.normal(0, 0.1, correct.shape), 0.02, 0.98)
    return log, reward, np.arange(queries) // len(CHANCES) % 5


def summing(answer: str | None, slip: bool = False) -> str:
    """A text that adds up to an answer, or with a slip to something else."""
    if answer is None:
        return "I cannot tell."
    return f"{int(answer) - 5 - 10 * slip} + 5 = {answer}. The answer is {answer}."


def _name(number: int) -> str:
    return "".join(chr(97 + number // 26**place % 26) for place in range(3))


def table_of(
    log: LogMatrix, answers: Sequence[str] | str, published: np.ndarray | None = None
) -> pd.DataFrame:
    """The rows that a log was built from.

    Args:
        log: As ``made_up_log`` makes it.
        answers: Texts, one for each row or one for all.
        published: Labels of the published grader, shape (queries, prompts); by default the log's.
    """
    queries, prompts = log.correct.shape
    return pd.DataFrame(
        {
            "llm": log.llm,
            "dataset": log.dataset,
            "split": "test",
            "query_id": np.repeat(log.query_id, prompts),
            "query": np.repeat(log.query, prompts),
            "prompt_id": [prompt.id for prompt in log.prompts] * queries,
            "answer": answers,
            "predicted_answer": log.answer.ravel(),
            "correct": log.correct.ravel(),
            "published_correct": (log.correct if published is None else published).ravel(),
            "prompt_tokens": log.prompt_tokens.ravel(),
            "completion_tokens": log.completion_tokens.ravel(),
            "gold": None,
        }
    )
