import pandas as pd
import pytest

from core.evaluation.answer_report import CHOSEN, PUBLISHED, extraction_report
from core.grading.final_answer import published_grade
from core.logs import published


@pytest.fixture(scope="module")
def recorded(published_data: object) -> pd.DataFrame:
    return published.gsm8k_test_answers()


@pytest.fixture(scope="module")
def report(recorded: pd.DataFrame) -> pd.DataFrame:
    return extraction_report(recorded).set_index("rule")


def test_the_published_grader_reproduces_every_published_label(recorded: pd.DataFrame) -> None:
    again = [
        published_grade(answer, gold)
        for answer, gold in zip(recorded["answer"], recorded["gold"], strict=True)
    ]
    wrong = recorded["published_correct"] != pd.Series(again, index=recorded.index)
    assert recorded.groupby("prompt_id", observed=True).size().tolist() == [1000] * 16
    assert wrong.sum() == 0


def test_the_chosen_rule_is_the_most_accurate_in_both_halves(report: pd.DataFrame) -> None:
    assert report["accuracy_selection"].idxmax() == CHOSEN
    assert report["accuracy_report"].idxmax() == CHOSEN


def test_the_chosen_rule_beats_the_published_grader(report: pd.DataFrame) -> None:
    assert report.loc[CHOSEN, "difference_low"] > 0


def test_the_gain_is_not_bought_with_false_credit(report: pd.DataFrame) -> None:
    assert report["false_credit_rate"].idxmin() == CHOSEN
    assert report["missed_rate"].idxmin() == CHOSEN


def test_the_reported_accuracies_stay_as_they_are(report: pd.DataFrame) -> None:
    assert report.loc[PUBLISHED, "accuracy_report"] == pytest.approx(0.1969, abs=1e-4)
    assert report.loc["after last equals", "accuracy_report"] == pytest.approx(0.2332, abs=1e-4)
    assert report.loc[CHOSEN, "accuracy_report"] == pytest.approx(0.2446, abs=1e-4)
