"""From a log to tables: no question judges itself, costs add up, the oracle stays apart."""

import numpy as np
import pandas as pd
import pytest

from core.demonstrations import COLUMNS, check
from core.errors import DataError
from core.evaluation.crossfit import assign_folds, clean_scores, cross_fit
from core.evaluation.panels import Panel
from core.evaluation.replay import Scores, average, oracle, replay
from core.evaluation.report import FRONTIER_COLUMNS, Result, evaluate, frontier, summary
from core.logs.matrix import LogMatrix, build, groups
from core.policies import BestOfN, BestSingle, MajorityVote, SelfCritique
from core.prompts import TRAINING_PROMPTS
from core.query import masked

PROMPTS = TRAINING_PROMPTS[:3]
QUESTIONS = 60


def _table(*, answers: bool = True) -> pd.DataFrame:
    """Sixty questions, each in two versions that differ in their numbers, with three prompts."""
    random = np.random.default_rng(0)
    rows = []
    for question in range(QUESTIONS):
        for version in range(2):
            for place, prompt in enumerate(PROMPTS):
                right = bool(random.random() < (0.8, 0.5, 0.2)[place])
                rows.append(
                    {
                        "llm": "llama2-7b-chat",
                        "dataset": "gsm8k",
                        "split": "test",
                        "query_id": 2 * question + version,
                        "query": f"Box {chr(97 + question % 26)}{question // 26 * 'z'} holds "
                        f"{version + 3} pens and loses 2. How many are left?",
                        "prompt_id": prompt.id,
                        "answer": "text" if answers else None,
                        "predicted_answer": ("1" if right else str(10 + place))
                        if answers
                        else None,
                        "correct": right,
                        "published_correct": right,
                        "prompt_tokens": 50.0 + place,
                        "completion_tokens": 100.0,
                        "tokenizer": "llama-2",
                        "gold": None,
                    }
                )
    return check(pd.DataFrame(rows)[COLUMNS], [prompt.id for prompt in PROMPTS])


def _flat_scores(log: LogMatrix) -> Scores:
    shape = log.correct.shape
    accuracy = np.broadcast_to(log.correct.mean(axis=0), shape)
    return Scores(accuracy, accuracy, np.full(shape, 150.0))


@pytest.fixture(scope="module")
def log() -> LogMatrix:
    return build(_table(), PROMPTS, grader="project")


@pytest.fixture(scope="module")
def result(log: LogMatrix) -> Result:
    return evaluate(Panel("clean", "answered", log, (_flat_scores(log),)))


def test_questions_that_differ_in_numbers_share_a_fold_and_a_cluster() -> None:
    queries = [f"Ann has {n} {thing}." for thing in "abcdefghijklmnop" for n in (1, 2, 3)]
    fold, group = assign_folds(queries, seed=0), groups(queries)
    assert (fold.reshape(-1, 3) == fold.reshape(-1, 3)[:, :1]).all()
    assert len(np.unique(group)) == 16
    assert set(fold) == set(range(5))


def test_another_seed_deals_other_folds() -> None:
    queries = [f"Ann has {thing}." for thing in "abcdefghijklmnopqrstuvwxyz"]
    assert (assign_folds(queries, 0) != assign_folds(queries, 1)).any()


def test_a_question_never_takes_part_in_its_own_score() -> None:
    """Turning one question's labels round must leave its own score alone, and change others."""
    table = _table()
    first = masked(table["query"].iloc[0])
    mine = table["query"].map(masked) == first
    turned = table.assign(correct=table["correct"] ^ mine)
    before, after = (
        cross_fit(part, PROMPTS, label="correct", seed=0).reward for part in (table, turned)
    )
    own = [index for index in before.index if index[2] in set(table.loc[mine, "query_id"])]
    pd.testing.assert_frame_equal(before.loc[own], after.loc[own])
    assert (before.drop(own) != after.drop(own)).to_numpy().any()


def test_accuracies_and_tokens_come_from_the_other_folds() -> None:
    table = _table()
    log = build(table, PROMPTS, grader="project")
    fit = cross_fit(table, PROMPTS, label="correct", seed=0)
    scores = clean_scores(log, fit)
    fold = fit.fold.to_numpy()
    row = 7
    expected = log.correct[fold != fold[row]].mean(axis=0)
    assert scores.accuracy[row] == pytest.approx(expected)
    assert scores.tokens[row] == pytest.approx([150, 151, 152])


def test_replay_counts_calls_tokens_and_labels(log: LogMatrix) -> None:
    scores = _flat_scores(log)
    one = replay(BestSingle(), log, scores)
    assert one.correct.tolist() == log.correct[:, 0].astype(float).tolist()
    assert (one.calls == 1).all()
    assert (one.prompt_tokens == 50).all()
    every = replay(MajorityVote(3), log, scores)
    assert (every.calls == 3).all()
    assert (every.prompt_tokens == 153).all()
    assert (every.completion_tokens == 300).all()


def test_a_vote_is_right_when_two_right_answers_outvote_a_wrong_one(log: LogMatrix) -> None:
    every = replay(MajorityVote(3), log, _flat_scores(log))
    two_right = log.correct.sum(axis=1) >= 2
    assert (every.correct[two_right] == 1).all()


def test_a_vote_over_labels_without_answers_is_refused() -> None:
    log = build(_table(answers=False), PROMPTS, grader="published")
    with pytest.raises(DataError, match="labels without answers"):
        replay(MajorityVote(3), log, _flat_scores(log))
    assert replay(BestOfN(), log, _flat_scores(log)).correct.mean() > 0.5


