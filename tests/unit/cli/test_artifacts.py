"""What is shipped loads fast, is small, and a damaged copy is refused with a way out."""

from pathlib import Path

import numpy as np
import pytest

from core import artifacts
from core.artifacts import RecordedScores
from core.demonstrations import LLMS
from core.errors import ArtifactError
from core.evaluation.report import FRONTIER_COLUMNS
from core.paths import FOLDER
from core.prompts import PROMPTS, TRAINING_PROMPTS


def _scores() -> RecordedScores:
    values = np.linspace(0.1, 0.9, 6).reshape(3, 2)
    chances = (values, values - 0.1, values + 0.1, values)
    return RecordedScores(("cot", "tree"), *chances, values * 100, np.array([4, 0, 2]))


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_what_is_shipped_stays_small() -> None:
    embedded = _size(FOLDER / "embedded")
    assert embedded < 12_000_000
    assert _size(FOLDER) - embedded < 10_000_000


@pytest.mark.parametrize("name", artifacts.TABLES)
def test_every_table_is_there(name: str) -> None:
    assert len(artifacts.load_table(name)) >= 3


def test_the_frontier_has_the_documented_columns() -> None:
    assert list(artifacts.load_table("frontier").columns) == FRONTIER_COLUMNS


@pytest.mark.parametrize("llm", LLMS)
def test_the_shipped_reward_models_rank_their_prompts(llm: str) -> None:
    model = artifacts.load_reward(llm)
    assert model.prompts == (TRAINING_PROMPTS if llm == "gpt-3.5-turbo" else PROMPTS)
    made = model.predict(["Ida has 5 pears and eats 2. How many are left?"])
    assert ((made.probability > 0) & (made.probability < 1)).all()
    assert np.ptp(made.probability) > 0.02


def test_shipped_scores_cover_the_recorded_questions() -> None:
    scores = artifacts.load_recorded_scores()
    assert scores.probability.shape == (1000, 16)
    assert (scores.lower <= scores.probability).all()
    assert (scores.probability <= scores.upper).all()


def test_recorded_scores_come_back_as_saved(tmp_path: Path) -> None:
    artifacts.save_recorded_scores(_scores(), tmp_path)
    found = artifacts.load_recorded_scores(tmp_path)
    assert found.prompt_ids == ("cot", "tree")
    assert found.tokens == pytest.approx(_scores().tokens, rel=1e-3)
    assert found.fold.tolist() == [4, 0, 2]


def test_a_recorded_question_is_budgeted_by_a_model_of_the_other_folds() -> None:
    fold = artifacts.load_recorded_scores().fold
    assert len(fold) == 1000
    first = {
        int(number): int(place)
        for number, place in enumerate(np.unique(fold, return_index=True)[1])
    }
    models = {number: artifacts.budget_for_recorded(place) for number, place in first.items()}
    learned = {number: model.description["queries"] for number, model in models.items()}
    assert learned == {number: int((fold != number).sum()) for number in first}
    assert len({model.opening.tobytes() for model in models.values()}) == 5


def test_a_future_version_of_the_scores_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as future:
        future.setattr(artifacts, "SCORES_VERSION", 99)
        artifacts.save_recorded_scores(_scores(), tmp_path)
    with pytest.raises(ArtifactError, match="format version 99"):
        artifacts.load_recorded_scores(tmp_path)


@pytest.mark.parametrize("keep", [0, 20, -30])
def test_damaged_scores_are_refused(tmp_path: Path, keep: int) -> None:
    artifacts.save_recorded_scores(_scores(), tmp_path)
    path = tmp_path / "recorded" / "scores.npz"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ArtifactError, match=r"scores\.npz is damaged"):
        artifacts.load_recorded_scores(tmp_path)


def test_what_is_missing_says_how_to_rebuild_it(tmp_path: Path) -> None:
    for load in (
        lambda: artifacts.load_table("frontier", tmp_path),
        lambda: artifacts.load_reward("gpt-3.5-turbo", tmp_path),
        lambda: artifacts.load_recorded_scores(tmp_path),
    ):
        with pytest.raises(ArtifactError, match="python -m core precompute"):
            load()


def test_an_empty_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "frontier.csv").write_bytes(b"")
    with pytest.raises(ArtifactError, match=r"frontier\.csv cannot be read"):
        artifacts.load_table("frontier", tmp_path)
