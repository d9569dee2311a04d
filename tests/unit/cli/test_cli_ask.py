"""`ask` as a person meets it: an answer, what it cost, and what exhaustive prompting would."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from own_log import own_log, write_log
from queued_llm import QueuedLLM
from typer.testing import CliRunner

from core import llms
from core.cli import app
from core.prompts import PROMPTS

QUESTION = "Olga has 12 nuts and gives 5 to Mia. How many are left?"
MODEL = "gpt-3.5-turbo"


@pytest.fixture
def run() -> CliRunner:
    return CliRunner()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the LLM will say; a test fills it."""
    queue: list[str] = []

    def get(name: str, sampling: llms.Sampling, **settings: object) -> QueuedLLM:
        llm = QueuedLLM([])
        llm.texts, llm.name = queue, name
        return llm

    monkeypatch.setattr(llms, "get", get)
    return queue


def _json(run: CliRunner, *arguments: str) -> dict[str, Any]:
    shown = run.invoke(app, ["ask", QUESTION, *arguments, "--json"], catch_exceptions=False)
    return json.loads(shown.stdout)


def test_one_call_with_the_best_prompt(run: CliRunner, answers: list[str]) -> None:
    answers += ["12 - 5 = 7. The answer is 7."]
    shown = _json(run)
    assert (shown["question"], shown["llm"], len(shown["ranking"])) == (QUESTION, "embedded", 16)
    (answer,) = shown["answers"]
    assert answer["policy"] == "best-of-n"
    assert answer["prompt_id"] == shown["ranking"][0]["prompt_id"]
    assert (answer["value"], answer["calls"], answer["tokens"]) == ("7", 1, 200)


def test_compare_sets_exhaustive_prompting_beside_it(run: CliRunner, answers: list[str]) -> None:
    answers += ["The answer is 8.", *["The answer is 7."] * 9, *["The answer is 8."] * 7]
    one, every = _json(run, "--compare")["answers"]
    assert (one["value"], one["calls"]) == ("8", 1)
    assert (every["value"], every["calls"], every["votes"]) == ("7", 16, 9)
    assert every["tokens"] == 16 * one["tokens"]


def test_the_page_of_text_says_what_each_cost(run: CliRunner, answers: list[str]) -> None:
    answers += ["12 - 5 = 7. The answer is 7."] * 17
    shown = run.invoke(app, ["ask", QUESTION, "--compare"], catch_exceptions=False).stdout
    assert shown.count("◀ best") == 1
    assert "12 - 5 = 7" in shown
    for expected in ("majority vote over 16", "16 of 16", "3,200", "$0.000040", "$0.000640"):
        assert expected in shown
    assert "One call and all 16 agree on 7 (16 of 16 votes)." in shown


def test_another_policy_and_a_prompt_of_ones_own(run: CliRunner, answers: list[str]) -> None:
    answers += ["The answer is 7."] * 3
    shown = _json(run, "--policy", "majority-vote:3", "--prompt", "Be careful:")
    assert len(shown["ranking"]) == 17
    assert "Be careful:" in {row["prompt"] for row in shown["ranking"]}
    assert shown["answers"][0]["calls"] == 3


def test_comparing_exhaustive_prompting_with_itself_asks_once(
    run: CliRunner, answers: list[str]
) -> None:
    answers += ["The answer is 7."] * 16
    assert len(_json(run, "--policy", "majority-vote", "--compare")["answers"]) == 1


