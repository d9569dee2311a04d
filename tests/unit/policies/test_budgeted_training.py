"""What the budget model reads and learns, and its file."""

import json
import zipfile
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from budget_log import COUNT, MadeUp, made_up_log

from core import boosting
from core.errors import ArtifactError, DataError
from core.evaluation.replay import Scores, replay
from core.policies import Context, Reply, Request
from core.policies.budget import BudgetModel, storage
from core.policies.budget.dial import PRICES, calls_taken
from core.policies.budget.evidence import STATE_FEATURES, VOTE_FEATURES, Evidence
from core.policies.budget.model import BATCHES, UNITS
from core.policies.budget.order import greedy_order
from core.policies.budget.training import fit, predicted_gains
from core.policies.budget.trajectories import trajectories
from core.policies.budgeted import Budgeted


@pytest.fixture(scope="module")
def saved(budget_model: BudgetModel, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("budget") / "budget.zip"
    storage.save(budget_model, path)
    return path


def test_a_saved_model_comes_back_whole(
    budget_model: BudgetModel, saved: Path, tmp_path: Path
) -> None:
    again = storage.load(saved)
    context = Context(np.full(COUNT, 0.5), np.full(COUNT, 0.5), np.full(COUNT, 1.0), "2 pens")
    replies = [Reply(Request(0), answer="7"), Reply(Request(1), answer="8")]
    before, after = budget_model.assess(context, replies), again.assess(context, replies)
    assert before.beliefs == after.beliefs
    assert before.gains.tolist() == after.gains.tolist()
    assert (again.prompts, again.order) == (budget_model.prompts, budget_model.order)
    assert [again.price_for(calls) for calls in (1, 3, 8)] == [
        budget_model.price_for(calls) for calls in (1, 3, 8)
    ]
    storage.save(again, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == saved.read_bytes()


def test_the_same_log_and_seed_give_the_same_bytes(
    made_up: MadeUp, saved: Path, tmp_path: Path
) -> None:
    storage.save(fit(*made_up), tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == saved.read_bytes()


def _rewritten(saved: Path, path: Path, change) -> Path:
    with zipfile.ZipFile(saved) as archive:
        members = {name: archive.read(name).decode() for name in archive.namelist()}
    header = json.loads(members["header.json"])
    change(header, members)
    members["header.json"] = json.dumps(header)
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


DAMAGE = {
    "another kind": (lambda h, m: h.update(format="cake"), "is not a budget model"),
    "a future version": (lambda h, m: h.update(version=99), "format version 99"),
    "a changed booster": (
        lambda h, m: m.update({"vote.txt": m["vote.txt"].replace("7", "8", 1)}),
        "not those that were saved",
    ),
    "exchanged boosters": (
        lambda h, m: (
            m.update({"vote.txt": m["gain.txt"]}),
            h["sha256"].update(vote=h["sha256"]["gain"]),
        ),
        "takes 9 features",
    ),
    "an order with a gap": (lambda h, m: h.update(order=[0] * COUNT), "every prompt once"),
    "an unsorted dial": (lambda h, m: h["prices"].reverse(), "not sorted"),
    "a dial without end": (lambda h, m: h["prices"].append(1.0), "another number of values"),
    "an infinite price": (lambda h, m: h["prices"].__setitem__(0, float("inf")), "not finite"),
    "an unknown first prompt": (lambda h, m: h.update(first="last"), "unknown way"),
    "an opening of shares": (
        lambda h, m: h.update(opening=[0.5] * COUNT),
        "opening has another number of values",
    ),
    "a dial that turns back": (lambda h, m: h["calls"][0][1].reverse(), "not sorted"),
    "a missing field": (lambda h, m: h.pop("calls"), "damaged"),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_file_is_refused(saved: Path, tmp_path: Path, kind: str) -> None:
    change, message = DAMAGE[kind]
    with pytest.raises(ArtifactError, match=message):
        storage.load(_rewritten(saved, tmp_path / "bad.zip", change))


def test_a_cut_or_missing_file_is_refused(saved: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.zip"
    cut.write_bytes(saved.read_bytes()[:500])
    with pytest.raises(ArtifactError, match=r"cut\.zip is damaged"):
        storage.load(cut)
    with pytest.raises(ArtifactError, match="There is no budget model"):
        storage.load(tmp_path / "nowhere.zip")


def test_logs_that_teach_nothing_are_refused(made_up: MadeUp) -> None:
    log, reward, fold = made_up
    with pytest.raises(DataError, match="labels without answers"):
        fit(replace(log, answer=None), reward, fold)
    with pytest.raises(DataError, match="two wordings"):
        fit(log, reward, np.zeros_like(fold))
    with pytest.raises(DataError, match="no vote to learn"):
        fit(replace(log, correct=np.zeros_like(log.correct)), reward, fold)


def test_the_dial_counts_the_calls_that_the_policy_makes(
    made_up: MadeUp, budget_model: BudgetModel
) -> None:
    (log, reward, fold), model = made_up, budget_model
    tokens = log.total_tokens.mean(axis=0)
    orders = np.tile(model.order, (len(fold), 1))
    path = trajectories(log, reward, reward, orders)
    states = path.states(boosting.predict(model.vote, path.table))
    taken = calls_taken(predicted_gains(model.gain, model.opening, states.features), tokens[orders])
    accuracy = np.array([log.correct[fold != number].mean(axis=0) for number in fold])
    scores = Scores(reward, accuracy, np.tile(tokens, (len(fold), 1)))
    for unit, batch, setting in product(UNITS, BATCHES, (0, 20, 35, 50, 90)):
        policy = Budgeted(replace(model, first="accuracy"), PRICES[setting], batch=batch, unit=unit)
        place = UNITS.index(unit), BATCHES.index(batch), setting
        assert (replay(policy, log, scores).calls == taken[place]).all(), place


def test_the_query_s_own_prompt_goes_first_only_where_that_pays(
    made_up: MadeUp,
) -> None:
    log, _, fold = made_up
    assert fit(log, np.where(log.correct, 0.9, 0.1), fold).first == "reward"
    worst = np.tile(-log.correct.mean(axis=0), (len(fold), 1))
    assert fit(log, 0.5 + 0.1 * worst, fold).first == "accuracy"


def test_the_order_starts_with_the_best_and_goes_on_with_what_adds() -> None:
    correct = np.array([[1, 1, 0], [1, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 1]], dtype=bool)
    answer = np.where(correct, "1", [["2", "3", "4"]]).astype(object)
    every = np.ones(correct.shape)
    assert greedy_order(correct, answer, every, np.full(3, np.nan)) == (0, 2, 1)
    # A third prompt whose wrong answers outweigh the right ones goes last.
    heavy = every * [1, 1, 5]
    assert greedy_order(correct, answer, heavy, np.full(3, np.nan)) == (0, 1, 2)
    # The dearest prompt is still first: accuracy alone decides the first call, cost the others.
    equal = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 1]], dtype=bool)
    given = np.where(equal, "1", [["2", "3", "4"]]).astype(object)
    assert greedy_order(equal, given, every[:3], np.array([900.0, 500.0, 100.0])) == (0, 2, 1)


def test_features_have_their_names() -> None:
    evidence = Evidence(np.array([0.5, 0.5, 0.8]))
    for prompt, answer, chance in (
        (0, "12", 0.6),
        (1, "-0.5", 0.9),
        (2, "12", 0.2),
        (1, None, 0.5),
    ):
        evidence.add(prompt, answer, chance)
    table = pd.DataFrame(evidence.table(), columns=list(VOTE_FEATURES), index=evidence.candidates)
    assert table["votes"].tolist() == [2, 1]
    assert table["lead"].tolist() == [1, -1]
    assert table["top_reward"].tolist() == [0.8, 0.5]
    assert table["trust"].tolist() == pytest.approx([0.8, 0.9])
    assert table["rival_trust"].tolist() == pytest.approx([0.9, 0.8])
    assert table["best_trust"].tolist() == [0.6, 0.9]
    assert table["trust_share"].sum() == pytest.approx(1)
    state = dict(
        zip(STATE_FEATURES, evidence.state(table.to_numpy(), np.array([0.1, 0.3])), strict=True)
    )
    assert (state["belief"], state["second"], state["calls"], state["missing"]) == (0.3, 0.1, 4, 1)


def test_a_model_that_reads_texts_keeps_its_verifier(tmp_path: Path) -> None:
    model = fit(*made_up_log(texts=True))
    assert model.verifier is not None
    storage.save(model, tmp_path / "budget.zip")
    context = Context(np.full(COUNT, 0.5), np.full(COUNT, 0.5), np.full(COUNT, 1.0), "5 pens")
    replies = [Reply(Request(0), "7", "2 + 5 = 7"), Reply(Request(1), "8", "2 + 5 = 8")]
    before, after = (
        one.assess(context, replies) for one in (model, storage.load(tmp_path / "budget.zip"))
    )
    assert before.chances == after.chances
    assert before.chances[0] > before.chances[1]
