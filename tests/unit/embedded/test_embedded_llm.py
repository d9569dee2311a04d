"""The embedded LLM as shipped: it answers plain questions at once, offline, in many styles."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from core import llms
from core.demonstrations import EMBEDDED
from core.grading.final_answer import extract
from core.llms import Completion, Sampling
from core.logs import load as demonstrations
from core.paths import FOLDER
from core.prompts import PROMPTS, message, prompt_by_id

ROOT = Path(__file__).resolve().parents[3]
PLAIN = {
    "Tom has 12 apples. He gives 5 apples to Anna. How many apples does Tom have left?": 7,
    "There are 6 boxes with 4 pencils in each box. How many pencils are there in all?": 24,
    "Sara had 15 stickers and bought 8 more. How many stickers does she have now?": 23,
    "20 cookies are shared equally among 5 children. How many cookies does each child get?": 4,
    "Ben buys 3 books for 6 dollars each. How many dollars does he pay?": 18,
}


@pytest.fixture(scope="module")
def llm() -> llms.LLM:
    return llms.get(EMBEDDED, Sampling(temperature=0, max_tokens=120))


def test_plain_questions_are_mostly_answered_right(llm: llms.LLM) -> None:
    results = llm.complete([message(query, prompt_by_id("cot")) for query in PLAIN])
    right = [
        isinstance(result, Completion) and extract(result.text) == gold
        for result, gold in zip(results, PLAIN.values(), strict=True)
    ]
    assert sum(right) >= 4, [result.text for result in results]


def test_each_prompt_is_answered_in_its_own_style(llm: llms.LLM) -> None:
    query = next(iter(PLAIN))
    results = llm.complete([message(query, prompt) for prompt in PROMPTS])
    texts = {prompt.id: result.text for prompt, result in zip(PROMPTS, results, strict=True)}
    assert len(set(texts.values())) >= 12
    assert len(texts["direct"]) < len(texts["cot"]) < len(texts["experts"])
    assert "Expert 1" in texts["experts"]
    assert all(result.finish_reason == "stop" for result in results)
    assert all(result.usage.completion_tokens > 3 for result in results)


@pytest.mark.parametrize("text", ["Hello, who are you?", "Wie geht es dir?", "Tell me a joke."])
def test_where_nothing_is_to_be_computed_no_number_is_invented(llm: llms.LLM, text: str) -> None:
    results = llm.complete([message(text, prompt) for prompt in PROMPTS])
    assert sum(extract(result.text) is None for result in results) >= 14


def test_asking_works_without_a_network_from_a_cold_start() -> None:
    command = [sys.executable, "-m", "core", "ask", next(iter(PLAIN)), "--seed", "1", "--json"]
    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert shown.returncode == 0, shown.stderr
    answer = json.loads(shown.stdout)["answers"][0]
    assert (answer["calls"], answer["failures"]) == (1, [])
    assert answer["tokens"] > 20


def test_the_shipped_log_has_every_prompt_and_several_samples() -> None:
    log = demonstrations.load(EMBEDDED)
    assert set(log["prompt_id"]) == {prompt.id for prompt in PROMPTS}
    samples = log.groupby(["query", "prompt_id"], observed=True).size()
    assert log["query"].nunique() >= 600
    assert samples.min() >= 4
    assert log["answer"].notna().all()
    assert log["completion_tokens"].notna().all()


def test_prompts_differ_in_accuracy_and_length() -> None:
    log = demonstrations.load(EMBEDDED)
    by_prompt = log.groupby("prompt_id", observed=True)
    accuracy = by_prompt["correct"].mean()
    tokens = by_prompt["completion_tokens"].mean()
    assert accuracy.max() - accuracy.min() > 0.05
    assert tokens.max() > 3 * tokens.min()


def test_the_recipe_and_learning_curve_are_shipped_with_it() -> None:
    record = json.loads((FOLDER / EMBEDDED / "training.json").read_text("utf-8"))
    parts = [record["before"], record]
    for part in parts:
        assert part["learning_curve"][-1]["step"] == part["recipe"]["steps"]
    curve = pd.DataFrame([row for part in parts for row in part["learning_curve"]])
    assert curve["mawps"].iloc[-1] > curve["mawps"].iloc[0]