def test_a_vote_reads_answers_as_its_grader_does() -> None:
    """The published grader takes the last digits, this project's the stated answer."""
    table = _table().assign(answer="The answer is 1,234. I took 3 steps.", predicted_answer="1234")
    read = {
        grader: set(build(table, PROMPTS, grader=grader).answer.ravel())
        for grader in ("published", "project")
    }
    assert read == {"published": {"3"}, "project": {"1234"}}


def test_critiques_double_the_calls_and_hide_the_tokens(log: LogMatrix) -> None:
    judged = LogMatrix(**{**vars(log), "verdict": log.correct.astype(float)})
    outcome = replay(SelfCritique(0), judged, _flat_scores(log))
    assert (outcome.calls == 6).all()
    assert np.isnan(outcome.prompt_tokens).all()
    assert outcome.correct.tolist() == log.correct.any(axis=1).astype(float).tolist()


def test_the_average_of_outcomes_is_taken_per_query(log: LogMatrix) -> None:
    outcome, best = replay(BestSingle(), log, _flat_scores(log)), oracle(log)
    mean = average([outcome, best]).correct
    assert mean == pytest.approx((outcome.correct + best.correct) / 2)


def test_the_frontier_table_has_its_columns_and_adds_up(result: Result) -> None:
    table = frontier(result)
    assert list(table.columns) == FRONTIER_COLUMNS
    assert (table["n"] == 2 * QUESTIONS).all()
    assert (table["clusters"] == QUESTIONS).all()
    assert (table["accuracy_low"] <= table["accuracy"]).all()
    assert (table["accuracy"] <= table["accuracy_high"]).all()
    single = table.set_index("policy").loc["best-single"]
    assert single["minus_best_single"] == 0
    # $0.20 per million tokens, 150 tokens a query.
    assert single["dollars_per_1000"] == pytest.approx(0.03)
    assert single["dollars_per_correct"] == pytest.approx(0.00003 / single["accuracy"])


def test_only_the_policies_that_need_the_answers_are_not_deployable(result: Result) -> None:
    table = frontier(result)
    assert set(table.loc[~table["deployable"], "policy"]) == {"oracle", "hindsight-single"}
    oracle_row = table.set_index("policy").loc["oracle"]
    assert (table["accuracy"] <= oracle_row["accuracy"]).all()
    assert np.isnan(oracle_row["dollars_per_1000"])


def test_exhaustive_is_the_vote_of_all_and_the_reference(result: Result) -> None:
    table = frontier(result)
    row = table[(table["policy"] == "majority-vote") & (table["parameter"] == 3)].iloc[0]
    assert (row["minus_exhaustive"], row["calls"]) == (0, 3)


def test_unknown_tokens_stay_unknown_dollars() -> None:
    table = _table().assign(completion_tokens=np.nan)
    log = build(table, PROMPTS, grader="project")
    flat = _flat_scores(log)
    scores = Scores(flat.reward, flat.accuracy, np.full(log.correct.shape, np.nan))
    rows = frontier(evaluate(Panel("clean", "answered", log, (scores,))))
    assert rows["dollars_per_1000"].isna().all()
    assert "cost-aware" not in set(rows["policy"])


def test_the_summary_holds_every_metric(result: Result) -> None:
    table = summary(result).set_index(["metric", "subject"])["value"]
    assert table["gap_recovered", "best-single"] == 0
    assert table["gap_recovered", "majority-vote 3"] == pytest.approx(1)
    assert table["offline_calls", "log"] == 3 * 2 * QUESTIONS
    # 360 logged calls, two saved a query.
    assert table["break_even_queries", "calls"] == pytest.approx(180)
    assert table["break_even_queries", "dollars"] == pytest.approx(180, rel=0.02)
    assert 0 <= table["calibration_error", "reward-model"] < 0.2
    assert table["regret_to_oracle", "best-of-n"] >= 0
    for policy in ("majority-vote", "reward-vote", "adaptive-consistency"):
        assert 0 < table["normalised_area", policy] < 1


def test_a_log_without_a_common_query_is_refused() -> None:
    table = _table()
    half = table[(table["query_id"] % 2 == 0) == (table["prompt_id"] == PROMPTS[0].id)]
    with pytest.raises(DataError, match="No query was logged with all"):
        build(half, PROMPTS, grader="project")


def test_a_mended_log_grades_anew_what_was_mended_and_nothing_else() -> None:
    texts = ["4 × 3 = 14. The answer is 14.", "The answer is 14.", "4 × 3 = 12. The answer is 12."]
    table = _table().groupby("prompt_id", observed=True).head(1).head(3)
    table = table.assign(
        query_id=0,
        query="Four bags of three nuts. How many nuts?",
        answer=texts,
        predicted_answer=["14", "14", "12"],
        correct=[False, False, True],
    )
    prompts = [prompt for prompt in PROMPTS if prompt.id in set(table["prompt_id"])]
    for gold in ({}, {"gold": "12"}):
        log = build(table.assign(**gold), prompts, grader="project")
        mended = log.repaired()
        asked = [texts.index(text) for text in log.text[0]]
        assert list(mended.correct[0]) == [(True, False, True)[place] for place in asked]
        assert list(mended.answer[0]) == [("12", "14", "12")[place] for place in asked]
        assert log.correct.sum() == 1
