"""A comparison praises a saving over right answers alone, and says what nobody knows."""

from itertools import product

import pytest

from core.asking.solve import Answer, CallRecord
from core.asking.verdict import PRAISED, verdict
from core.costs.ledger import entry
from core.llms import Attempt, Completion, RecordedGSM8K, Usage
from core.llms.base import now
from core.prompts import PROMPTS

SOUND, SLIPPED = "3 × 12 = 36. 36 - 5 = 31.", "3 × 12 = 35. 35 - 5 = 30."


def _answer(
    value: str | None,
    correct: bool | None = None,
    calls: int = 1,
    text: str = SOUND,
    votes: int = 1,
) -> Answer:
    usage = Usage(50, 50)
    record = CallRecord("cot", Completion(text, usage, "m"), value)
    attempt = Attempt(0, now(), "m", "ok", usage)
    spent = entry(attempt, RecordedGSM8K(), message="q", policy="p", prompt_id="cot")
    return Answer(
        "p", PROMPTS[1], text, value, votes, (record,) * calls, (spent,) * calls, correct, 0.0
    )


@pytest.mark.parametrize(
    ("one", "every", "kind", "says"),
    [
        (("31", True), ("31", True), "both right", "Both are right (31): 16× fewer calls"),
        (("31", True), ("30", False), "one right", "One call got it right (31), exhaustive"),
        (("30", False), ("31", True), "exhaustive right", "cost the right answer"),
        (("30", False), ("30", False), "both wrong", "same wrong answer; 31 is right"),
        (("30", False), ("29", False), "both wrong", "Both are wrong; 31 is right"),
        (("31", None), ("31", None), "agree", "Nobody here knows whether that is right"),
        (("31", None), ("30", None), "disagree", "one call says 31, exhaustive prompting 30"),
        ((None, None), (None, None), "no number", "Neither answer holds a number"),
    ],
)
def test_each_outcome_has_its_sentence(
    one: tuple[str | None, bool | None],
    every: tuple[str | None, bool | None],
    kind: str,
    says: str,
) -> None:
    gold = None if one[1] is None else "31"
    found = verdict(_answer(*one), _answer(*every, calls=16, votes=13), gold)
    assert found.kind == kind
    assert says in found.text


@pytest.mark.parametrize("wrong", ["one", "every", "both"])
def test_a_wrong_equation_is_followed_by_the_headline(wrong: str) -> None:
    one = _answer("30", text=SLIPPED if wrong != "every" else SOUND)
    every = _answer("30", calls=16, votes=9, text=SLIPPED if wrong != "one" else SOUND)
    found = verdict(one, every)
    assert found.kind == "agree, flagged"
    assert "it comes to 36, not 35" in found.text
    assert "may well be wrong" in found.text


def test_nothing_is_praised_that_is_known_or_seen_to_be_wrong() -> None:
    grades, texts = (True, False, None), (SOUND, SLIPPED)
    for graded, mine, theirs in product(grades, texts, texts):
        for value in ("31", "30"):
            one = _answer("31", graded, text=mine)
            every = _answer(value, None if graded is None else value == "31", 16, theirs, 9)
            found = verdict(one, every, None if graded is None else "31")
            praises = "fewer calls" in found.text
            assert praises == (found.kind in PRAISED) == bool(graded)
