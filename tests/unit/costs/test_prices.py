"""Prices come from the library with their date; what has none stays without."""

from datetime import date

import pytest

from core.costs.prices import PRICE_DATE, price_of


def test_a_listed_llm_has_a_dated_price() -> None:
    price = price_of("gpt-3.5-turbo")
    assert (price.prompt, price.completion) == (pytest.approx(0.5), pytest.approx(1.5))
    assert price.day == PRICE_DATE
    assert price.provider
    assert price.source.startswith("genai-prices ")


def test_dollars_are_tokens_times_price() -> None:
    price = price_of("llama2-7b-chat", date(2026, 1, 1))
    assert price.dollars(1_000_000, 0) == pytest.approx(price.prompt)
    assert price.dollars(0, 500_000) == pytest.approx(price.completion / 2)
    assert price.day == date(2026, 1, 1)


def test_an_unlisted_llm_has_no_price() -> None:
    assert price_of("a model of my own") is None
