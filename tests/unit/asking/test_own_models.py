"""A model that somebody trained before: what is read of its files, and which are refused."""

import shutil
import zipfile
from pathlib import Path

import pytest
from arms_log import arms_log
from model_files import published_log, rewritten, write_model

from core.asking import own_model
from core.asking.own_log import offered_policy
from core.asking.own_model import OwnModel, read_model
from core.errors import PromptOIRLError
from core.policies.budget import BudgetModel
from core.policies.budget import storage as budget_storage
from core.prompts import PROMPTS
from core.reward import storage

QUERY = "Zoe takes 9 kites to the beach and 2 back. How many are left after that?"


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"), published_log())


@pytest.fixture
def file(saved: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copy(saved, tmp_path))


@pytest.fixture
def budget(budget_model: BudgetModel, tmp_path: Path) -> Path:
    budget_storage.save(budget_model, tmp_path / "budget.zip")
    return tmp_path / "budget.zip"


def test_a_models_prompts_are_ranked_by_what_its_file_says(file: Path) -> None:
    model = read_model([file])
    ranking = model.scorer.rank(QUERY, model.prompts)
    assert ranking.prompts == PROMPTS[:8]
    expected = storage.load(file).predict([QUERY]).probability[0]
    assert ranking.probability == pytest.approx(expected)
    assert ranking.tokens == pytest.approx([49.0] * 8)
    assert ((ranking.accuracy > 0) & (ranking.accuracy < 1)).all()
    assert (model.name, model.budget, offered_policy(model)) == ("mine.zip", None, "best-of-n")


def test_the_budgeted_policy_comes_in_a_file_of_its_own(file: Path, budget: Path) -> None:
    for order in ((file, budget), (budget, file)):
        model = read_model(order)
        assert model.name == "mine.zip"
        assert model.budget is not None
        assert model.budget.price_for(1) >= model.budget.price_for(8)


def _refusal(*paths: Path) -> str:
    with pytest.raises(PromptOIRLError) as refused:
        read_model(paths)
    said = str(refused.value)
    assert str(paths[0].parent) not in said
    return said


def test_a_file_that_is_no_model_is_told_what_is_expected(file: Path, tmp_path: Path) -> None:
    log = tmp_path / "log.zip"
    with zipfile.ZipFile(log, "w") as archive:
        archive.writestr("log.csv", "query,prompt,correct\n")
    table = tmp_path / "log.csv"
    table.write_text("query,prompt,correct\n")
    for wrong in (log, table):
        assert _refusal(wrong, file).startswith(f"{wrong.name} holds no trained model. A model’s")


def test_files_that_do_not_go_together_are_refused(
    file: Path, budget: Path, tmp_path: Path
) -> None:
    assert "budget.zip holds the budgeted policy alone" in _refusal(budget)
    again = Path(shutil.copy(file, tmp_path / "again.zip"))
    assert "mine.zip and again.zip are each a reward model" in _refusal(file, again)
    rewritten(file, lambda header: header["prompts"][0].update(id="another"))
    assert "budget.zip is of other prompts than mine.zip" in _refusal(file, budget)


def test_a_file_of_another_version_or_a_damaged_one_is_named(file: Path) -> None:
    rewritten(file, lambda header: header.update(version=99))
    assert "mine.zip has format version 99; this program reads 1. Train it" in _refusal(file)
    rewritten(file, lambda header: header.update(version=1, boosters=["tree"] * 3))
    assert "mine.zip is damaged or no reward model" in _refusal(file)


@pytest.mark.parametrize(
    ("of_log", "problem"),
    [
        ({"accuracy": {"cot": 2.0}}, "says of its log is damaged"),
        ({"accuracy": {"cot": float("nan")}}, "says of its log is damaged"),
        ({"tokens": {"cot": -1}}, "says of its log is damaged"),
        ({"dollars": {"cot": float("inf")}}, "says of its log is damaged"),
        ({"tokens": {"cot": 10**400}}, "says of its log is damaged"),
        ({"answers": "songs"}, "says of its log is damaged"),
        ([], "says of its log is damaged"),
    ],
)
def test_what_a_file_says_of_its_log_has_to_be_possible(
    file: Path, of_log: object, problem: str
) -> None:
    rewritten(file, lambda header: header["description"].update(log=of_log))
    assert problem in _refusal(file)


def test_prompts_are_all_put_to_llms_of_theirs_or_none_is(tmp_path: Path) -> None:
    file = write_model(tmp_path, arms_log(40))
    model = read_model([file])
    assert {prompt.llm for prompt in model.prompts} == {"small", "large"}
    assert sorted(set(model.scorer.dollars.values())) == pytest.approx([0.0001, 0.002])
    rewritten(file, lambda header: header["prompts"][0].update(llm=""))
    assert "mine.zip is damaged" in _refusal(file)


def test_limits_are_those_of_a_log(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rewritten(file, lambda header: header["prompts"][0].update(label="long " * 500))
    assert "mine.zip has a prompt of more than 2,000 characters" in _refusal(file)
    limits = own_model.UPLOAD_LIMITS
    monkeypatch.setattr(own_model, "UPLOAD_LIMITS", type(limits)(prompts=7))
    assert "mine.zip has 8 prompts; at most 7" in _refusal(file)
    monkeypatch.setattr(own_model, "MODEL_MEGABYTES", 0)
    assert "mine.zip is larger than 0 MB" in _refusal(file)


def test_a_page_can_tell_whether_it_holds_the_same_model(file: Path) -> None:
    one, other = read_model([file]), read_model([file])
    assert {one, other, one} == {one, other}
    assert isinstance(one, OwnModel)