def test_failed_calls_are_told_and_stand_in_the_ledger(
    run: CliRunner, answers: list[str], tmp_path: Path
) -> None:
    answers += ["", "The answer is 7."]
    book = tmp_path / "ledger.csv"
    arguments = ["ask", QUESTION, "--policy", "majority-vote:2", "--ledger", str(book)]
    shown = run.invoke(app, arguments, catch_exceptions=False)
    assert "did not answer in time" in " ".join(shown.output.split())
    assert pd.read_csv(book)["outcome"].tolist() == ["time-out", "ok"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--policy", "guess"], "Unknown policy 'guess'. Known: best-of-n"),
        (["--policy", "best-of-n:3"], "takes no setting; got '3'"),
        (["--policy", "majority-vote:17"], "a whole number from 1 to 16; got '17'"),
        (["--policy", "majority-vote:2.5"], "a whole number from 1 to 16; got '2.5'"),
        (["--policy", "adaptive-consistency:x"], "a number from 0.5 to 1; got 'x'"),
        (["--policy", "budgeted:20"], "a number from 1 to 16, the mean calls"),
        (["--policy", "budgeted:worth=0"], "a right answer is worth; got 'worth=0'"),
        (["--policy", "budgeted-2-at-once:worth=x"], "or worth= and a number above 0"),
        (["--policy", "budgeted", "--llm", "openai:x"], "that of gpt-3.5-turbo has none"),
        (["--temperature", "3"], "temperature is 3.0; allowed: 0 to 2"),
        (["--prompt", " "], "A prompt cannot be empty"),
    ],
)
def test_wrong_settings_are_refused_before_any_call(
    arguments: list[str], said: str, run: CliRunner, answers: list[str]
) -> None:
    shown = run.invoke(app, ["ask", QUESTION, *arguments])
    assert shown.exit_code == 1
    assert said in str(shown.exception)


def test_an_unknown_llm_is_answered_with_those_there_are(run: CliRunner) -> None:
    shown = run.invoke(app, ["ask", QUESTION, "--llm", "gpt-17"])
    assert "Unknown LLM 'gpt-17'. Known: embedded, recorded:gsm8k" in str(shown.exception)


def test_a_right_answer_worth_more_calls_gets_more(run: CliRunner, answers: list[str]) -> None:
    def calls(policy: str) -> int:
        answers[:] = [f"The answer is {number}." for number in range(16)]
        return _json(run, "--policy", policy)["answers"][0]["calls"]

    taken = [calls(f"budgeted:worth={worth}") for worth in ("0.5", "50", "100000")]
    assert taken == sorted(taken)
    assert taken[0] == 1 < taken[2]
    assert calls("budgeted-4-at-once:worth=1000") % 4 == 0


def test_every_policy_asks_for_prompts_that_exist(run: CliRunner, answers: list[str]) -> None:
    from core.policies import policy_names

    for policy in policy_names():
        answers[:] = ["The answer is 7."] * len(PROMPTS)
        assert _json(run, "--policy", policy)["answers"][0]["value"] == "7"


def test_a_miscalculation_is_mended_and_told_on_request(run: CliRunner, answers: list[str]) -> None:
    said = "12 - 5 = 8. The answer is 8."
    answers += [said, said, said]
    (answer,) = _json(run, "--repair")["answers"]
    assert (answer["value"], answer["as_answered"]) == ("7", "8")
    assert answer["mended"] == "12 − 5 is 7, not 8"
    shown = run.invoke(app, ["ask", QUESTION, "--repair"], catch_exceptions=False)
    assert "Mended: 12 − 5 is 7, not 8." in shown.stdout
    (plain,) = _json(run, "--no-repair")["answers"]
    assert (plain["value"], plain["mended"]) == ("8", "")


def _choices(path: Path) -> Path:
    """A log of questions with four choices, written to a file."""
    table = own_log(60)
    right = table["correct"]
    letters = pd.Series(["(B)", "B.", "The answer is B."] * len(table))[: len(table)]
    table["answer"] = letters.where(right, "I think the answer is (c).")
    return write_log(table.drop(columns="correct").assign(gold="B"), path)


def test_what_learned_from_choices_reads_choices(
    run: CliRunner, answers: list[str], tmp_path: Path
) -> None:
    model = tmp_path / "choices.zip"
    log = _choices(tmp_path / "choices.csv")
    trained = run.invoke(app, ["train", str(model), "--log", str(log)])
    assert trained.exit_code == 0, trained.output
    answers += ["Of 3 and 4 it is (B).", "B. 12 apples", "The answer is C.", "No idea."]
    (answer,) = _json(run, "--model", str(model), "--policy", "majority-vote:4")["answers"]
    assert (answer["value"], answer["votes"], answer["calls"]) == ("B", 2, 4)
    answers += ["No idea, 12 perhaps."]
    shown = run.invoke(app, ["ask", QUESTION, "--model", str(model)]).stdout
    assert "no choice" in shown
