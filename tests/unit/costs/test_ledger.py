"""The ledger: what every try cost, summed per policy and exported."""

from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from core.costs.ledger import NO_PRICE, Ledger, entry
from core.llms import Attempt, Usage

WHEN = datetime(2026, 9, 1, 12, tzinfo=UTC)
OPENAI = SimpleNamespace(
    name="openai:gpt-3.5-turbo",
    model="gpt-3.5-turbo",
    base_url="https://api.openai.com/v1",
    max_tokens=512,
)
LOCAL = SimpleNamespace(name="hf:/a/folder", model="/a/folder", base_url=None, max_tokens=512)


COUNTED, UNCOUNTED = Usage(1000, 2000), Usage(None, None)


def _attempt(outcome: str = "ok", usage: Usage = COUNTED, model: str = "gpt-3.5-turbo") -> Attempt:
    return Attempt(0, WHEN, model, outcome, usage, 1.5)


def test_a_call_is_priced_as_of_its_day() -> None:
    item = entry(_attempt(), OPENAI, message="q", policy="best-of-n", prompt_id="cot")
    # $0.50 in and $1.50 out per million tokens.
    assert item.dollars == pytest.approx(0.0035)
    assert "2026-09-01" in item.price


def test_the_same_model_name_on_a_server_of_ones_own_has_no_price() -> None:
    own = SimpleNamespace(**vars(OPENAI) | {"base_url": "http://127.0.0.1:8000/v1"})
    for llm in (own, LOCAL):
        item = entry(
            _attempt(model=llm.model), llm, message="q", policy="best-of-n", prompt_id="cot"
        )
        assert (item.dollars, item.price, item.tokens) == (None, NO_PRICE, 3000)


def test_the_export_can_be_read_back(tmp_path: Path) -> None:
    ledger = Ledger()
    ledger.add(
        entry(
            _attempt("time-out", UNCOUNTED, "/a/folder"),
            LOCAL,
            message="q",
            policy="p",
            prompt_id="cot",
        )
    )
    ledger.to_csv(tmp_path / "ledger.csv")
    [row] = pd.read_csv(tmp_path / "ledger.csv").to_dict("records")
    assert (row["outcome"], row["llm"], row["seconds"]) == ("time-out", "hf:/a/folder", 1.5)
    assert pd.isna(row["dollars"])
