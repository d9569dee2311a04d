"""What the page opens on is what the reward model says."""

from dataclasses import fields

import numpy as np
import pytest

from core import artifacts
from core.asking.examples import EXAMPLES, FIRST, ranked_example
from core.asking.ranking import rank
from core.demonstrations import EMBEDDED
from core.errors import ArtifactError, UnknownNameError


@pytest.mark.parametrize("query", EXAMPLES)
def test_a_shipped_ranking_is_that_of_the_shipped_model(query: str) -> None:
    shipped, made = ranked_example(query), rank(query, log=EMBEDDED)
    assert (shipped.prompts, shipped.kind) == (made.prompts, made.kind)
    for name in {field.name for field in fields(made)} - {"prompts", "kind", "dollars"}:
        np.testing.assert_allclose(getattr(shipped, name), getattr(made, name), rtol=1e-5)


def test_a_question_that_is_no_example_is_named() -> None:
    with pytest.raises(UnknownNameError, match=r"Unknown example 'What is 5 \+ 6\?'"):
        ranked_example("What is 5 + 6?")


def test_a_table_of_other_prompts_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    half = artifacts.load_table("examples").iloc[::2]
    monkeypatch.setattr(artifacts, "load_table", lambda name: half)
    with pytest.raises(ArtifactError, match=r"examples\.csv was made of other .*precompute"):
        ranked_example(FIRST)
