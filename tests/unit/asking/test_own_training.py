"""Learning from a visitor's log: gains where there are any, none where there are none."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from own_log import own_log

from core.asking import judged
from core.asking.own_log import FITS, Hooks, OwnLog, StoppedError, learn
from core.errors import DataError
from core.evaluation.report import FRONTIER_COLUMNS
from core.logs import own as own_logs
from core.reward import storage


def _learn(rows: pd.DataFrame, folder: Path, hooks: Hooks | None = None) -> OwnLog:
    path = folder / "log.csv"
    rows.to_csv(path, index=False)
    found = own_logs.inspect(path)
    return learn(found.table, found.prompts, path.name, hooks)


def _row(log: OwnLog, policy: str, parameter: float | None = None) -> pd.Series:
    rows = log.frontier[log.frontier["policy"] == policy]
    return (rows if parameter is None else rows[rows["parameter"] == parameter]).iloc[0]


@pytest.fixture(scope="module")
def structured(tmp_path_factory: pytest.TempPathFactory) -> OwnLog:
    return _learn(own_log(), tmp_path_factory.mktemp("logs"))


@pytest.fixture(scope="module")
def flat(tmp_path_factory: pytest.TempPathFactory) -> OwnLog:
    return _learn(own_log(structure=0.0, answers=False), tmp_path_factory.mktemp("logs"))


def test_best_of_n_gains_where_prompts_suit_kinds_of_queries(structured: OwnLog) -> None:
    best = _row(structured, "best-of-n")
    assert best["n"] == structured.complete == 300
    assert best["minus_best_single_low"] > 0
    assert structured.calibration < 0.1


def test_best_of_n_has_no_significant_gain_where_they_do_not(flat: OwnLog) -> None:
    best = _row(flat, "best-of-n")
    assert best["minus_best_single_low"] <= 0 <= best["minus_best_single_high"]
    assert flat.calibration < 0.1


def test_votes_are_compared_where_there_are_answers_alone(structured: OwnLog, flat: OwnLog) -> None:
    assert list(structured.frontier.columns) == FRONTIER_COLUMNS
    assert _row(structured, "majority-vote", 4)["calls"] == 4
    assert 1 < _row(structured, "adaptive-consistency", 0.95)["calls"] <= 4
    assert set(flat.frontier["policy"]) == {
        "best-of-n",
        "best-single",
        "random",
        "oracle",
        "hindsight-single",
    }


def test_answers_without_numbers_are_no_votes(tmp_path: Path) -> None:
    log = _learn(own_log(60).assign(answer="I do not know."), tmp_path)
    assert "majority-vote" not in set(log.frontier["policy"])


def test_a_predicted_answer_needs_no_text(tmp_path: Path) -> None:
    rows = own_log(60, answers=False)
    rows["predicted_answer"] = np.where(rows["correct"], "B", [f"A{n}" for n in range(len(rows))])
    log = _learn(rows, tmp_path)
    # Two right answers agree and wrong ones never do, so the vote finds them.
    exhaustive = _row(log, "majority-vote", 4)["accuracy"]
    assert _row(log, "random")["accuracy"] < exhaustive <= _row(log, "oracle")["accuracy"]


def test_the_scorer_ranks_the_logs_own_prompts(structured: OwnLog) -> None:
    query = "Zoe takes 9 kites to the beach and 2 back. How much is each worth per hour?"
    ranking = structured.scorer.rank(query, structured.prompts)
    assert ranking.best.text in ("Prompt 1, think:", "Prompt 3, think:")
    assert ranking.accuracy == pytest.approx(
        [structured.scorer.accuracy[prompt.id] for prompt in structured.prompts]
    )
    assert np.isnan(ranking.tokens).all()


def test_a_page_can_tell_whether_it_holds_the_same_log(structured: OwnLog, flat: OwnLog) -> None:
    assert {structured, flat, structured} == {structured, flat}


def test_the_saved_model_says_the_same(structured: OwnLog, tmp_path: Path) -> None:
    storage.save(structured.scorer.model, tmp_path / "model.zip")
    model = storage.load(tmp_path / "model.zip")
    queries = ["Zoe takes 9 kites to the beach. How many are left after that?"]
    before = structured.scorer.model.predict(queries, structured.prompts)
    after = model.predict(queries, structured.prompts)
    assert after.probability == pytest.approx(before.probability)
    assert model.prompts == structured.prompts


def test_tokens_of_a_call_are_known_where_they_were_logged(tmp_path: Path) -> None:
    rows = own_log(40).assign(prompt_tokens=50, completion_tokens=10)
    log = _learn(rows, tmp_path)
    assert set(log.scorer.tokens.values()) == {60.0}
    assert _row(log, "best-of-n")["prompt_tokens"] == 50


def test_a_log_with_gaps_is_judged_on_its_complete_queries(tmp_path: Path) -> None:
    rows = own_log(100)
    # Three of four queries lack their first prompt.
    gap = (np.arange(len(rows)) // 4 % 4 > 0) & (np.arange(len(rows)) % 4 == 0)
    log = _learn(rows[~gap], tmp_path)
    assert log.complete == 25
    assert _row(log, "best-of-n")["n"] == 25


def test_prompts_logged_on_different_queries_are_learned_from_without_comparison(
    tmp_path: Path,
) -> None:
    rows = own_log(100)
    log = _learn(rows[np.arange(len(rows)) % 4 == np.arange(len(rows)) // 4 % 4], tmp_path)
    assert log.complete == 0
    assert log.frontier.empty
    assert len(log.scorer.rank("How many are left?", log.prompts).order) == 4


def test_repeated_samples_are_judged_one_by_one(tmp_path: Path) -> None:
    rows = own_log(40)
    number = pd.factorize(rows["query"])[0]
    twice = pd.concat([rows.assign(query_id=[f"{n}#{sample}" for n in number]) for sample in "12"])
    log = _learn(twice, tmp_path)
    assert log.complete == 80
    assert _row(log, "best-of-n")["clusters"] == 40


def test_a_large_log_is_judged_on_a_stated_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judged, "MOST_JUDGED", 30)
    log = _learn(own_log(60, answers=False), tmp_path)
    assert (log.complete, _row(log, "best-of-n")["n"]) == (60, 30)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (own_log(19), "The log has 19 distinct queries"),
        (own_log(30, prompts=1), "The log has one prompt; at least 2"),
        (own_log(30).assign(correct=True), "Every answer in the log is right"),
        (own_log(30).assign(correct=False), "Every answer in the log is wrong"),
        (
            own_log(30).assign(correct=[False] * 119 + [True]),
            "The log has 1 right answer, too few",
        ),
    ],
)
def test_a_log_that_cannot_be_judged_is_explained(
    tmp_path: Path, rows: pd.DataFrame, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        _learn(rows, tmp_path)


def test_the_budget_policy_is_learned_where_there_are_answers_enough(
    structured: OwnLog, flat: OwnLog, tmp_path: Path
) -> None:
    rows = structured.frontier[structured.frontier["policy"] == "budgeted"]
    assert rows["calls"].min() == 1
    assert rows["calls"].max() == len(structured.prompts)
    assert structured.budget is not None
    assert structured.budget.prompts == tuple(prompt.id for prompt in structured.prompts)
    assert flat.budget is None
    assert _learn(own_log(60), tmp_path).budget is None


def test_progress_is_told_and_a_stop_is_heard(tmp_path: Path) -> None:
    stages, fits = [], []
    _learn(own_log(30), tmp_path, Hooks(lambda text, of: stages.append(of), lambda: fits.append(1)))
    assert len(fits) == FITS
    assert stages == [FITS] * 3
    fits.clear()
    with pytest.raises(StoppedError):
        _learn(
            own_log(30),
            tmp_path,
            Hooks(fit=lambda: fits.append(1), cancelled=lambda: len(fits) > 0),
        )
    assert len(fits) == 1
