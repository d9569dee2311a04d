"""Each policy calls what it says, stops when it says, and returns the answer it says."""

from collections.abc import Sequence

import numpy as np
import pytest

from core.policies import (
    AdaptiveConsistency,
    BestOfN,
    BestSingle,
    Context,
    CostAware,
    MajorityVote,
    Policy,
    RandomPrompt,
    Reply,
    Request,
    RewardVote,
    Selection,
    SelfCritique,
    run,
)
from core.policies.votes import CheckedConsistency

REWARD = [0.2, 0.9, 0.5, 0.4]
ACCURACY = [0.6, 0.3, 0.5, 0.4]


def _run(
    policy: Policy,
    answers: Sequence[str | None],
    *,
    tokens: Sequence[float] = (100, 100, 100, 100),
    verdicts: Sequence[float] = (),
) -> Selection:
    def caller(requests: Sequence[Request]) -> list[Reply]:
        return [
            Reply(request, verdict=verdicts[request.prompt])
            if request.critique
            else Reply(request, answer=answers[request.prompt])
            for request in requests
        ]

    return run(policy, Context(np.array(REWARD), np.array(ACCURACY), np.array(tokens)), caller)


def _called(selection: Selection) -> list[int]:
    return [request.prompt for request in selection.requests]


def test_best_of_n_spends_one_call_on_the_best_scored_prompt() -> None:
    selection = _run(BestOfN(), ["1", "2", "3", "4"])
    assert (_called(selection), selection.chosen, selection.votes) == ([1], 1, 1)


def test_best_single_ignores_the_query() -> None:
    assert _called(_run(BestSingle(), ["1", "2", "3", "4"])) == [0]


def test_random_prompt_draws_all_prompts_and_repeats_with_its_seed() -> None:
    draws = [
        [_run(policy, "1234").chosen for _ in range(60)]
        for policy in (RandomPrompt(3), RandomPrompt(3))
    ]
    assert draws[0] == draws[1]
    assert set(draws[0]) == {0, 1, 2, 3}


@pytest.mark.parametrize(("penalty", "chosen"), [(0.0, 1), (0.5, 1), (5.0, 2)])
def test_cost_aware_gives_up_chance_for_tokens(penalty: float, chosen: int) -> None:
    assert _run(CostAware(penalty), "1234", tokens=(100, 300, 100, 100)).chosen == chosen


def test_majority_vote_calls_the_most_accurate_prompts_and_returns_the_frequent_answer() -> None:
    selection = _run(MajorityVote(4), ["7", "8", "9", "8"])
    assert _called(selection) == [0, 2, 3, 1]
    assert (selection.chosen, selection.votes) == (3, 2)


def test_majority_vote_of_one_is_the_best_single_prompt() -> None:
    assert _run(MajorityVote(1), "1234") == _run(BestSingle(), "1234")


def test_a_tied_vote_goes_to_the_answer_seen_first() -> None:
    assert _run(MajorityVote(4), ["7", "8", "8", "7"]).chosen == 0


def test_answers_without_a_number_do_not_vote() -> None:
    selection = _run(MajorityVote(4), [None, "8", None, None])
    assert (selection.chosen, selection.votes) == (1, 1)
    nothing = _run(MajorityVote(4), [None] * 4)
    assert (nothing.chosen, nothing.votes) == (0, 0)


def test_reward_vote_lets_one_trusted_prompt_outvote_two() -> None:
    assert _run(RewardVote(4), ["7", "8", "9", "7"]).chosen == 1
    assert _run(MajorityVote(4), ["7", "8", "9", "7"]).chosen == 0


def test_adaptive_consistency_stops_at_two_agreeing_answers() -> None:
    # Beta(3, 1) puts .875 above one half, Beta(2, 1) only .75.
    selection = _run(AdaptiveConsistency(0.8), ["7", "8", "7", "9"])
    assert _called(selection) == [0, 2]
    assert selection.chosen == 0


def test_adaptive_consistency_calls_all_when_answers_differ() -> None:
    assert len(_run(AdaptiveConsistency(0.95), ["7", "8", "9", "6"]).requests) == 4


def test_adaptive_consistency_asks_for_more_with_a_higher_threshold() -> None:
    answers = ["7", "7", "7", "7"]
    counts = [len(_run(AdaptiveConsistency(c), answers).requests) for c in (0.5, 0.8, 0.9, 0.95)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_an_answer_with_a_wrong_equation_has_no_vote_unless_it_is_mended() -> None:
    texts = {0: "3 x 4 = 11", 1: "So 12.", 2: "3 x 4 = 12", 3: "3 x 4 = 11"}

    def chosen(answers: list[str]) -> tuple[int, int]:
        context = Context(np.array(REWARD), np.array(ACCURACY), np.full(4, 100.0), "What is it?")
        selection = run(
            CheckedConsistency(0.8),
            context,
            lambda asked: [Reply(one, answers[one.prompt], texts[one.prompt]) for one in asked],
        )
        return selection.chosen, len(selection.requests)

    # Asked in the order 0, 2, 3, 1: the two that agree on 11 do not count.
    assert chosen(["11", "12", "12", "11"]) == (2, 4)
    assert chosen(["12", "12", "12", "12"]) == (0, 2)


def test_self_critique_answers_with_all_then_judges_all() -> None:
    selection = _run(SelfCritique(0), "1234", verdicts=(0.1, 0.2, 0.9, 0.3))
    assert [request.critique for request in selection.requests] == [False] * 4 + [True] * 4
    assert selection.chosen == 2


def test_self_critique_breaks_ties_at_random() -> None:
    policy = SelfCritique(0)
    chosen = {_run(policy, "1234", verdicts=(0.9, 0.9, 0.1, 0.9)).chosen for _ in range(40)}
    assert chosen == {0, 1, 3}


def test_a_policy_never_sees_what_it_did_not_call() -> None:
    """Only requested answers are handed over, whatever the policy."""
    asked: list[int] = []

    def caller(requests: Sequence[Request]) -> list[Reply]:
        asked.extend(request.prompt for request in requests)
        return [Reply(request, answer="1") for request in requests]

    context = Context(np.array(REWARD), np.array(ACCURACY), np.full(4, 100.0))
    selection = run(AdaptiveConsistency(0.8), context, caller)
    assert asked == _called(selection) == [0, 2]
