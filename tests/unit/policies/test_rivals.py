"""The rivals of the budget policy follow their papers' rules."""

from collections.abc import Sequence

import numpy as np
import pytest

from core.evaluation.replay import Outcome, Scores, replay
from core.logs.matrix import LogMatrix
from core.policies import Context, Policy, Reply, Request, Selection, run
from core.policies.rivals import ConfidenceVote, DifficultyAdaptive, EarlyStopping
from core.prompts import PROMPTS

ACCURACY = np.array([0.9, 0.8, 0.7, 0.6, 0.5])


def _run(
    policy: Policy, answers: Sequence[str | None], verdicts: Sequence[float] = ()
) -> Selection:
    def caller(requests: Sequence[Request]) -> list[Reply]:
        return [
            Reply(request, verdict=verdicts[request.prompt])
            if request.critique
            else Reply(request, answers[request.prompt])
            for request in requests
        ]

    return run(policy, Context(ACCURACY, ACCURACY, ACCURACY), caller)


@pytest.mark.parametrize(
    ("answers", "calls", "chosen"),
    [
        ("77888", 2, 0),
        ("78887", 4, 1),
        ("78978", 5, 0),
        ([None, None, "8", "8", "7"], 4, 2),
    ],
    ids=["first window", "second window", "no window", "no number is no agreement"],
)
def test_early_stopping_calls_windows_until_one_agrees(
    answers: Sequence[str | None], calls: int, chosen: int
) -> None:
    selection = _run(EarlyStopping(2), answers)
    assert (len(selection.requests), selection.chosen) == (calls, chosen)


def test_confidence_outweighs_numbers_only_where_it_is_large_enough() -> None:
    answers = "78899"
    sure = _run(ConfidenceVote(3), answers, (1.0, 0.1, 0.1, 0, 0))
    assert [request.critique for request in sure.requests] == [False] * 3 + [True] * 3
    # exp(1) is more than 2 exp(0.1), and less than 2 exp(0.5).
    assert sure.chosen == 0
    assert _run(ConfidenceVote(3), answers, (1.0, 0.5, 0.5, 0, 0)).chosen == 1


def _replayed(answers: Sequence[str], reward: Sequence[float]) -> Outcome:
    """Difficulty-adaptive over questions with five answers each, in this order."""
    shape = (len(answers), 5)
    given = np.array([list(text) for text in answers], dtype=object)
    index = np.arange(len(answers))
    log = LogMatrix(
        "anyone",
        "any",
        "project",
        PROMPTS[:5],
        *(index.astype(str) for _ in range(3)),
        group=index,
        correct=np.ones(shape, dtype=bool),
        answer=given,
        text=given,
        prompt_tokens=np.ones(shape),
        completion_tokens=np.ones(shape),
    )
    rewards = np.repeat(np.array(reward)[:, None], 5, axis=1)
    told = Scores(rewards, np.broadcast_to(ACCURACY, shape), np.ones(shape))
    return replay(DifficultyAdaptive(0.95), log, told)


def test_the_easy_part_begins_after_thirty_two_hard_questions_that_agree() -> None:
    # Given from the easiest to the hardest, they are taken the other way round.
    calls = _replayed(["77777"] * 40, np.linspace(0.9, 0.1, 40)).calls
    assert calls.tolist() == [1.0] * 8 + [4.0] * 32


def test_one_disagreement_begins_the_count_anew() -> None:
    answers = ["77777"] * 20 + ["78787"] + ["77777"] * 32 + ["77777"] * 3
    calls = _replayed(answers, np.linspace(0.1, 0.9, len(answers))).calls
    assert calls[20] == 5
    assert calls[-4:].tolist() == [4.0, 1.0, 1.0, 1.0]


def test_hard_questions_get_at_once_what_was_enough_for_the_last_ones() -> None:
    calls = _replayed(["78787"] * 5 + ["77777"], np.linspace(0.1, 0.9, 6)).calls
    # Four answers that agree would be enough; five were asked for at once.
    assert calls.tolist() == [5.0] * 6
