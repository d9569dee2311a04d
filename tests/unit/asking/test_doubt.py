"""What is said of the chances for a question that is unlike those that were learned from."""

import numpy as np
import pytest

from core.asking.ranking import rank, shipped_scorer
from core.demonstrations import EMBEDDED
from core.prompts import PROMPTS

FRENCH = "Combien font 3 pommes et 4 pommes ?"


@pytest.mark.parametrize(
    "question",
    [
        "Tom has 3 boxes of 12 pencils and gives away 5. How many are left?",
        "my grandma baked 4 trays of 6 muffins and the dog ate 3, how many are left",
        "12*7+3",
        "15% of 80",
    ],
)
def test_everyday_questions_are_not_doubted(question: str) -> None:
    assert rank(question, log=EMBEDDED).doubt == ""


@pytest.mark.parametrize("question", [FRENCH, "asdf qwer 12 zxcv", "Wieviel kostet 3 mal 4 Euro?"])
def test_what_is_unlike_the_log_is_said_with_the_words(question: str) -> None:
    ranking = rank(question, log=EMBEDDED)
    assert f"“{question.split()[0].lower()}”" in ranking.doubt
    assert "twice as wide" in ranking.doubt


def test_its_intervals_are_wider_and_its_chances_the_same() -> None:
    scorer = shipped_scorer(EMBEDDED)
    plain, doubted = scorer.model.predict([FRENCH], PROMPTS), scorer.rank(FRENCH, PROMPTS)
    assert np.allclose(doubted.probability, plain.probability[0])
    assert (doubted.lower < plain.lower[0]).all()
    assert (doubted.upper > plain.upper[0]).all()
    some = doubted.only([prompt.id for prompt in PROMPTS[:2]])
    assert some.doubt == doubted.doubt
