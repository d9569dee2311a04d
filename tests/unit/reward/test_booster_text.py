"""The text of a booster, out of a file that anybody may have written."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from booster_mutations import FEATURES, sound_texts, with_sizes

from core.booster_text import check

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return sound_texts()


def test_every_kind_of_booster_is_read(texts: list[str]) -> None:
    for text in texts:
        check(text, FEATURES)


def test_damaged_texts_are_read_or_refused_and_never_end_the_process() -> None:
    # A process of its own: what this looks for would end the one of the tests.
    code = "from booster_mutations import read_many; read_many(400)"
    child = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        cwd=ROOT / "tests" / "unit",
        env={"PYTHONPATH": str(ROOT)},
    )
    assert child.returncode == 0, child.stderr[-3000:]
    # Otherwise nothing was looked at but the first lines.
    assert int(re.findall(r"(\d+) were read", child.stdout)[0]) > 5


DAMAGE = {
    "a child that there is not": (lambda text: _exchanged(text, "left_child", "99"), "child of"),
    "a child with two parents": (lambda text: _exchanged(text, "left_child", "2"), "child of"),
    "a circle": (lambda text: _circle(text), "comes before"),
    "a feature that there is not": (
        lambda text: _exchanged(text, "split_feature", str(FEATURES)),
        "feature that there is not",
    ),
    "a feature below zero": (
        lambda text: _exchanged(text, "split_feature", "-1"),
        "feature that there is not",
    ),
    "more leaves than values": (
        lambda text: _exchanged(text, "num_leaves", "9"),
        "values, not",
    ),
    "billions of leaves": (
        lambda text: _exchanged(text, "num_leaves", "2147483647"),
        "not written as it has to be",
    ),
    "categories": (lambda text: _exchanged(text, "num_cat", "1"), "not written"),
    "a decision by category": (
        lambda text: _exchanged(text, "decision_type", "1"),
        "decides in a way",
    ),
    "a linear tree": (lambda text: _exchanged(text, "is_linear", "1"), "not written"),
    "no number": (lambda text: _exchanged(text, "leaf_value", "nan"), "not written"),
    "an endless number": (lambda text: _exchanged(text, "leaf_value", "1e+999"), "leaf_value"),
    "a number of another script": (
        lambda text: _exchanged(text, "split_feature", "\u0663"),
        "not written",
    ),
    "a parameter without a value": (
        lambda text: text.replace("[boosting: gbdt]", "[boosting]"),
        "does not end",
    ),
    "categories of pandas": (
        lambda text: text.replace("pandas_categorical:null", "pandas_categorical:[[1]]"),
        "does not end",
    ),
    "an objective of another program": (
        lambda text: text.replace("objective=", "objective=custom "),
        "does not begin",
    ),
    "two classes": (lambda text: text.replace("num_class=1", "num_class=2"), "does not begin"),
    "another feature": (lambda text: text.replace("Column_0 ", "Column_9 "), "each of its"),
}


def _exchanged(text: str, line: str, value: str) -> str:
    """The text with another first value in a line of its first tree."""
    return with_sizes(re.sub(rf"(?<=\n{line}=)[^ \n]+", value, text, count=1))


def _circle(text: str) -> str:
    """The first tree with two nodes that are children of each other."""
    leaves = int(re.findall(r"num_leaves=(\d+)", text)[0])
    left = ["-1", "2", "1", *map(str, range(4, leaves - 1)), "-2"]
    right = ["3", *(str(-place) for place in range(3, leaves + 1))]
    assert len(left) == len(right) == leaves - 1
    for line, values in (("left_child", left), ("right_child", right)):
        text = re.sub(rf"(?<=\n{line}=)[^\n]+", " ".join(values), text, count=1)
    return with_sizes(text)


@pytest.mark.parametrize("kind", DAMAGE)
def test_what_would_lead_lightgbm_astray_is_refused(texts: list[str], kind: str) -> None:
    damage: Callable[[str], str] = DAMAGE[kind][0]
    changed = damage(texts[0])
    assert changed != texts[0]
    with pytest.raises(ValueError, match=DAMAGE[kind][1]):
        check(changed, FEATURES)


def test_a_size_that_points_elsewhere_is_refused(texts: list[str]) -> None:
    with pytest.raises(ValueError, match="tree 0 of a booster"):
        check(texts[0].replace("tree_sizes=", "tree_sizes=1"), FEATURES)


def test_a_booster_of_other_features_is_refused(texts: list[str]) -> None:
    with pytest.raises(ValueError, match=f"takes {FEATURES} features, not 5"):
        check(texts[0], 5)
