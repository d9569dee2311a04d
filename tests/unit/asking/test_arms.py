"""Logs of several LLMs: which LLM and which prompt for a question, and at what cost."""

from pathlib import Path
from typing import NoReturn

import numpy as np
import pandas as pd
import pytest
from arms_log import DOLLARS, arms_log
from queued_llm import QueuedLLM
from typer.testing import CliRunner

from core import llms
from core.asking.arms import put_to_each, renamed
from core.asking.list_prices import with_list_prices
from core.asking.own_log import OwnLog, learn
from core.asking.ranking import scorer_of_file, with_its_log
from core.asking.solve import solve
from core.cli import app
from core.costs.prices import price_by_name
from core.errors import DataError, UnknownNameError
from core.evaluation.frontier import PER_ARM, cheaper_arm, cheapest_as_good, one_row
from core.llms import Failure, LLMError
from core.llms.base import NO_CONTROL
from core.logs.own import inspect, inspect_all, read
from core.policies import Context, MajorityVote
from core.policies.base import as_tokens
from core.policies.budget.order import greedy_order
from core.policies.single import CostAware
from core.prompts import message, own_prompt
from core.reward import storage
from core.serving.asked import read_asked
from core.serving.books import Books
from core.serving.service import Service, Upstream
from demo.figures.accuracy import accuracy_against_cost
from demo.own_logs.result_view import axis_of, caption_html, prompts_html, results_html

EASY = "Ann takes 7 pens to the market aab and 3 back. How many are left after that?"
HARD = "Bob takes 7 pens to the garden aac and 3 back. How much is each worth per hour?"
ARMS = [f"{llm}: own: {prompt}" for llm in DOLLARS for prompt in ("Step by step:", "Briefly:")]


def _written(rows: pd.DataFrame, folder: Path, name: str = "log.csv") -> Path:
    path = folder / name
    rows.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> OwnLog:
    """What a log of two LLMs with answers taught."""
    path = _written(arms_log(), tmp_path_factory.mktemp("arms"))
    return learn(*read(path), "log.csv")


def test_each_prompt_with_each_llm_is_one_to_choose(tmp_path: Path) -> None:
    found = inspect(_written(arms_log(3), tmp_path))
    assert [prompt.id for prompt in found.prompts] == ARMS
    assert found.llms == ("small", "large")
    first = found.prompts[0]
    assert (first.text, first.label, first.llm) == (
        "Step by step:",
        "small · Step by step:",
        "small",
    )
    spent = found.demonstrations().groupby("prompt_id", observed=True)["dollars"].first()
    assert spent.to_dict() == {arm: DOLLARS[arm.partition(":")[0]] for arm in ARMS}


def test_llms_without_prompts_get_the_question_as_it_stands(tmp_path: Path) -> None:
    rows = arms_log(4).drop_duplicates(["query", "llm"]).drop(columns="prompt")
    found = inspect(_written(rows, tmp_path))
    assert [prompt.id for prompt in found.prompts] == ["small", "large"]
    assert [message("How?", prompt) for prompt in found.prompts] == ["How?", "How?"]


def test_files_of_one_llm_each_are_paired_by_their_questions(tmp_path: Path) -> None:
    rows = arms_log(5)
    paths = [
        _written(rows[rows["llm"] == name], tmp_path, f"{name}.csv") for name in ("small", "large")
    ]
    found = inspect_all(paths)
    assert [prompt.id for prompt in found.prompts] == ARMS
    assert set(found.demonstrations().groupby("query_id").size()) == {4}


@pytest.mark.parametrize("llms", [("small", "large"), ("small",)])
def test_rows_that_do_not_say_who_answered_are_named_where_others_do(
    tmp_path: Path, llms: tuple[str, ...]
) -> None:
    rows = arms_log(3)
    rows = rows[rows["llm"].isin(llms)].reset_index(drop=True)
    rows.loc[2, "llm"] = None
    [problem] = inspect(_written(rows, tmp_path)).problems.first
    assert (problem.row, problem.column) == (3, "llm")
    assert problem.rule == "must name the LLM, as other rows do"
    unnamed = rows.drop_duplicates(["query", "prompt"]).assign(llm=None)
    found = inspect(_written(unnamed, tmp_path))
    assert len(found.demonstrations()) == len(unnamed)
    assert not found.llms


