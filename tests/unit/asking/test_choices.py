"""What the controls of Ask make of a visitor's choices."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from arms_log import arms_log
from budget_log import made_up_log
from queued_llm import QueuedLLM

from core.asking.own_log import OwnLog, learn
from core.asking.ranking import Ranking, shipped_scorer
from core.asking.solve import solve
from core.costs.prices import price_as_if
from core.errors import DataError, PromptOIRLError, UnknownNameError
from core.hosting.offers import price_of_offer
from core.llms import Completion, LLMError, Sampling
from core.logs.own import read
from core.policies.budget.training import fit
from core.prompts import PROMPTS, own_prompt
from demo.ask import choices as module
from demo.ask.choices import OWN, SHIPPED, Choices, own_prompts, prepare
from demo.ask.estimate import compare_label
from demo.ask.views.ranking import ranking_html
from demo.labels import dollars

KEY = "sk-test-0123456789abcdef"
PAID = "openai:gpt-5.6-terra"
ALL = [prompt.id for prompt in PROMPTS]
USUAL = Choices("embedded", "", "What is 2 + 2?", None, "best-of-n", 4, ALL, None, SHIPPED)


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("PROMPT_OIRL_STATE", str(tmp_path))
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    module.offered.cache_clear()
    yield
    module.offered.cache_clear()


def test_a_question_unlike_the_log_is_doubted_beside_its_chances() -> None:
    ready = prepare(replace(USUAL, question="Combien font 3 pommes et 4 pommes ?"), None)
    assert ready.note.startswith("This question is unlike those that the chances were learned from")
    assert prepare(USUAL, None).note.startswith("Chances come from")


def test_only_the_chosen_prompts_are_ranked() -> None:
    ready = prepare(replace(USUAL, prompt_ids=["cot", "maze"]), None)
    assert {prompt.id for prompt in ready.ranking.prompts} == {"cot", "maze"}
    chosen = ready.ranking.order[0]
    assert ready.marks == {chosen: "chosen"}


def test_own_prompts_stand_beside_the_chosen_ones_and_doubles_count_once() -> None:
    ready = prepare(
        replace(USUAL, prompt_ids=["cot"], own_prompts="Be brief:\n\nBe brief:\n"), None
    )
    assert [prompt.text for prompt in ready.ranking.prompts][1:] == ["Be brief:"]


def test_no_prompt_at_all_is_explained() -> None:
    with pytest.raises(DataError, match="Choose at least one"):
        prepare(replace(USUAL, prompt_ids=[]), None)


def test_too_many_own_prompts_are_refused_with_their_number() -> None:
    with pytest.raises(DataError, match="There are 9 prompts of your own; at most 8"):
        own_prompts("\n".join(f"Prompt {number}:" for number in range(9)))


def test_an_llm_that_is_not_offered_cannot_be_asked() -> None:
    with pytest.raises(UnknownNameError, match="Known: embedded"):
        replace(USUAL, llm="hf:/etc").open("visitor", PROMPTS)


def test_without_any_key_an_api_cannot_be_asked() -> None:
    with pytest.raises(LLMError, match="needs an API key of your own"):
        replace(USUAL, llm=PAID).open("visitor", PROMPTS)


def test_a_typed_key_is_in_no_representation() -> None:
    typed = replace(USUAL, llm=PAID, key=KEY)
    llm = typed.open("visitor", PROMPTS)
    assert KEY not in repr(typed)
    assert KEY not in repr(llm)
    assert llm.model == PAID.removeprefix("openai:")


@pytest.mark.parametrize(
    ("policy", "marked", "word"),
    [("best-single", 1, "chosen"), ("majority-vote", 4, "asked"), ("budgeted", 1, "asked first")],
)
def test_the_ranking_marks_what_a_policy_asks_first(policy: str, marked: int, word: str) -> None:
    ready = prepare(replace(USUAL, policy=policy), None)
    assert list(ready.marks.values()) == [word] * marked


def test_the_worth_of_an_answer_turns_the_dial_of_calls() -> None:
    def calls(worth: float) -> int:
        hard = "Of 7 shelves with 2.5 m each, a third holds twice 19 books less 4 dozen. How many?"
        chosen = replace(USUAL, question=hard, policy="budgeted-worth", calls=worth)
        ready = prepare(chosen, None)
        # A wrong equation leaves room for doubt.
        llm = QueuedLLM([f"2 + 2 = 5. The answer is {number}." for number in range(16)])
        return len(solve(ready.query, ready.ranking, ready.policy, llm).calls)

    assert calls(1) == 1 < calls(200)


def test_more_calls_than_prompts_are_refused() -> None:
    with pytest.raises(DataError, match="from 1 to 2; got '4'"):
        prepare(replace(USUAL, policy="majority-vote", prompt_ids=["cot", "maze"]), None)


def test_an_own_log_ranks_its_own_prompts_and_names_itself() -> None:
    mine = own_prompt("Be brief:")
    scorer = shipped_scorer("embedded")
    own = OwnLog("mine.csv", (mine, PROMPTS[1]), scorer, None, pd.DataFrame(), 0.0, 0.0, 0)
    wanted = replace(USUAL, scored_by=OWN, prompt_ids=[mine.id, PROMPTS[1].id])
    ready = prepare(wanted, own)
    assert [prompt.id for prompt in ready.ranking.prompts] == [mine.id, PROMPTS[1].id]
    assert "mine.csv" in ready.note
    with pytest.raises(DataError, match=r"mine\.csv has too few answers"):
        prepare(replace(wanted, policy="budgeted"), own)
    learned = fit(*made_up_log(prompts=2))
    own = replace(own, budget=replace(learned, prompts=(mine.id, PROMPTS[1].id)))
    assert prepare(replace(wanted, policy="budgeted", calls=2), own).policy.name == "budgeted"


@pytest.mark.published
def test_a_recorded_question_comes_with_its_answer(published_data: object) -> None:
    recorded = replace(USUAL, llm="recorded:gsm8k", number=7, prompt_ids=["cot", "ape"])
    ready = prepare(recorded, None)
    assert float(ready.gold)
    assert len(ready.ranking.prompts) == 2
    found = recorded.open("visitor", PROMPTS).complete([ready.query + PROMPTS[1].text])
    assert isinstance(found[0], Completion)
    with pytest.raises(DataError, match="Choose one of the recorded questions"):
        prepare(replace(recorded, number=None), None)


def test_the_cost_of_a_comparison_stands_on_its_button() -> None:
    values = np.full(16, 0.5)
    ranking = Ranking(PROMPTS, *(values,) * 4, *(np.full(16, 100.0),) * 2)
    offers = {offer.name: offer for offer in module.offered()}
    assert compare_label(ranking, offers["embedded"], "?").endswith("16 calls, about 1,600 tokens")
    recorded = compare_label(ranking, offers["recorded:gsm8k"], "?")
    assert recorded.endswith("about 1,600 tokens, about $0.00032")


def test_the_most_that_a_comparison_can_cost_is_said_where_no_tokens_were_logged() -> None:
    ready = prepare(replace(USUAL, llm=PAID), None)
    offers = {offer.name: offer for offer in module.offered()}
    label = compare_label(ready.ranking, offers[PAID], "?")
    said = re.search(r"16 calls, at most \$([\d.]+)$", label)
    price = price_of_offer(offers[PAID])
    assert float(said[1]) > price.dollars(0, 16 * Sampling().max_tokens)
    assert float(said[1]) < 2 * price.dollars(16 * 300, 16 * Sampling().max_tokens)


def test_a_price_stands_in_on_the_button_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    values = np.full(16, 0.5)
    ranking = Ranking(PROMPTS, *(values,) * 4, *(np.full(16, 100.0),) * 2)
    offers = {offer.name: offer for offer in module.offered()}
    price = price_as_if("gpt-6-luna")
    dear = max(price.prompt, price.completion)

    said = compare_label(ranking, offers["embedded"], "?", price)
    assert said.endswith(f"tokens, about {dollars(1600 * dear / 1e6)} as if it were gpt-6-luna")
    for priced in ("recorded:gsm8k", PAID):
        assert "as if" not in compare_label(ranking, offers[priced], "?", price)
    # What this machine costs by the hour is known only once it has answered.
    monkeypatch.setenv("PROMPT_OIRL_HOURLY_PRICE", "1")
    assert compare_label(ranking, offers["embedded"], "?", price).endswith("1,600 tokens")


def test_a_bound_stays_one_at_a_price_that_stands_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:1/v1")
    monkeypatch.setenv("PROMPT_OIRL_API_MODELS", "a-model")
    module.offered.cache_clear()
    unlisted = replace(USUAL, llm="openai:a-model")
    ready = prepare(unlisted, None)
    label = compare_label(ready.ranking, unlisted.offer, "?", price_as_if("gpt-6-luna"))
    assert re.search(r"16 calls, at most \$[\d.]+ as if it were gpt-6-luna$", label)


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": None},
        {"question": 7},
        {"question": "2 + 2 \ud800"},
        {"calls": None},
        {"calls": float("nan")},
        {"calls": "4"},
        {"prompt_ids": None},
        {"prompt_ids": [1]},
        {"policy": ["best-of-n"]},
        {"policy": "guessing"},
        {"llm": ["embedded"]},
        {"own_prompts": "x" * 2_001},
        {"own_prompts": "\ud800"},
        {"key": "k" * 401},
    ],
)
def test_what_no_control_can_hold_is_refused_in_words(wrong: dict[str, object]) -> None:
    with pytest.raises(PromptOIRLError):
        prepare(replace(USUAL, **wrong), None)


def test_arms_of_llms_that_are_not_offered_are_put_to_the_chosen_one(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    arms_log().replace({"small": "embedded"}).to_csv(path, index=False)
    log = learn(*read(path), "log.csv")
    ids = [prompt.id for prompt in log.prompts]
    typed = replace(USUAL, prompt_ids=ids, own_prompts="Check it:", scored_by=OWN)
    ready = prepare(typed, log)
    assert ready.note.endswith("large is not offered here: embedded (small, here) answers instead.")
    assert {prompt.llm for prompt in ready.ranking.prompts} == {"embedded", "large"}
    assert len(ready.ranking.prompts) == 6
    llm_of = typed.open("visitor", ready.ranking.prompts)
    assert {llm_of(prompt).name for prompt in ready.ranking.prompts} == {"embedded"}
    shown = ranking_html(log.scorer.rank(USUAL.question, log.prompts), "", {})
    assert "$2.00 per 1,000 calls in the log" in shown
