"""Readers for the questions and logs that were published, one function per kind of file."""

import ast
import json
import re
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

from core.errors import DataError
from core.logs import download
from core.logs.safe_pickle import read_object_array
from core.prompts import PROMPTS, TRAINING_PROMPTS, Prompt

Dataset = Literal["gsm8k", "mawps", "svamp"]
DATASETS: tuple[Dataset, ...] = ("gsm8k", "mawps", "svamp")

_GSM8K = "openai/grade-school-math/3101c7d5072418e28b9008a6636bde82a006892c/grade_school_math/data"
GSM8K_TEST_FILE = f"{_GSM8K}/test.jsonl"
_SVAMP = "arkilpatel/SVAMP/689d7ccac74b9983a2ac7cc3b264f441b99e7c53/data"
_LOGS = "holarissun/Prompt-OIRL/6455701d0aa71c77739969e9d25a3c79e2fad57a"
_LLAMA_LOGS = f"{_LOGS}/llama_exps/llama2_chat_logs"

GSM8K_TEST_QUERIES = 1000
"""The logs cover the first 1,000 of the 1,319 test questions."""
_TRAIN_QUERIES: dict[Dataset, int] = {"gsm8k": 7473, "mawps": 6000, "svamp": 15000}
_FOLDER: dict[Dataset, str] = {"mawps": "cv_mawps", "svamp": "cv_svamp_augmented"}
_GPT_RESULTS: dict[Dataset, tuple[str, str]] = {
    # The published names of the GPT-3.5 files and of their keys are one data set off.
    "gsm8k": ("ALL_gsm8k_10.npy", "gsm8k"),
    "mawps": ("ALL_svamp_10.npy", "svamp"),
    "svamp": ("ALL_aug_svamp_10.npy", "aug_svamp"),
}
_PLACEHOLDER = re.compile(r"number(\d+)")


@lru_cache(maxsize=3)
def questions(dataset: Dataset) -> pd.DataFrame:
    """The questions in the order of the logs: split, index (row within the split), query, gold.

    Raises:
        MissingDataError: a file is not here.
        DataError: a file does not have the published form.
    """
    return _gsm8k_questions() if dataset == "gsm8k" else _word_problems(dataset)


def _gsm8k_questions() -> pd.DataFrame:
    rows = []
    for split, limit in (("train", None), ("test", GSM8K_TEST_QUERIES)):
        lines = download.locate(f"{_GSM8K}/{split}.jsonl").read_text("utf-8").splitlines()
        for index, line in enumerate(lines[:limit]):
            item = json.loads(line)
            gold = item["answer"].rsplit("####", 1)[1].strip()
            rows.append((split, index, item["question"], gold))
    return pd.DataFrame(rows, columns=["split", "index", "query", "gold"])


def _word_problems(dataset: Dataset) -> pd.DataFrame:
    """MAWPS or SVAMP: the training parts of folds 0 to 4 one after the other."""
    folds = [
        pd.read_csv(download.locate(f"{_SVAMP}/{_FOLDER[dataset]}/fold{fold}/train.csv"), dtype=str)
        for fold in range(5)
    ]
    table = pd.concat(folds, ignore_index=True)
    table["query"] = [
        with_numbers(text, numbers.split())
        for text, numbers in zip(table["Question"], table["Numbers"], strict=True)
    ]
    train = _TRAIN_QUERIES[dataset]
    position = np.arange(len(table))
    return pd.DataFrame(
        {
            "split": np.where(position < train, "train", "test"),
            "index": np.where(position < train, position, position - train),
            "query": table["query"],
            "gold": table["Answer"],
        }
    )


def with_numbers(text: str, numbers: list[str]) -> str:
    """Replace each placeholder ``numberK`` by the K-th of the numbers."""
    return _PLACEHOLDER.sub(lambda match: numbers[int(match.group(1))], text)