def test_files_that_name_llms_and_no_prompt_are_of_llms_alone(tmp_path: Path) -> None:
    rows = arms_log(6).drop_duplicates(["query", "llm"]).drop(columns="prompt")
    by_llm = [_written(part, tmp_path, f"{name}.csv") for name, part in rows.groupby("llm")]
    shards = [_written(rows[::2], tmp_path, "1.csv"), _written(rows[1::2], tmp_path, "2.csv")]
    for paths in (by_llm, shards):
        found = inspect_all(paths)
        assert sorted(prompt.id for prompt in found.prompts) == ["large", "small"]
        assert {prompt.text for prompt in found.prompts} == {"{{query}}"}
        assert set(found.demonstrations().groupby("query_id").size()) == {2}


def test_a_table_of_llms_joins_a_file_of_another_llm(tmp_path: Path) -> None:
    rows = arms_log(6).drop_duplicates(["query", "llm"])
    wide = rows.pivot_table(index="query", columns="llm", values="correct").astype(float)
    for name in DOLLARS:
        wide[f"{name}|total_cost"] = DOLLARS[name]
    paths = [
        _written(wide.reset_index(), tmp_path, "wide.csv"),
        _written(rows[rows["llm"] == "small"].assign(llm="third"), tmp_path, "long.csv"),
    ]
    found = inspect_all(paths)
    third = "third: own: Step by step:"
    assert sorted(prompt.id for prompt in found.prompts) == ["large", "small", third]
    assert set(found.demonstrations().groupby("query_id").size()) == {3}


def test_two_arms_of_one_name_are_a_clear_error(tmp_path: Path) -> None:
    rows = arms_log(3).drop(columns="prompt").assign(prompt="{{query}}")
    rows = rows.drop_duplicates(["query", "llm"])
    rows.loc[rows["llm"] == "large", "prompt"] = "cot"
    rows["llm"] = rows["llm"].replace({"small": "large: cot"})
    with pytest.raises(DataError, match="'large: cot' is given twice"):
        inspect(_written(rows, tmp_path))


@pytest.mark.parametrize(("dollars", "chosen"), [([0.0, 0.0], 1), ([1.0, 1.0], 1), ([1.0, 9.0], 0)])
def test_free_arms_are_chosen_by_their_chances(dollars: list[float], chosen: int) -> None:
    sizes = as_tokens(np.array(dollars))
    context = Context(np.array([0.51, 0.6]), np.array([0.5, 0.5]), sizes)
    assert CostAware(2.0).pick(context) == chosen
    unknown = Context(context.reward, context.accuracy, np.full(2, np.nan))
    assert CostAware(2.0).pick(unknown) == 1


def test_logged_dollars_are_kept_where_list_prices_tell_less(tmp_path: Path) -> None:
    rows = arms_log(2)
    rows["llm"] = rows["llm"].replace({"small": "gpt-4o-mini", "large": "gpt-4o"})
    rows.loc[1, "cost"] = None
    table, prompts = read(_written(rows, tmp_path))
    assert with_list_prices(table, prompts)["dollars"].notna().sum() == len(rows) - 1


@pytest.mark.parametrize("spent", ["-1", "much"])
def test_what_a_call_cannot_cost_is_named_with_its_row(tmp_path: Path, spent: str) -> None:
    rows = arms_log(3).astype({"cost": object})
    rows.loc[4, "cost"] = spent
    [problem] = inspect(_written(rows, tmp_path)).problems.first
    assert (problem.row, problem.column) == (5, "dollars")
    assert problem.rule == "must be a number that is not negative, or nothing"


def test_tokens_and_list_prices_tell_what_calls_cost(tmp_path: Path) -> None:
    rows = arms_log(2).drop(columns="cost").assign(prompt_tokens=1000, completion_tokens=100)
    rows["llm"] = rows["llm"].replace({"small": "openai:gpt-4o-mini", "large": "gpt-4o"})
    table, prompts = read(_written(rows, tmp_path))
    priced = with_list_prices(table, prompts)
    price = price_by_name("gpt-4o")
    assert price is not None
    dear = priced["prompt_id"].astype(str).str.startswith("gpt-4o:")
    assert priced.loc[dear, "dollars"].unique() == [price.dollars(1000, 100)]
    assert (priced.loc[~dear, "dollars"] < priced.loc[dear, "dollars"].min() / 5).all()
    table, prompts = read(_written(rows.replace({"gpt-4o": "my-own"}), tmp_path))
    assert "dollars" not in with_list_prices(table, prompts)


