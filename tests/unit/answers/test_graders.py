"""Both graders side by side: each judges by its own labels, and differences are paired."""

import numpy as np
import pandas as pd
import pytest
from budget_log import made_up_log, table_of

from core.building.readme_tables import graders_markdown
from core.evaluation.graders import AT_CALLS, graded_panel, read_off
from core.evaluation.report import Result, evaluate

QUERIES, LENIENT = 60, 7
"""Questions, and how many first answers the published grader credits against the project's."""


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    log, _, _ = made_up_log(QUERIES)
    published = log.correct.copy()
    published[np.flatnonzero(~log.correct[:, 0])[:LENIENT], 0] = True
    answers = [
        "no number" if number is None else f"So 3 + {number}" for number in log.answer.ravel()
    ]
    return table_of(log, answers, published)


@pytest.fixture(scope="module")
def result(table: pd.DataFrame) -> Result:
    return evaluate(graded_panel(table, "gsm8k", "published", repetitions=1))


def test_each_grader_judges_by_its_own_labels_and_reading(table: pd.DataFrame) -> None:
    panels = {
        grader: graded_panel(table, "gsm8k", grader, repetitions=1)
        for grader in ("published", "project")
    }
    right = {name: int(panel.log.correct.sum()) for name, panel in panels.items()}
    assert right["published"] == right["project"] + LENIENT
    assert panels["project"].log.answer[0, 0] == str(
        int(float(panels["published"].log.answer[0, 0]))
    )
    assert (panels["published"].scores[0].accuracy[:, 0] > 0).all()
    assert not np.allclose(
        panels["published"].nested[0].reward[0], panels["project"].nested[0].reward[0]
    )


def test_curves_are_read_off_with_paired_differences(result: Result) -> None:
    rows = read_off(result).set_index(["cost", "policy", "measure", "calls"]).sort_index()
    one, every = result.best_single.correct.mean(), result.exhaustive.correct.mean()
    vote = rows.loc[("calls", "majority-vote", "accuracy")]
    assert vote["value"].tolist()[0] == pytest.approx(one)
    assert vote.loc[8, "value"] == pytest.approx(every)
    assert vote.loc[8, "minus_exhaustive"] == vote.loc[8, "minus_exhaustive_high"] == 0
    assert vote.index.tolist() == [calls for calls in AT_CALLS if calls <= 8]
    budgeted = rows.loc[("calls", "budgeted", "accuracy")]
    assert (vote["budgeted_minus"] == budgeted["value"] - vote["value"]).all()
    assert (vote["budgeted_minus_low"] <= vote["budgeted_minus"]).all()
    area = rows.loc[("calls", "majority-vote", "area", 4.0)]
    assert vote["value"].min() <= area["value"] <= vote["value"].max()


def test_the_table_shows_both_costs(result: Result) -> None:
    shown = graders_markdown(read_off(result))
    assert "| grader | policy | 1 | 2 | 3 | 4 | 6 | 8 |" in shown
    for start in ("| published | budgeted |", "| published | calls |", "| published | tokens |"):
        assert shown.count(start) == 1
