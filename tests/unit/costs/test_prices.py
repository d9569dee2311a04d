"""Prices come from the library with their date; what has none stays without."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from queued_llm import QueuedLLM

from core.costs.ledger import entry
from core.costs.prices import (
    PRICE_DATE,
    dearest_price,
    live_price,
    price_as_if,
    price_of,
    prices_as_if,
)
from core.errors import UnknownNameError
from core.llms import Attempt, Usage


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


def test_a_model_of_today_lends_its_price_with_its_name_and_day() -> None:
    for model, price in prices_as_if().items():
        assert (price.as_if, price.day) == (model, PRICE_DATE)
        assert 0 < price.prompt <= price.completion
    with pytest.raises(UnknownNameError, match="gpt-9"):
        price_as_if("gpt-9")


NOON, NIGHT = datetime(2026, 11, 2, 12, tzinfo=UTC), datetime(2026, 11, 2, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("address", "model", "provider"),
    [
        ("https://api.openai.com/v1", "gpt-4o-mini", "openai"),
        ("https://eu.api.openai.com/v1", "gpt-4o-mini", "openai"),
        ("https://us-east-1.api.x.ai/v1", "grok-3-mini", "x-ai"),
        ("https://n.openai.azure.com/openai/deployments/d", "gpt-4o-mini", "azure"),
        ("https://api.moonshot.cn/v1", "kimi-k2-0711-preview", "moonshotai"),
        ("https://api.openai.com.evil.example/v1", "gpt-4o-mini", None),
        ("https://n.openai.azure.com.evil.example/openai", "gpt-4o-mini", None),
        ("https://api.moonshot.evil.example/v1", "kimi-k2-0711-preview", None),
        ("https://evil.example/x.googleapis.com", "gemini-2.0-flash", None),
        ("https://evilapi.openai.com/v1", "gpt-4o-mini", None),
    ],
)
def test_a_region_has_its_providers_price_and_a_look_alike_none(
    address: str, model: str, provider: str | None
) -> None:
    price = live_price(model, NOON, base_url=address)
    assert (price and price.provider) == provider


def test_a_price_is_that_of_the_hour_and_a_limit_counts_with_the_dearest() -> None:
    server = {"base_url": "https://api.deepseek.com"}
    day, night = (live_price("deepseek-chat", when, **server) for when in (NOON, NIGHT))
    assert day.prompt > 1.5 * night.prompt
    dearest = dearest_price("deepseek-chat", NIGHT, **server)
    assert (dearest.prompt, dearest.completion) == (day.prompt, day.completion)


def test_an_attempt_costs_what_its_hour_its_cache_and_its_bill_say() -> None:
    llm = QueuedLLM([], model="deepseek-chat", base_url="https://api.deepseek.com")

    def dollars(when: datetime, usage: Usage) -> float | None:
        attempt = Attempt(0, when, llm.model, "ok", usage, 1.0)
        return entry(attempt, llm, message="q", policy="p", prompt_id="cot").dollars

    million = Usage(1_000_000, 0)
    assert dollars(NOON, million) > 1.5 * dollars(NIGHT, million)
    assert dollars(NOON, replace(million, cached_tokens=900_000)) < 0.5 * dollars(NOON, million)
    assert dollars(NOON, replace(million, dollars=0.125)) == 0.125
