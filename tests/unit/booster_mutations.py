"""Damaged texts of boosters, and the process that reads them: a fault of LightGBM would end it."""

import re

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import boosting
from core.booster_text import check

FEATURES = 4
_RANDOM = np.random.default_rng(0)
_ROWS = _RANDOM.normal(size=(300, FEATURES))
_ROWS[::7, 3] = np.nan
_RIGHT = (_ROWS[:, 0] + _ROWS[:, 1] * _ROWS[:, 2] > 0).astype(float)
_ODD = ("0", "-1", "1", "3", "5", "6", "-7", "99", "2147483648", "-2147483649", "9" * 20, "nan")
_ODD += ("inf", "1e308", "1e999", "1e-400", "", "+1", "0x10", "1_0", "1.", "=", "\u0663", "10")
_NUMBER = re.compile(r"(?<=[= ])-?[0-9][0-9.e+-]*")


def sound_texts() -> list[str]:
    """A booster of each objective, with missing values, and one whose trees are a leaf each."""
    parameters = {"seed": 0, "min_data_in_leaf": 5, "num_leaves": 7}
    kinds = [("cross_entropy", _RIGHT), ("binary", _RIGHT), ("regression", _RIGHT)]
    return [
        boosting.fit({**parameters, "objective": name}, _ROWS, target, 5).model_to_string()
        for name, target in [*kinds, ("cross_entropy", np.full(300, 0.5))]
    ]


def with_sizes(text: str) -> str:
    """The text with sizes of its trees that are true, so that it is read further."""
    trees = re.split(r"(?=Tree=\d)", text.partition("end of trees")[0])[1:]
    sizes = " ".join(str(len(tree.encode())) for tree in trees)
    return re.sub("tree_sizes=.*", f"tree_sizes={sizes}", text, count=1)


@st.composite
def damaged(draw: st.DrawFn, texts: list[str]) -> str:
    """A text with characters, numbers and lines exchanged, dropped and repeated."""
    text = draw(st.sampled_from(texts))
    for change in draw(st.lists(st.sampled_from(_CHANGES), min_size=1, max_size=3)):
        text = change(draw, text)
    return with_sizes(text) if draw(st.booleans()) else text


def _exchange_number(draw: st.DrawFn, text: str) -> str:
    places = list(_NUMBER.finditer(text))
    if not places:
        return text
    place, other = (draw(st.sampled_from(places)) for _ in range(2))
    value = draw(st.sampled_from((*_ODD, other[0])))
    return text[: place.start()] + value + text[place.end() :]


def _exchange_character(draw: st.DrawFn, text: str) -> str:
    place = draw(st.integers(0, len(text)))
    return text[:place] + draw(st.characters(codec="latin-1")) + text[place + 1 :]


def _change_lines(draw: st.DrawFn, text: str) -> str:
    lines = text.split("\n")
    one, other = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    how = draw(st.sampled_from(("drop", "repeat", "exchange", "shorten", "lengthen", "cut")))
    if how == "drop":
        del lines[one]
    elif how == "repeat":
        lines.insert(other, lines[one])
    elif how == "exchange":
        lines[one], lines[other] = lines[other], lines[one]
    elif how == "shorten":
        lines[one] = lines[one].rpartition(" ")[0]
    elif how == "lengthen":
        lines[one] += f" {lines[one].rpartition(' ')[2]}"
    else:
        del lines[one:]
    return "\n".join(lines)


_CHANGES = (_exchange_number, _exchange_number, _exchange_character, _change_lines)


def read_many(examples: int) -> None:
    """Read damaged texts and predict with what is let through; tells how many that were."""
    read = 0
    odd = np.array([[np.nan], [np.inf], [-np.inf], [1e300], [0.0]]) * np.ones(FEATURES)
    rows = np.vstack([_ROWS[:20], odd])

    @given(damaged(sound_texts()))
    # How fast the machine is says nothing about the texts.
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    def load_or_refuse(text: str) -> None:
        nonlocal read
        try:
            booster = boosting.read(text, FEATURES)
        except ValueError:
            return
        for raw in (True, False):
            assert np.isfinite(boosting.predict(booster, rows, raw=raw)).all()
        check(booster.model_to_string(), FEATURES)
        read += 1

    load_or_refuse()
    print(f"{read} were read")
