"""A policy is its class and a row of the registry: with these it is everywhere."""

import re

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from core.artifacts import load_table
from core.cli import app
from core.errors import UnknownNameError
from core.evaluation.frontier import billed
from core.evaluation.panels import Panel
from core.evaluation.replay import Scores
from core.evaluation.report import evaluate, frontier
from core.logs.matrix import LogMatrix
from core.policies import BestOfN, policy_by_name, policy_names, registry
from core.policies.entry import Choice, Entry
from core.prompts import TRAINING_PROMPTS
from demo.ask.policies import offered, policy_of
from demo.figures.accuracy import accuracy_against_cost, legend_html


class Coin(BestOfN):
    """The chosen prompt, under another name."""

    name = "coin"


@pytest.fixture
def coin(monkeypatch: pytest.MonkeyPatch) -> Entry:
    """A further row."""
    row = Entry(
        "coin",
        "toss of a coin",
        make=lambda _: Coin(),
        replayed=lambda prompts, seed: [Coin()],
        choices=(Choice(9, "Coin: one call", "Coin: one call, whichever"),),
    )
    monkeypatch.setattr(registry, "REGISTRY", (*registry.REGISTRY, row))
    return row


def _nothing() -> None:
    raise AssertionError("only a budgeted policy needs what was learned")


@pytest.mark.usefixtures("coin")
def test_a_further_policy_can_be_asked_for_everywhere() -> None:
    assert "coin" in policy_names()
    assert policy_by_name("coin", ["a", "b"], _nothing).name == "coin"
    assert list(offered())[-1] == "coin"
    assert policy_of("coin", 4, ["a", "b"], pytest.fail).name == "coin"
    with pytest.raises(UnknownNameError, match="coin"):
        policy_by_name("dice", ["a", "b"], _nothing)


@pytest.mark.usefixtures("coin")
def test_it_answers_on_the_command_line() -> None:
    found = CliRunner().invoke(app, ["ask", "What is 2 + 3?", "--policy", "coin"])
    assert found.exit_code == 0, found.output
    assert "toss of a coin" in found.output


@pytest.mark.usefixtures("coin")
def test_it_is_drawn_named_and_billed() -> None:
    table = load_table("frontier")
    mine = (table["llm"] == "llama2-7b-chat") & (table["dataset"] == "gsm8k")
    rows = table[mine & (table["protocol"] == "clean") & (table["prompt_set"] == "answered")]
    more = rows[rows["policy"] == "best-single"].assign(policy="coin")
    rows = pd.concat([rows, more], ignore_index=True)
    assert "toss of a coin" in [trace.name for trace in accuracy_against_cost(rows).data]
    assert "toss of a coin" in legend_html(rows, "calls")
    assert "coin" in set(billed(rows)["policy"])


@pytest.mark.usefixtures("coin")
def test_it_is_replayed_and_stands_in_the_report() -> None:
    rows, calls = 3, np.full((3, 2), 10.0)
    log = LogMatrix(
        "anyone",
        "any",
        "project",
        TRAINING_PROMPTS[:2],
        *(np.array(list("abc")) for _ in range(3)),
        group=np.arange(rows),
        correct=np.array([[True, False], [True, False], [False, True]]),
        answer=None,
        text=None,
        prompt_tokens=calls,
        completion_tokens=calls,
    )
    scores = Scores(np.array([[0.9, 0.1]] * rows), calls, calls)
    found = frontier(evaluate(Panel("clean", "training", log, (scores,)))).set_index("policy")
    assert found.loc["coin", "accuracy"] == pytest.approx(2 / 3)
    assert bool(found.loc["coin", "deployable"])


def test_help_names_every_policy() -> None:
    found = CliRunner(env={"COLUMNS": "100"}).invoke(app, ["ask", "--help"])
    # Lines are wrapped within a frame.
    said = re.sub(r"[\s│|]", "", found.output)
    assert [name for name in policy_names() if name not in said] == []


def test_names_are_given_once() -> None:
    names = [entry.name for entry in registry.REGISTRY]
    places = [choice.place for entry in registry.REGISTRY for choice in entry.choices]
    assert len(set(names)) == len(names)
    assert sorted(places) == list(range(len(places)))