def test_policies_choose_llms_by_what_they_cost(learned: OwnLog) -> None:
    rows = learned.frontier
    assert set(rows["price"]) == {PER_ARM}
    single = one_row(rows, "best-single")
    assert single["dollars_per_1000"] == pytest.approx(1000 * DOLLARS["large"])
    cheaper = cheaper_arm(rows)
    assert cheaper is not None
    assert cheaper["policy"] in {"cost-aware", "budgeted"}
    assert cheaper["dollars_per_1000"] < 0.8 * single["dollars_per_1000"]
    assert cheaper["minus_best_single_low"] > -0.01
    near = cheapest_as_good(rows)
    assert near is None or near["dollars_per_1000"] < rows["dollars_per_1000"].max()


def test_a_question_is_put_to_the_cheap_llm_where_that_will_do(learned: OwnLog) -> None:
    chosen = {
        query: learned.prompts[
            CostAware(0.5).pick(learned.scorer.rank(query, learned.prompts).context)
        ]
        for query in (EASY, HARD)
    }
    assert (chosen[EASY].llm, chosen[HARD].llm) == ("small", "large")


def test_the_budget_is_of_dollars(learned: OwnLog) -> None:
    assert learned.budget is not None
    assert learned.budget.unit == "tokens"
    ranking = learned.scorer.rank(EASY, learned.prompts)
    assert ranking.context.tokens.mean() == pytest.approx(100)
    small, large = ranking.context.tokens[[0, 2]]
    assert large / small == pytest.approx(DOLLARS["large"] / DOLLARS["small"])


def test_a_dear_prompt_is_asked_first_only_where_it_is_worth_its_dollars() -> None:
    correct = np.array([[True, True], [False, True], [True, True], [True, False], [True, True]] * 9)
    correct[:2] = [[False, True]] * 2
    answer = np.where(correct, "1", "2").astype(object)
    spent = np.array([10.0, 190.0])
    asked = correct, answer, np.ones(correct.shape), spent
    assert greedy_order(*asked)[0] == 1
    assert greedy_order(*asked, priced=True)[0] == 0


def test_each_call_goes_to_its_llm_and_its_reply_to_its_prompt(learned: OwnLog) -> None:
    asked = {name: QueuedLLM([f"{name} says 4."] * 2) for name in ("small", "large")}
    ranking = learned.scorer.rank(EASY, learned.prompts)
    every = solve(EASY, ranking, MajorityVote(4), lambda prompt: asked[prompt.llm])
    assert sorted(call.prompt_id for call in every.calls) == sorted(ARMS)
    for call in every.calls:
        assert call.result.text.startswith(call.prompt_id.partition(":")[0])
    for name, llm in asked.items():
        said = [one for batch in llm.asked for one in batch]
        assert sorted(said) == sorted(
            message(EASY, prompt) for prompt in learned.prompts if prompt.llm == name
        )


@pytest.mark.parametrize("refusing", ["small", "large"])
def test_an_llm_that_cannot_be_asked_takes_nothing_from_the_other(
    learned: OwnLog, refusing: str
) -> None:
    class Refusing(QueuedLLM):
        def complete(self, *_: object) -> NoReturn:
            raise LLMError(Failure("bad key", "No key."))

    asked = {name: QueuedLLM(["It is 4."] * 2) for name in DOLLARS} | {refusing: Refusing([])}
    ranking = learned.scorer.rank(EASY, learned.prompts)
    every = solve(EASY, ranking, MajorityVote(4), lambda prompt: asked[prompt.llm])
    assert (every.value, every.votes, len(every.entries)) == ("4", 2, 2)
    assert [failure.kind for failure in every.failures] == ["bad key"] * 2
    assert every.prompt.llm != refusing
    with pytest.raises(LLMError, match="No key"):
        solve(EASY, ranking, MajorityVote(4), lambda prompt: asked[refusing])


def test_a_models_file_keeps_llms_and_dollars(learned: OwnLog, tmp_path: Path) -> None:
    path = tmp_path / "model.zip"
    storage.save(with_its_log(learned.scorer), path)
    again = scorer_of_file(storage.load(path))
    assert again.model.prompts == learned.prompts
    assert again.dollars == learned.scorer.dollars
    shown = again.rank(EASY, again.model.prompts).rows()
    assert {(row["llm"], round(row["dollars"], 9)) for row in shown} == set(DOLLARS.items())


