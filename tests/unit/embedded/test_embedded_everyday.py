"""The everyday questions that judge the embedded LLM: all kinds, in words it never trained on."""

from pathlib import Path
from random import Random

import pandas as pd
import pytest

from core import llms
from core.demonstrations import EMBEDDED
from core.embedded_training.questions import stories
from core.grading.final_answer import extract, grade
from core.llms import Sampling
from core.prompts import message, prompt_by_id
from core.query import masked

PENCILS = "Tom has 3 boxes of 12 pencils and gives away 5. How many are left?"


@pytest.fixture(scope="module")
def everyday() -> pd.DataFrame:
    path = Path(__file__).resolve().parents[2] / "data" / "everyday_questions.csv"
    return pd.read_csv(path, dtype=str)


def test_there_are_sixty_of_many_kinds(everyday: pd.DataFrame) -> None:
    assert everyday["query"].nunique() == len(everyday) == 60
    assert everyday["kind"].nunique() >= 12
    assert everyday["gold"].map(extract).notna().all()
    assert PENCILS in set(everyday["query"])


@pytest.mark.parametrize("unseen", [False, True])
def test_none_is_in_the_wording_of_the_grammar(everyday: pd.DataFrame, unseen: bool) -> None:
    """But sums typed bare, which have no wording."""
    random = Random(1)
    drawn = {masked(stories.question(random, unseen=unseen).text) for _ in range(20_000)}
    worded = everyday.loc[everyday["kind"] != "bare sums", "query"]
    assert not drawn & set(worded.map(masked))


def test_the_question_about_pencils_is_answered_right() -> None:
    llm = llms.get(EMBEDDED, Sampling(temperature=0, max_tokens=120))
    [answer] = llm.complete([message(PENCILS, prompt_by_id("cot"))])
    assert grade(extract(answer.text), "31"), answer.text
