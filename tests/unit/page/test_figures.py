"""The dashboard's figure says what the rows say, and no more."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest

from core.artifacts import load_table
from core.evaluation.frontier import (
    billed,
    cheapest_as_good,
    hero,
    share_of_bill,
    strongest,
    within,
)
from demo import findings
from demo.figures import accuracy as figures
from demo.figures import axes
from demo.savings import cards

SPAN = 0.02


def _row(
    policy: str, accuracy: float, calls: float, parameter: float = np.nan, **other: object
) -> dict:
    row = {
        "policy": policy,
        "parameter": parameter,
        "accuracy": accuracy,
        "calls": calls,
        "prompts": 4,
        "n": 500,
        "deployable": policy not in ("oracle", "hindsight-single"),
        "prompt_tokens": 50.0 * calls,
        "completion_tokens": 100.0 * calls,
        "dollars_per_1000": 0.03 * calls,
        "dollars_per_correct": 0.00003 * calls / accuracy,
        "price": "someone, 2026-11-01, a library",
        "grader": "project",
    }
    for name, base in (
        ("accuracy", 0.0),
        ("minus_best_single", 0.6),
        ("minus_same_prompt", 0.55),
        ("minus_exhaustive", 0.8),
    ):
        value = accuracy - base
        row |= {name: value, f"{name}_low": value - SPAN, f"{name}_high": value + SPAN}
    return row | other


def _frame(**changes: dict) -> pd.DataFrame:
    rows = {
        "random": _row("random", 0.5, 1),
        "best-single": _row("best-single", 0.6, 1),
        "best-of-n": _row("best-of-n", 0.65, 1),
        "vote2": _row("majority-vote", 0.7, 2, 2),
        "vote4": _row("majority-vote", 0.8, 4, 4),
        "adaptive": _row("adaptive-consistency", 0.79, 2.5, 0.9),
        "oracle": _row("oracle", 0.95, 1, prompt_tokens=np.nan, completion_tokens=np.nan),
    }
    rows["vote4"] |= {"minus_exhaustive_low": 0.0, "minus_exhaustive_high": 0.0}
    rows["adaptive"] |= {"minus_exhaustive_low": -0.009}
    for name, change in changes.items():
        rows[name] |= change
    return pd.DataFrame(list(rows.values()))


def test_the_oracle_is_dashed_named_and_outside_the_frontier() -> None:
    figure = figures.accuracy_against_cost(_frame(oracle={"accuracy": 0.81}))
    lines = [shape for shape in figure.layout.shapes if shape.line.dash == "dash"]
    assert [line.y0 for line in lines] == [81]
    assert any("needs the answers" in note.text for note in figure.layout.annotations)
    assert "oracle" not in set(figures.stepped_frontier(_frame(), "calls")["policy"])


def test_the_frontier_rises_and_takes_the_best_of_equal_cost() -> None:
    steps = figures.stepped_frontier(_frame(), "calls")
    assert steps["policy"].tolist() == [
        "best-of-n",
        "majority-vote",
        "adaptive-consistency",
        "majority-vote",
    ]
    assert steps["accuracy"].is_monotonic_increasing
    assert steps["calls"].is_monotonic_increasing


def test_the_message_names_the_cheapest_policy_that_is_surely_as_good() -> None:
    said = findings.message(_frame())
    assert said.startswith("Adaptive-Consistency: less than a point below exhaustive")
    assert "1.6× fewer calls" in said
    assert "−1.0 points" in said


def test_the_message_claims_nothing_when_all_are_worse() -> None:
    said = findings.message(_frame(adaptive={"minus_exhaustive_low": -0.011}))
    assert said == "Best-of-N is 15.0 points below exhaustive prompting at 1/4 of its calls."


@pytest.mark.parametrize(
    ("low", "word"), [(0.01, "a significant difference"), (-0.01, "not a significant difference")]
)
def test_without_exhaustive_the_message_says_whether_the_gain_is_significant(
    low: float, word: str
) -> None:
    frame = _frame(**{"best-of-n": {"minus_best_single_low": low}})
    frame = frame[~frame["policy"].isin(["majority-vote", "adaptive-consistency"])]
    assert f", {word}." in findings.message(frame)


def test_unknown_dollars_are_no_axis_and_never_zero() -> None:
    assert all(figures.has_axis(_frame(), axis) for axis in figures.AXES)
    frame = _frame().assign(
        dollars_per_1000=np.nan, completion_tokens=np.nan, dollars_per_correct=np.nan
    )
    assert [figures.has_axis(frame, axis) for axis in ("calls", "tokens", "dollars")] == [
        True,
        False,
        False,
    ]
    html = cards.key_figures(frame, hero(frame))
    assert "$0" not in html
    assert html.count("not known") == 2


def test_hover_tells_accuracy_interval_cost_and_size() -> None:
    figure = figures.accuracy_against_cost(_frame())
    texts = [text for trace in figure.data for text in (trace.text or ())]
    best = next(text for text in texts if "best-of-N" in text)
    for part in ("65.0 %", "63.0 to 67.0", "1.00 calls", "150 tokens", "$0.03", "500 queries"):
        assert part in best


@pytest.mark.parametrize("axis", list(figures.AXES))
def test_every_shipped_comparison_can_be_drawn(axis: str) -> None:
    table = load_table("frontier")
    for _, rows in table.groupby(["llm", "dataset", "protocol", "prompt_set"]):
        known = figures.has_axis(rows, axis)
        figure = figures.accuracy_against_cost(rows, axis if known else "calls")
        assert len(figure.data) >= 3
        # Plotly refuses here what it would not know; the page leaves that out to save time.
        go.Figure(figure.to_dict())
        assert findings.message(rows)
        assert cards.key_figures(rows, hero(rows)).count("<article") == 4


def test_an_oracle_far_above_takes_no_height() -> None:
    figure = figures.accuracy_against_cost(_frame())
    assert figure.layout.yaxis.range[1] < 90
    assert not figure.layout.shapes
    assert any(note.text.startswith("↑ oracle 95 %") for note in figure.layout.annotations)


def test_cards_tell_of_the_chosen_policy_beside_exhaustive_prompting() -> None:
    html = cards.key_figures(_frame(), _frame().iloc[2])
    assert "Right answers of best-of-N" in html
    assert "65.0 %" in html
    assert "+5.0 points" in html
    assert "4.0× fewer than exhaustive prompting: 80.0 % with 4 calls" in html
    assert "$0.030" in html
    assert "$0.000046" in html
    assert "ist price of someone on 2026-11-01" in html


def _with_budgeted(**changes: object) -> pd.DataFrame:
    row = _row("budgeted", 0.82, 2, 2, **changes)
    return pd.concat([_frame(), pd.DataFrame([row])], ignore_index=True)


def test_the_story_is_told_by_the_cheapest_of_our_rows_that_is_as_right() -> None:
    assert hero(_with_budgeted(minus_exhaustive_low=0.001))["policy"] == "budgeted"
    assert hero(_with_budgeted(minus_exhaustive_low=-0.02))["policy"] == "best-of-n"
    # Adaptive-Consistency is as good and somebody else's.
    assert hero(_frame())["policy"] == "best-of-n"


def test_the_dial_allows_calls_on_average() -> None:
    frame = _with_budgeted()
    assert within(frame, 1)["policy"] == "best-of-n"
    assert within(frame, 3)["policy"] == "budgeted"


@pytest.mark.parametrize(
    ("changes", "claim"),
    [
        ({"minus_exhaustive_low": 0.001}, "More right answers than asking all 4 prompts, for 50"),
        ({"minus_exhaustive_low": -0.02}, "As many right answers as asking all 4"),
        (
            {"minus_exhaustive": -0.002, "minus_exhaustive_low": -0.009},
            "Less than a point fewer right answers than asking all 4",
        ),
        (
            {"minus_exhaustive": -0.05, "minus_exhaustive_low": -0.07},
            "5.0 points fewer right answers than asking all 4",
        ),
    ],
)
def test_the_headline_claims_what_the_interval_allows(
    changes: dict[str, float], claim: str
) -> None:
    frame = _with_budgeted(**changes)
    said = findings.headline(frame, frame.iloc[-1], 1000)
    assert said.claim.startswith(claim)
    assert "2.0 calls instead of 4" in said.figures
    assert "$0.060 instead of $0.12 for 1,000 queries" in said.figures
    assert "−15.0 points against all 4 prompts, +5.0 against the best single" in said.loss


def test_without_a_price_the_headline_counts_tokens() -> None:
    frame = _with_budgeted().assign(dollars_per_1000=np.nan)
    assert share_of_bill(frame.iloc[-1], frame.iloc[4]) == (0.5, "tokens")
    assert "$" not in findings.headline(frame, frame.iloc[-1], 1000).figures


def test_the_page_opens_where_a_policy_of_ours_saves_most() -> None:
    table = load_table("frontier")
    key = ["llm", "dataset", "protocol", "prompt_set"]
    found = strongest(table, key)
    rows = table[(table[key] == found).all(axis=1)]
    assert hero(rows)["minus_exhaustive"] >= 0
    assert found == ("llama2-7b-chat", "mawps", "clean", "answered")


def test_a_policy_above_exhaustive_prompting_is_not_called_below_it() -> None:
    frame = load_table("frontier")
    rows = frame[(frame["llm"] == "embedded") & (frame["prompt_set"] == "answered")]
    row = cheapest_as_good(rows).copy()
    assert row["minus_exhaustive"] > 0
    row["minus_exhaustive_low"] = 0.01
    assert findings.standing(row) == "more accurate than"
    row["minus_exhaustive_low"] = -0.005
    assert findings.standing(row) == "less than a point below"


def test_a_price_of_zero_is_no_axis_and_not_unknown() -> None:
    frame = _frame().assign(dollars_per_1000=0.0, dollars_per_correct=0.0)
    assert not figures.has_axis(frame, "dollars")
    assert "$0.00" in cards.key_figures(frame, hero(frame))


def test_the_bill_takes_one_row_per_policy_from_fewest_calls_to_exhaustive() -> None:
    rows = billed(_frame())
    assert rows["policy"].tolist() == [
        "random",
        "best-single",
        "best-of-n",
        "majority-vote",
        "adaptive-consistency",
        "majority-vote",
    ]
    assert rows["calls"].iloc[-1] == 4


@pytest.mark.parametrize("prompts", [4, 6, 10, 12, 16])
def test_calls_are_ticked_at_doublings_and_at_the_number_of_prompts(prompts: int) -> None:
    ticks = axes.call_ticks(prompts, 2.0 * prompts)
    assert ticks[:2] == [1, 2]
    assert ticks[-2:] == [prompts, 2 * prompts]
    assert min(np.diff(np.log2(ticks))) > np.log2(1.2)


@pytest.mark.parametrize("dataset", ["gsm8k", "mawps", "svamp"])
@pytest.mark.parametrize("axis", list(figures.AXES))
def test_the_answered_logs_have_every_axis(dataset: str, axis: str) -> None:
    table = load_table("frontier")
    rows = table[(table["dataset"] == dataset) & (table["prompt_set"] == "answered")]
    assert figures.has_axis(rows, axis)
    assert (
        figures.accuracy_against_cost(rows, axis).layout.xaxis.title.text == figures.AXES[axis][1]
    )


def test_a_curve_is_not_drawn_across_costs_that_nobody_measured() -> None:
    rows = pd.DataFrame({"calls": [1.0, 4.0, 5.0, 7.0, 14.0]})
    assert [part["calls"].tolist() for part in figures.pieces(rows, "calls")] == [
        [1.0],
        [4.0, 5.0, 7.0, 14.0],
    ]


def test_praise_of_another_policy_does_not_hide_what_one_call_loses() -> None:
    assert "Best-of-N, with one call: −15.0 points" in findings.message(_frame())


def test_variants_of_a_policy_stay_in_the_table() -> None:
    variant = _row("budgeted-2-at-once", 0.81, 1.5, 2, minus_exhaustive_low=0.005)
    frame = pd.concat([_frame(), pd.DataFrame([variant])], ignore_index=True)
    assert findings.message(frame).startswith("Adaptive-Consistency:")
    assert "budgeted-2-at-once" not in set(figures.stepped_frontier(frame, "calls")["policy"])
    assert "budgeted-2-at-once" not in figures.shown_policies(frame, "calls")


SAME = dict.fromkeys(("minus_exhaustive", "minus_exhaustive_low", "minus_exhaustive_high"), 0.0)


def test_equal_answers_are_called_the_same_and_not_an_interval_of_nothing() -> None:
    said = findings.message(_frame(adaptive=SAME))
    assert "Adaptive-Consistency: the same accuracy as exhaustive prompting with 1.6×" in said
    single = {name.replace("exhaustive", "best_single"): value for name, value in SAME.items()}
    labels = _frame(**{"best-of-n": single})
    labels = labels[labels["policy"] != "majority-vote"]
    assert findings.message(labels) == "Best-of-N: the same accuracy as the best single prompt."


def test_an_open_difference_is_no_loss() -> None:
    wide = {"minus_exhaustive_low": -0.05}
    better = {
        "minus_exhaustive": 0.03,
        "minus_exhaustive_low": -0.02,
        "minus_exhaustive_high": 0.08,
    }
    rows = _frame(adaptive=wide, **{"best-of-n": better})
    assert findings.message(rows) == (
        "Best-of-N against exhaustive prompting: +3.0 points, 95 % interval −2.0 to +8.0, at 1/4 "
        "of its calls."
    )