def _llama_file(dataset: Dataset, kind: str, split: str, prompt: Prompt) -> str:
    # Only the six training prompts of GSM8K have a file per split.
    test = "_test" if (dataset, split, prompt.origin) == ("gsm8k", "test", "training") else ""
    return f"{_LLAMA_LOGS}/{dataset}/llama_{dataset}{test}_{kind}_{prompt.alias}.txt"


def llama_labels(dataset: Dataset, split: str, prompt: Prompt) -> np.ndarray | None:
    """Published correctness of LLaMA2-7B-chat, shape (queries of the split,), or None if not run.

    The held-out prompts were run on the test queries alone.
    """
    if prompt.origin == "held-out" and split == "train":
        return None
    path = download.locate(_llama_file(dataset, "corr", split, prompt))
    pairs = [ast.literal_eval(line) for line in path.read_text("utf-8").splitlines() if line]
    if [index for index, _ in pairs] != list(range(len(pairs))):
        raise DataError(f"{path.name}: the rows are not numbered 0, 1, 2, …")
    return _part(np.array([label for _, label in pairs], dtype=bool), dataset, split, prompt)


def llama_answers(dataset: Dataset, split: str, prompt: Prompt) -> list[str] | None:
    """Published answer texts of LLaMA2-7B-chat, one per query; None if there are none."""
    if prompt.origin == "held-out" and split == "train":
        return None
    name = _llama_file(dataset, "answers_list", split, prompt)
    if name not in download.registry():
        return None
    path = download.locate(name)
    rows = [ast.literal_eval(part) for part in _answer_literals(path.read_text("utf-8"))]
    texts = np.array([text for _, text in rows], dtype=object)
    return list(_part(texts, dataset, split, prompt))


def _answer_literals(text: str) -> list[str]:
    """Split a log at its lines of '='; the literals hold their own line breaks escaped."""
    return [part.strip() for part in re.split(r"(?m)^=+\s*$", text) if part.strip()]


def _part(values: np.ndarray, dataset: Dataset, split: str, prompt: Prompt) -> np.ndarray:
    """The rows of one split where one file holds both."""
    if dataset != "gsm8k" and prompt.origin == "training":
        train = _TRAIN_QUERIES[dataset]
        return values[:train] if split == "train" else values[train:]
    return values


def gsm8k_test_answers() -> pd.DataFrame:
    """LLaMA2-7B-chat's 16,000 answers to the GSM8K test questions.

    Returns:
        One row per query and prompt: query_id, prompt_id, answer, gold, published_correct.
    """
    table = questions("gsm8k")
    table = table[table["split"] == "test"]
    parts = [
        pd.DataFrame(
            {
                "query_id": table["index"].to_numpy(),
                "prompt_id": prompt.id,
                "answer": llama_answers("gsm8k", "test", prompt),
                "gold": table["gold"].to_numpy(),
                "published_correct": llama_labels("gsm8k", "test", prompt),
            }
        )
        for prompt in PROMPTS
    ]
    return pd.concat(parts, ignore_index=True)


def gpt_labels(dataset: Dataset, prompt: Prompt) -> np.ndarray:
    """Published correctness of GPT-3.5 on the test queries for one of the six training prompts.

    The result of choosing among a single prompt is that prompt's own correctness.
    """
    file, key = _GPT_RESULTS[dataset]
    position = TRAINING_PROMPTS.index(prompt)
    results = read_object_array(download.locate(f"{_LOGS}/active_results/{file}"))
    return np.asarray(results[f"{key}_xgboost_{position}.model_10"]["baseline_test"], dtype=bool)


def critics(llm: Literal["llama", "gpt"], dataset: Dataset, position: int) -> np.ndarray:
    """Self-critique of the answers to prompt ``position`` (0..15) on the test queries.

    Returns:
        Shape (queries, 2): verdict (1 right, 0 wrong) and stated confidence in 0..1.
    """
    stem = f"{_LOGS}/critics/Processed_{llm}_{dataset}_prompt_{position}"
    parts = [
        np.load(download.locate(f"{stem}_{kind}.npy"), allow_pickle=False)
        for kind in ("critic", "confidence")
    ]
    return np.column_stack(parts).astype(float)
