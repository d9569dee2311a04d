"""The published logs as they really are; skipped where they are not on this machine."""

import numpy as np
import pandas as pd
import pytest

from core import llms
from core.asking.ranking import rank_recorded, recorded_question
from core.asking.solve import solve
from core.demonstrations import GPT35, KEY, LLAMA2
from core.errors import DataError, UnknownNameError
from core.grading.final_answer import grade, parse_gold
from core.logs import load as demonstrations
from core.logs import published
from core.policies import BestOfN, MajorityVote
from core.prompts import HELD_OUT_PROMPTS, PROMPTS, TRAINING_PROMPTS

pytestmark = [pytest.mark.published, pytest.mark.usefixtures("published_data")]

# Share right of the six training prompts on the test queries, from the data's own description.
TEST_ACCURACY = {
    "gsm8k": (0.248, 0.240, 0.246, 0.071, 0.069, 0.237),
    "mawps": (0.646, 0.602, 0.553, 0.196, 0.115, 0.466),
    "svamp": (0.637, 0.578, 0.547, 0.239, 0.143, 0.484),
}
SIZES = {"gsm8k": (7473, 1000), "mawps": (6000, 1685), "svamp": (15000, 4690)}


@pytest.fixture(scope="module")
def llama(published_data: object) -> pd.DataFrame:
    return demonstrations.load(LLAMA2)


@pytest.mark.parametrize("dataset", published.DATASETS)
def test_labels_have_the_published_accuracies(dataset: published.Dataset) -> None:
    found = [published.llama_labels(dataset, "test", p).mean() for p in TRAINING_PROMPTS]
    assert found == pytest.approx(TEST_ACCURACY[dataset], abs=0.0006)


@pytest.mark.parametrize("dataset", published.DATASETS)
def test_questions_have_no_placeholders_and_golds_are_numbers(dataset: published.Dataset) -> None:
    table = published.questions(dataset)
    assert tuple(table["split"].value_counts()[["train", "test"]]) == SIZES[dataset]
    assert not table["query"].str.contains(r"number\d").any()
    assert all(parse_gold(gold) is not None for gold in table["gold"])


@pytest.mark.parametrize("dataset", published.DATASETS)
def test_gpt_labels_and_critiques_fit_the_test_queries(dataset: published.Dataset) -> None:
    queries = SIZES[dataset][1]
    for place, prompt in enumerate(TRAINING_PROMPTS):
        labels = published.gpt_labels(dataset, prompt)
        assert labels.shape == (queries,)
        assert 0.5 < labels.mean() < 0.9
        for llm in ("llama", "gpt"):
            verdict, confidence = published.critics(llm, dataset, place).T
            assert len(verdict) == queries
            assert set(verdict) <= {0, 1}
            assert ((confidence >= 0) & (confidence <= 1)).all()


def test_the_llama_table_holds_every_logged_row_once(llama: pd.DataFrame) -> None:
    train, test = (sum(size[part] for size in SIZES.values()) for part in (0, 1))
    assert len(llama) == 6 * train + 16 * test
    assert not llama.duplicated(KEY).any()
    held_out = llama[llama["prompt_id"].isin([prompt.id for prompt in HELD_OUT_PROMPTS])]
    assert set(held_out["split"]) == {"test"}


def test_answer_texts_are_graded_and_counted(llama: pd.DataFrame) -> None:
    answered = llama[(llama["dataset"] == "gsm8k") & (llama["split"] == "test")]
    assert answered["answer"].notna().all()
    total = answered["prompt_tokens"] + answered["completion_tokens"]
    # Prompt and answer were cut at 512 tokens; the count adds the frame's own few.
    assert 150 < total.mean() < 400
    assert total.max() < 540
    assert set(answered["tokenizer"]) == {"llama-2"}
    silent = llama[llama["answer"].isna()]
    assert silent["completion_tokens"].isna().all()
    assert (silent["correct"] == silent["published_correct"]).all()


def test_reading_answers_well_raises_accuracy_with_every_prompt(llama: pd.DataFrame) -> None:
    answered = llama[(llama["dataset"] == "gsm8k") & (llama["split"] == "test")]
    shares = answered.groupby("prompt_id", observed=True)[["correct", "published_correct"]].mean()
    assert (shares["correct"] > shares["published_correct"]).all()
    assert shares["correct"].mean() > 0.227
    assert shares["published_correct"].mean() == pytest.approx(0.191, abs=0.0006)


def test_the_gpt_table_has_labels_without_answers() -> None:
    table = demonstrations.load(GPT35)
    assert len(table) == 6 * sum(size[1] for size in SIZES.values())
    assert table["answer"].isna().all()
    assert table["prompt_tokens"].isna().all()


def test_an_unknown_llm_is_answered_with_those_logged() -> None:
    with pytest.raises(UnknownNameError, match=r"Known: llama2-7b-chat, gpt-3\.5-turbo"):
        demonstrations.load("gpt-5")


def test_a_recorded_question_is_answered_and_compared() -> None:
    llm = llms.get("recorded:gsm8k")
    item = recorded_question(llm, 7)
    ranking = rank_recorded(7, item["query"])
    one = solve(item["query"], ranking, BestOfN(), llm, item["gold"])
    every = solve(item["query"], ranking, MajorityVote(16), llm, item["gold"])
    assert len(one.calls) == 1
    assert len(every.calls) == 16
    assert one.prompt == ranking.best
    assert every.tokens > 8 * one.tokens > 0
    assert one.correct == grade(parse_gold(one.value) if one.value else None, item["gold"])


def test_playback_agrees_with_the_frontier_table(llama: pd.DataFrame) -> None:
    """Fifty questions through the protocol give the grades that the demonstrations hold."""
    llm = llms.get("recorded:gsm8k")
    table = llama[(llama["dataset"] == "gsm8k") & (llama["split"] == "test")]
    labels = table.pivot(index="query_id", columns="prompt_id", values="correct")
    for number in range(0, 1000, 20):
        item = recorded_question(llm, number)
        ranking = rank_recorded(number, item["query"])
        answer = solve(item["query"], ranking, BestOfN(), llm, item["gold"])
        assert answer.correct == labels.loc[number, ranking.best.id]


def test_what_was_not_recorded_is_refused() -> None:
    llm = llms.get("recorded:gsm8k")
    [failure] = llm.complete(["A question nobody logged."])
    assert failure.kind == "not recorded"
    assert "sixteen published prompts" in failure.message
    with pytest.raises(DataError, match="allowed: 0 to 999"):
        recorded_question(llm, 1000)


def test_every_prompt_has_its_answers_played_back() -> None:
    llm = llms.get("recorded:gsm8k")
    query = recorded_question(llm, 0)["query"]
    completions = llm.complete([f"{query}{prompt.text}" for prompt in PROMPTS])
    assert len({completion.text for completion in completions}) > 8
    assert all(np.isfinite(completion.usage.total) for completion in completions)
