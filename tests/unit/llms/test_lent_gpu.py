"""4-bit LLMs on a GPU that a Space is lent: with a stand-in for `spaces` that runs in place."""

import importlib
import pickle
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from core import llms
from core.hosting.metered import MeteredLLM
from core.hosting.settings import Limits
from core.hosting.spending import Spending
from core.llms import Attempt, Completion, Control, LLMError, Sampling
from core.llms.base import SpendingLimit
from core.llms.local import gpus
from core.llms.local.llm import load_4bit

GREEDY = Sampling(temperature=0, max_tokens=12)
MESSAGES = ["How many?", "Mia has 12 stickers and gives 5 to her brother. How many are left?"]


class Lender(ModuleType):
    """What `spaces` does, without a GPU and without another process.

    Attributes:
        lent: Seconds that a GPU was asked for, each time.
        given_back: How many are back.
    """

    def __init__(self) -> None:
        super().__init__("spaces")
        self.__spec__ = ModuleSpec("spaces", None)
        self.lent: list[int] = []
        self.given_back = 0

    def GPU(self, *, duration: Callable[..., int]) -> Callable[..., Any]:  # noqa: N802 - its name
        def decorate(task: Callable[..., Iterator[object]]) -> Callable[..., Iterator[object]]:
            def lent(*arguments: object) -> Iterator[object]:
                self.lent.append(duration(*arguments))
                try:
                    for value in task(*pickle.loads(pickle.dumps(arguments))):  # noqa: S301
                        yield pickle.loads(pickle.dumps(value))  # noqa: S301 - our own
                finally:
                    self.given_back += 1

            return lent

        return decorate


@pytest.fixture
def lender(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lender]:
    """A Space that lends a GPU."""
    lender = Lender()
    monkeypatch.setenv("SPACES_ZERO_GPU", "true")
    monkeypatch.setitem(sys.modules, "spaces", lender)
    monkeypatch.delitem(sys.modules, "core.llms.local.zero_gpu", raising=False)
    importlib.import_module("core.llms.local.zero_gpu")
    yield lender
    del sys.modules["core.llms.local.zero_gpu"]


def test_it_answers_like_a_gpu_of_ones_own(lender: Lender, tiny: Path) -> None:
    assert gpus.is_lent()
    llm = llms.get(f"hf:{tiny}", GREEDY)
    attempts: list[Attempt] = []
    texts = ["", ""]

    def on_text(position: int, piece: str) -> None:
        texts[position] += piece

    results = llm.complete(MESSAGES, Control(attempts.append, on_text))
    wanted = load_4bit(str(tiny), GREEDY).complete(MESSAGES)
    assert [one.text for one in results] == [one.text for one in wanted] == texts
    assert [one.usage for one in results] == [one.usage for one in wanted]
    assert sorted(attempt.position for attempt in attempts) == [0, 1]
    assert {attempt.outcome for attempt in attempts} == {"ok"}
    assert (lender.lent, lender.given_back) == ([90], 1)


def test_more_batches_ask_for_it_for_longer(lender: Lender, tiny: Path) -> None:
    llms.get(f"hf:{tiny}", GREEDY).complete(["How many?"] * 17)
    assert lender.lent == [120]


def test_stopping_gives_it_back_and_keeps_what_had_ended(lender: Lender, tiny: Path) -> None:
    attempts: list[Attempt] = []
    results = llms.get(f"hf:{tiny}", GREEDY).complete(
        ["How many?"] * 17, Control(attempts.append, cancelled=lambda: bool(attempts))
    )
    assert lender.given_back == 1
    answered = [n for n, one in enumerate(results) if isinstance(one, Completion)]
    assert len(answered) == 1
    [alone] = load_4bit(str(tiny), GREEDY).complete(["How many?"])
    assert results[answered[0]].text == alone.text
    assert sorted(attempt.position for attempt in attempts) == list(range(17))
    assert [attempt.outcome for attempt in attempts].count("cancelled") == 16


def test_stopped_before_it_began_it_is_not_asked_for(lender: Lender, tiny: Path) -> None:
    attempts: list[Attempt] = []
    [result] = llms.get(f"hf:{tiny}", GREEDY).complete(
        ["How many?"], Control(attempts.append, cancelled=lambda: True)
    )
    assert result.kind == "cancelled"
    assert (lender.lent, attempts) == ([], [])


def test_why_a_model_cannot_be_used_comes_through(lender: Lender, tmp_path: Path) -> None:
    llm = llms.get(f"hf:{tmp_path / 'nowhere'}", GREEDY)
    with pytest.raises(LLMError, match="There is no folder") as caught:
        llm.complete(["How many?"])
    assert caught.value.kind == "not found"
    assert lender.given_back == 1


def test_its_calls_are_bounded(lender: Lender, tiny: Path, tmp_path: Path) -> None:
    spending = Spending(tmp_path, Limits(session_calls=3))
    llm = MeteredLLM(llms.get(f"hf:{tiny}", GREEDY), spending, "a", None)
    llm.complete(MESSAGES)
    with pytest.raises(SpendingLimit, match="1 of the 3 calls"):
        llm.complete(MESSAGES)
    assert len(lender.lent) == 1
