"""Bills and break-even follow from tokens, prices and volume alone, and unknown stays unknown."""

import math

import pandas as pd
import pytest

from core.artifacts import load_table
from core.costs.billing import HourlyPrice, log_dollars, measured_speed, monthly_bill, priced
from core.costs.prices import price_of
from core.costs.typed import amount, whole_number
from core.errors import DataError


def _rows() -> pd.DataFrame:
    """Best-of-N at a tenth of the tokens of exhaustive prompting over a log of 500 queries."""
    return pd.DataFrame(
        {
            "policy": ["best-of-n", "majority-vote", "self-critique"],
            "n": 500,
            "prompts": 10,
            "accuracy": [0.5, 0.8, 0.4],
            "prompt_tokens": [100.0, 1000.0, math.nan],
            "completion_tokens": [200.0, 2000.0, math.nan],
        }
    )


def _priced(hour: float = 3.6, seconds: float = 1.0) -> pd.DataFrame:
    return priced(_rows(), HourlyPrice(hour, seconds), "your price")


def test_an_hour_is_paid_by_the_seconds_of_an_answer() -> None:
    # 3.6 dollars an hour are a tenth of a cent a second; 200 tokens take 0.2 seconds.
    assert HourlyPrice(3.6, 1.0).dollars(100, 200) == pytest.approx(0.0002)


def test_another_price_changes_both_kinds_of_dollars() -> None:
    rows = _priced()
    assert rows["dollars_per_1000"].tolist()[:2] == [pytest.approx(0.2), pytest.approx(2.0)]
    assert rows["dollars_per_correct"].tolist()[:2] == [
        pytest.approx(0.0004),
        pytest.approx(0.0025),
    ]
    assert math.isnan(rows["dollars_per_1000"].iloc[2])
    assert set(rows["price"]) == {"your price"}


@pytest.mark.parametrize("llm", ["llama2-7b-chat", "gpt-3.5-turbo", "embedded"])
def test_the_list_price_gives_the_dollars_of_the_shipped_table(llm: str) -> None:
    shipped = load_table("frontier").query("llm == @llm")
    again = priced(shipped, price_of(llm), "listed")
    for column in ("dollars_per_1000", "dollars_per_correct"):
        pd.testing.assert_series_equal(again[column], shipped[column], rtol=2e-5)


def test_the_bill_is_dollars_times_volume_and_saves_against_exhaustive() -> None:
    rows = _priced()
    bill = monthly_bill(rows, rows.iloc[1], 100_000)
    assert bill["dollars_per_month"].tolist()[:2] == [pytest.approx(20), pytest.approx(200)]
    assert bill["saved_per_month"].iloc[0] == pytest.approx(180)
    assert bill["saved_share"].iloc[0] == pytest.approx(0.9)


def test_the_log_is_paid_back_when_savings_reach_what_it_cost() -> None:
    rows = _priced()
    assert log_dollars(rows.iloc[1]) == pytest.approx(1.0)
    best = monthly_bill(rows, rows.iloc[1], 1000).iloc[0]
    assert best["break_even_queries"] == pytest.approx(1.0 / 0.0018)
    assert best["break_even_days"] == pytest.approx(1.0 / 0.0018 / 1000 * 30.4375)
    assert best["break_even_queries"] * best["saved_per_month"] / 1000 == pytest.approx(1.0)


def test_what_saves_nothing_never_pays_the_log_back() -> None:
    rows = _priced()
    assert monthly_bill(rows, rows.iloc[1], 1000)["break_even_queries"].iloc[1] == math.inf
    free = _priced(hour=0.0)
    bill = monthly_bill(free, free.iloc[1], 1000)
    assert bill["dollars_per_month"].iloc[0] == 0
    assert bill["break_even_queries"].iloc[0] == math.inf


def test_without_a_price_or_exhaustive_prompting_the_bill_claims_nothing() -> None:
    unknown = priced(_rows(), None, "no price")
    assert monthly_bill(unknown, unknown.iloc[1], 1000)["dollars_per_month"].isna().all()
    bill = monthly_bill(_priced(), None, 1000)
    assert bill["dollars_per_month"].iloc[0] > 0
    assert bill[["saved_per_month", "break_even_queries", "break_even_days"]].isna().all(axis=None)


@pytest.mark.parametrize("text", ["-3", "abc", "", "nan", "inf", "10000.01", "1e400", "1.2.3"])
def test_a_bad_amount_is_named_with_what_is_allowed(text: str) -> None:
    with pytest.raises(DataError) as refused:
        amount("Dollars per GPU hour", text, 10_000)
    assert f"Dollars per GPU hour: {text!r} is not a number from 0 to 10,000." == str(refused.value)


def test_amounts_at_the_ends_of_the_range_are_read() -> None:
    assert amount("x", "0", 10_000) == 0
    assert amount("x", " 1e4 ", 10_000) == 10_000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 000", 1000),
        ("1\u202f000", 1000),
        ("1’000.50", 1000.5),
        ("1,000", 1000),
        ("1.000,50", 1000.5),
        ("1.000.000", 1_000_000),
        ("0,5", 0.5),
        ("0.500", 0.5),
        ("10,25", 10.25),
        ("$10.00", 10),
        ("\uff11\uff10", 10),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, value: float) -> None:
    assert amount("x", text, 1e9) == value


def test_an_amount_that_may_mean_two_is_refused_with_both() -> None:
    with pytest.raises(DataError, match=r"'10\.000' may mean 10000 or 10\. Write 10000 or 10\."):
        amount("Dollars per GPU hour", "10.000", 1e9)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "12,34", "many", "1" * 5000, "1000000001"])
def test_a_bad_count_is_named_with_what_is_allowed(text: str) -> None:
    with pytest.raises(DataError, match=r"Queries: '.+' is not a whole number from 1 to 1,000,"):
        whole_number("Queries", text, 1_000_000_000)


@pytest.mark.parametrize("text", ["100000", "100,000", " 100000.0 ", "100.000", "100 000"])
def test_a_count_may_be_written_with_parted_thousands(text: str) -> None:
    assert whole_number("Queries", text, 1_000_000) == 100_000


def test_only_the_log_that_holds_seconds_gives_a_speed() -> None:
    speed = measured_speed("embedded")
    assert speed.calls > 10_000
    assert 0.01 < speed.seconds_per_1000_tokens < 100
    assert measured_speed("llama2-7b-chat") is None