@pytest.mark.parametrize("answers", [True, False])
def test_the_figure_is_in_dollars_with_and_without_votes(
    learned: OwnLog, tmp_path: Path, answers: bool
) -> None:
    log = learned
    if not answers:
        log = learn(*read(_written(arms_log(answers=False), tmp_path)), "labels.csv")
    figure = accuracy_against_cost(log.frontier, axis_of(log))
    assert figure.layout.xaxis.title.text == "dollars per 1,000 queries"
    drawn = {trace.name for trace in figure.data}
    assert {"best-of-N", "cost-aware best-of-N"} <= drawn
    assert ("majority vote" in drawn) == answers
    assert "As right as the best one, for" in results_html(learned)
    assert "Dotted: the frontier" in caption_html(log)
    assert "<td>large</td>" in prompts_html(log)


def test_free_llms_are_compared_by_calls(tmp_path: Path) -> None:
    rows = arms_log(60)
    rows.loc[rows["llm"] == "small", "cost"] = 0.0
    log = learn(*read(_written(rows, tmp_path)), "free.csv")
    assert axis_of(log) == "calls"
    accuracy_against_cost(log.frontier, axis_of(log))


def test_an_llm_of_the_log_may_be_called_otherwise(learned: OwnLog) -> None:
    given = ["small=embedded"]
    assert renamed(learned.prompts, given) == {"small": "embedded", "large": "openai:large"}
    with pytest.raises(UnknownNameError, match="Unknown LLM of the log 'tiny'"):
        renamed(learned.prompts, ["tiny=embedded"])
    with pytest.raises(DataError, match="renamed like mixtral=openai:MODEL; got 'small'"):
        renamed(learned.prompts, ["small"])


def test_a_further_prompt_is_put_to_each_llm(learned: OwnLog) -> None:
    more = put_to_each([own_prompt("Check it:")], learned.prompts)
    assert [one.id for one in more] == ["small: own: Check it:", "large: own: Check it:"]
    assert put_to_each([own_prompt("Check it:")], [own_prompt("Briefly:")])[0].llm == ""


@pytest.fixture
def model(learned: OwnLog, tmp_path: Path) -> str:
    """The file of a model that chooses among two LLMs."""
    path = tmp_path / "model.zip"
    storage.save(with_its_log(learned.scorer), path)
    return str(path)


def _ask(*arguments: str) -> str:
    shown = CliRunner().invoke(
        app, ["ask", *arguments], env={"COLUMNS": "200"}, catch_exceptions=False
    )
    return shown.output


def test_the_terminal_asks_the_chosen_llm(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    named: list[str] = []

    def get(name: str, *_: object, **__: object) -> QueuedLLM:
        named.append(name)
        return QueuedLLM([f"It is 4, says {name}."])

    monkeypatch.setattr(llms, "get", get)
    shown = _ask(HARD, "--model", model, "--arm", "small=embedded", "--arm", "large=hf:big")
    assert named == ["embedded", "hf:big"]
    assert "It is 4, says hf:big." in shown
    with pytest.raises(DataError, match="this model chooses among small and large"):
        _ask(HARD, "--model", model, "--llm", "embedded")
    with pytest.raises(DataError, match="this model chooses none"):
        _ask("What is 2 + 2?", "--arm", "small=embedded")


def test_asking_every_arm_costs_what_the_log_says_of_each(learned: OwnLog) -> None:
    books = Books()
    scorer = scorer_of_file(with_its_log(learned.scorer))
    # A logged LLM with a list price, so that its call costs real dollars.
    asked = QueuedLLM(["It is 4."] * 2, model="llama2-7b-chat")
    service = Service(scorer, None, Upstream(dict.fromkeys(("", "small", "large"), asked)), books)
    request = read_asked({"messages": [{"role": "user", "content": HARD}]}, "best-of-n", 99)
    service.answer(request, "", "client", NO_CONTROL)
    counted = books.plain()["models"]["best-of-n"]
    assert counted["dollars"] > 0
    assert counted["exhaustive_dollars"] == pytest.approx(2 * sum(DOLLARS.values()))
