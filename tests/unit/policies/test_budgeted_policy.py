"""Calls go where they help: settled and hopeless queries stop, the dial turns, words say why."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from budget_log import COUNT, made_up_log, summing

from core.errors import DataError
from core.policies import Context, Reply, Request, Selection, run
from core.policies.budget import BudgetModel
from core.policies.budget.training import fit
from core.policies.budgeted import Budgeted

QUERY = "Box abc holds 5 pens. How many?"
SETTLED = ["242"] * COUNT
HOPELESS = [str(300 + place) for place in range(COUNT)]
MIDDLING = ["242", "307", "242", "213", "321", "242", "201", "242"]
PRICE = 0.02


@pytest.fixture(scope="module")
def model() -> BudgetModel:
    return fit(*made_up_log())


def _context(reward: float) -> Context:
    tokens = 50 + 100.0 * np.arange(1, COUNT + 1)
    return Context(np.full(COUNT, reward), np.full(COUNT, 0.5), tokens, QUERY)


def _run(policy: Budgeted, answers: Sequence[str | None], reward: float = 0.5) -> Selection:
    """Answers are given in the order of the calls, so that prompts do not matter."""
    coming = iter(answers)

    def caller(requests: Sequence[Request]) -> list[Reply]:
        return [Reply(request, answer=next(coming)) for request in requests]

    return run(policy, _context(reward), caller)


def _replies(model: BudgetModel, answers: Sequence[str | None]) -> list[Reply]:
    return [
        Reply(Request(prompt), answer=answer)
        for prompt, answer in zip(model.order, answers, strict=False)
    ]


def test_a_settled_query_stops_early(model: BudgetModel) -> None:
    assert len(_run(Budgeted(model, PRICE), SETTLED, reward=0.95).requests) <= 3


def test_a_hopeless_query_is_given_up(model: BudgetModel) -> None:
    assert len(_run(Budgeted(model, PRICE), HOPELESS, reward=0.02).requests) < COUNT


def test_a_query_between_takes_more_calls_than_either(model: BudgetModel) -> None:
    policy = Budgeted(model, PRICE)
    between = len(_run(policy, MIDDLING).requests)
    assert between > len(_run(policy, SETTLED, reward=0.95).requests)
    assert between > len(_run(policy, HOPELESS, reward=0.02).requests)


def test_a_call_too_dear_for_any_query_is_made_once(model: BudgetModel) -> None:
    assert len(_run(Budgeted(model, 10.0), MIDDLING).requests) == 1


def test_every_prompt_is_asked_once_and_then_no_more(model: BudgetModel) -> None:
    requests = _run(Budgeted(model, -1.0), MIDDLING).requests
    assert sorted(request.prompt for request in requests) == list(range(COUNT))
    assert [request.prompt for request in requests] == list(model.order)


@pytest.mark.parametrize("batch", [2, 4])
def test_batches_ask_several_at_once_and_none_twice(model: BudgetModel, batch: int) -> None:
    policy = Budgeted(model, -1.0, batch=batch)
    context, replies, sizes = _context(0.5), [], []
    while requests := policy.next_requests(context, replies):
        sizes.append(len(requests))
        replies += [Reply(request, answer="242") for request in requests]
    assert sizes == [batch] * (COUNT // batch)
    assert len({reply.request.prompt for reply in replies}) == COUNT
    assert policy.name == f"budgeted-{batch}-at-once"


def test_a_batch_is_no_larger_than_what_pays(model: BudgetModel) -> None:
    assert len(Budgeted(model, 10.0, batch=4).next_requests(_context(0.5), [])) == 1


@pytest.mark.parametrize("answers", [SETTLED, HOPELESS, MIDDLING, [None] * COUNT])
def test_a_higher_price_never_leads_to_more_calls(
    model: BudgetModel, answers: list[str | None]
) -> None:
    prices = (-1.0, 0.0, 0.001, 0.01, 0.03, 0.1, 1.0)
    counts = [len(_run(Budgeted(model, price), answers).requests) for price in prices]
    assert counts == sorted(counts, reverse=True)
    assert (counts[0], counts[-1]) == (COUNT, 1)


def test_the_dial_turns_mean_calls_into_a_price(model: BudgetModel) -> None:
    prices = [model.price_for(calls) for calls in (1, 2, 4, 6, COUNT)]
    assert prices == sorted(prices, reverse=True)
    assert Budgeted.for_calls(model, 4).parameter == 4
    assert len(_run(Budgeted.for_calls(model, COUNT), HOPELESS, reward=0.02).requests) == COUNT
    assert len(_run(Budgeted.for_calls(model, 1), MIDDLING).requests) == 1


def test_batches_are_charged_more_for_the_same_mean_calls(model: BudgetModel) -> None:
    assert model.price_for(4, batch=2) > model.price_for(4)
    assert Budgeted.for_calls(model, 1, batch=4).next_requests(_context(0.5), []) == [
        Request(model.order[0])
    ]


def test_what_a_right_answer_is_worth_in_calls_makes_the_price(model: BudgetModel) -> None:
    assert Budgeted.for_worth(model, 50).parameter == pytest.approx(0.02)
    assert len(_run(Budgeted.for_worth(model, 50), HOPELESS, reward=0.02).requests) == len(
        _run(Budgeted(model, PRICE), HOPELESS, reward=0.02).requests
    )


def test_the_prompt_of_the_query_is_asked_first_where_that_was_learned(model: BudgetModel) -> None:
    reward = np.linspace(0.1, 0.2, COUNT)
    context = Context(reward, np.full(COUNT, 0.5), np.full(COUNT, 100.0), QUERY)
    best = COUNT - 1
    for first, leader in (("accuracy", model.order[0]), ("reward", best)):
        policy = Budgeted(replace(model, first=first), -1.0)
        asked = run(policy, context, lambda requests: [Reply(r, answer="242") for r in requests])
        prompts = [request.prompt for request in asked.requests]
        assert prompts[0] == leader
        assert sorted(prompts) == list(range(COUNT))
        rest = [prompt for prompt in model.order if prompt != leader]
        assert prompts[1:] == rest


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda m: Budgeted(m, float("nan")), "price of a call is nan"),
        (lambda m: Budgeted(m, 0.1, batch=0), "batch has 0"),
        (lambda m: Budgeted(m, 0.1, unit="words"), "unit is 'words'"),
        (lambda m: Budgeted.for_calls(m, 0.5), "0.5; it must be from 1 to 8"),
        (lambda m: Budgeted.for_calls(m, 9), "9; it must be from 1 to 8"),
        (lambda m: Budgeted.for_calls(m, 4, batch=3), "3 calls; the dial was measured for 1, 2, 4"),
        (lambda m: Budgeted.for_calls(m, 4, unit="words"), "unit is 'words'"),
        (lambda m: Budgeted.for_worth(m, 0), "worth 0 calls"),
        (lambda m: Budgeted.for_worth(m, float("inf")), "worth inf calls"),
    ],
)
def test_settings_out_of_range_are_refused(model: BudgetModel, make, message: str) -> None:
    with pytest.raises(DataError, match=message):
        make(model)


def test_dear_prompts_stop_a_policy_that_counts_tokens(model: BudgetModel) -> None:
    tokens = np.full(COUNT, 100.0)
    tokens[list(model.order[1:])] = 10_000.0
    context = Context(np.full(COUNT, 0.5), np.full(COUNT, 0.5), tokens, QUERY)
    replies = _replies(model, MIDDLING[:1])
    found = model.assess(context, replies)
    price = float((found.gains / found.horizons).max()) * 0.99
    assert price > 0
    assert Budgeted(model, price).next_requests(context, replies)
    assert not Budgeted(model, price, unit="tokens").next_requests(context, replies)
    unknown = Context(context.reward, context.accuracy, np.full(COUNT, np.nan), QUERY)
    assert Budgeted(model, price, unit="tokens").next_requests(unknown, replies)


def test_beliefs_are_chances_and_lead_to_the_choice(model: BudgetModel) -> None:
    policy, replies = Budgeted(model, PRICE), _replies(model, ["307", "242", None, "242"])
    beliefs = policy.beliefs(_context(0.5), replies)
    assert list(beliefs) == ["307", "242"]
    assert beliefs["242"] > beliefs["307"] > 0
    assert sum(beliefs.values()) <= 1 + 1e-9
    assert policy.choose(_context(0.5), replies) is replies[1]


@pytest.fixture(scope="module")
def reading() -> BudgetModel:
    """Learned from a log whose answers have texts."""
    return fit(*made_up_log(texts=True))


def test_a_wrong_equation_counts_against_an_answer(reading: BudgetModel) -> None:
    context, policy = _context(0.5), Budgeted(reading, PRICE)
    prompt = reading.order[0]
    right = policy.beliefs(context, [Reply(Request(prompt), "242", summing("242"))])
    wrong = policy.beliefs(context, [Reply(Request(prompt), "242", summing("242", slip=True))])
    assert wrong["242"] < right["242"] - 0.1


def test_of_equal_answers_the_one_with_right_equations_is_returned(reading: BudgetModel) -> None:
    texts = [None, summing("242", slip=True), summing("242"), summing("242")]
    replies = [Reply(Request(prompt), "242", text) for prompt, text in enumerate(texts)]
    assert Budgeted(reading, PRICE).choose(_context(0.3), replies).request.prompt == 2


def test_without_any_number_the_first_reply_is_returned(model: BudgetModel) -> None:
    policy, replies = Budgeted(model, PRICE), _replies(model, [None, None])
    assert policy.beliefs(_context(0.5), replies) == {}
    assert policy.choose(_context(0.5), replies) is replies[0]


def test_the_reason_says_what_happened(model: BudgetModel) -> None:
    def reason(price: float, answers: Sequence[str], reward: float) -> str:
        return Budgeted(model, price).reason(_context(reward), _replies(model, answers))

    assert reason(1.0, SETTLED[:3], 0.95).startswith("Settled: the leading answer is right with")
    assert reason(1.0, HOPELESS[:5], 0.02).startswith("Given up: no answer is likelier right")
    assert reason(-1.0, MIDDLING[:2], 0.5).startswith("Going on: ")
    assert reason(PRICE, MIDDLING, 0.5) == "All 8 prompts were asked."
    assert reason(PRICE, [], 0.5) == "Nothing was asked yet."


def test_other_prompts_are_asked_after_those_that_were_logged(model: BudgetModel) -> None:
    first, second = (model.prompts[place] for place in model.order[:2])
    assert model.order_for(["new", second, "newer", first]) == (3, 1, 0, 2)
    policy = Budgeted(model, -1.0, order=model.order_for(["new", second, first]))
    context = Context(np.full(3, 0.5), np.array([np.nan, 0.5, 0.5]), np.full(3, np.nan), QUERY)
    selection = run(policy, context, lambda requests: [Reply(r, answer="242") for r in requests])
    assert [request.prompt for request in selection.requests] == [2, 1, 0]
