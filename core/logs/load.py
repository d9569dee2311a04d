"""The logs that the project learns from: two published ones and the embedded LLM's."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.demonstrations import (
    CATEGORIES,
    COLUMNS,
    EMBEDDED,
    EMBEDDED_LOG,
    LLAMA2,
    LLMS,
    check,
)
from core.errors import DataError, UnknownNameError
from core.grading import final_answer
from core.logs import own, published, tokens
from core.paths import FOLDER
from core.prompts import PROMPTS, TRAINING_PROMPTS, Prompt, message


def load(llm: str) -> pd.DataFrame:
    """Build the table of one LLM's logs, with the columns of ``COLUMNS``.

    ``correct`` grades the recorded answer text with this project's reading of it; where no text
    was published it is the published label. Missing texts, predicted answers and token counts
    are empty. Token counts need the LLM's tokenizer; GPT-3.5's texts were not published, so its
    counts are empty.

    Raises:
        UnknownNameError: there is no log of this LLM.
        MissingDataError: a file is not on this machine.
    """
    if llm not in LLMS:
        raise UnknownNameError("LLM", llm, LLMS)
    if llm == EMBEDDED:
        return _embedded_log()
    part = _llama_part if llm == LLAMA2 else _gpt_part
    splits = ("train", "test") if llm == LLAMA2 else ("test",)
    parts = [
        table
        for dataset in published.DATASETS
        for split in splits
        for prompt in PROMPTS
        if (table := part(dataset, split, prompt)) is not None
    ]
    table = pd.concat(parts, ignore_index=True).assign(llm=llm)
    table = table.astype(dict.fromkeys(CATEGORIES, "category"))[COLUMNS]
    return check(table, [prompt.id for prompt in PROMPTS])


def _embedded_log() -> pd.DataFrame:
    # A log that anyone could have collected: read like one.
    table, _ = own.read(FOLDER / EMBEDDED_LOG)
    return table.assign(split="test").astype(dict.fromkeys(CATEGORIES, "category"))


def _questions(dataset: published.Dataset, split: str) -> pd.DataFrame:
    table = published.questions(dataset)
    return table[table["split"] == split]


def _llama_part(dataset: published.Dataset, split: str, prompt: Prompt) -> pd.DataFrame | None:
    labels = published.llama_labels(dataset, split, prompt)
    if labels is None:
        return None
    texts = published.llama_answers(dataset, split, prompt)
    table = _rows(dataset, split, prompt, labels)
    if tokens.is_available():
        messages = [message(query, prompt) for query in table["query"]]
        table["prompt_tokens"] = tokens.prompt_tokens(messages)
        table["tokenizer"] = tokens.LLAMA2
    if texts is None:
        return table
    return _with_answers(table, texts)


def _gpt_part(dataset: published.Dataset, split: str, prompt: Prompt) -> pd.DataFrame | None:
    if prompt not in TRAINING_PROMPTS:
        return None
    return _rows(dataset, split, prompt, published.gpt_labels(dataset, prompt))


def _rows(
    dataset: published.Dataset, split: str, prompt: Prompt, labels: np.ndarray
) -> pd.DataFrame:
    questions = _questions(dataset, split)
    if len(questions) != len(labels):
        raise DataError(
            f"{dataset} {split}: {len(questions)} questions but {len(labels)} labels of "
            f"prompt {prompt.id!r}."
        )
    return pd.DataFrame(
        {
            "dataset": dataset,
            "split": split,
            "query_id": questions["index"].to_numpy(),
            "query": questions["query"].to_numpy(),
            "prompt_id": prompt.id,
            "answer": pd.Series(None, index=range(len(labels)), dtype="str"),
            "predicted_answer": pd.Series(None, index=range(len(labels)), dtype="str"),
            "correct": labels,
            "published_correct": labels,
            "prompt_tokens": np.nan,
            "completion_tokens": np.nan,
            "tokenizer": "",
            "gold": questions["gold"].to_numpy(),
        }
    )


def _with_answers(table: pd.DataFrame, texts: Sequence[str]) -> pd.DataFrame:
    values = [final_answer.extract(text) for text in texts]
    table["answer"] = pd.Series(texts, dtype="str")
    table["predicted_answer"] = pd.Series(
        [None if value is None else final_answer.canonical(value) for value in values], dtype="str"
    )
    table["correct"] = [
        final_answer.grade(value, gold) for value, gold in zip(values, table["gold"], strict=True)
    ]
    if tokens.is_available():
        table["completion_tokens"] = tokens.completion_tokens(texts)
    return table
