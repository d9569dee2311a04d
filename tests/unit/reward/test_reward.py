"""The reward model: learns what helps which question, knows what it does not know, survives files.

Every log here is made up, and the chance that an answer is right is known exactly.
"""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ArtifactError, DataError
from core.evaluation.statistics import calibration_error, reliability
from core.prompts import Prompt, own_prompt
from core.reward import Prediction, RewardModel, storage

BRIEF, STEPS, TABLE = PROMPTS = (
    Prompt("brief", "Answer in one word:", "brief"),
    Prompt("steps", "Think about it step by step:", "steps"),
    Prompt("table", "Three teachers discuss it at length, then all agree:", "table"),
)
KINDS = ("sum", "share")
NAMES = ("Ann", "Bob", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana")
THINGS = ("pens", "cups", "hats", "coins", "maps", "nuts")
LOGITS = pd.DataFrame(
    {"brief": [1.6, -0.8], "steps": [0.2, 0.6], "table": [-1.2, -1.6]}, index=list(KINDS)
)
"""Log odds that an answer is right: brief answers suit sums, steps suit sharing."""


def _question(kind: str, random: np.random.Generator) -> str:
    name, other = random.choice(NAMES, 2, replace=False)
    thing = random.choice(THINGS)
    first, second = random.integers(2, 99, 2)
    if kind == "sum":
        return f"{name} has {first} {thing} and finds {second} more. How many in total?"
    return (
        f"{name} and {other} share {first} {thing} equally among {second} friends, then split "
        f"the rest in half. How much does each friend get?"
    )


def _chance(kind: str, prompt_id: str) -> float:
    return 1 / (1 + np.exp(-LOGITS.loc[kind, prompt_id]))


def _log(queries: int, *, seed: int = 0, one_prompt_each: bool = False) -> pd.DataFrame:
    """A log of alternating kinds; each query with all prompts or with one drawn by chance."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(queries):
        kind = KINDS[number % 2]
        query = _question(kind, random)
        tried = [PROMPTS[random.integers(3)]] if one_prompt_each else PROMPTS
        for prompt in tried:
            right = bool(random.random() < _chance(kind, prompt.id))
            rows.append(("own", "made-up", "train", number, query, prompt.id, right))
    columns = ["llm", "dataset", "split", "query_id", "query", "prompt_id", "correct"]
    return pd.DataFrame(rows, columns=columns)


def _fresh(kind: str, count: int = 100) -> list[str]:
    random = np.random.default_rng(99)
    return [_question(kind, random) for _ in range(count)]


def _sound(prediction: Prediction, shape: tuple[int, int]) -> bool:
    """Whether all numbers are probabilities in their interval."""
    low, middle, high = prediction.lower, prediction.probability, prediction.upper
    return low.shape == middle.shape == high.shape == shape and bool(
        np.all((low > 0) & (low <= middle) & (middle <= high) & (high < 1))
    )


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    return _log(1500)


@pytest.fixture(scope="module")
def model(log: pd.DataFrame) -> RewardModel:
    return RewardModel.fit(log, PROMPTS)


@pytest.fixture(scope="module")
def small() -> RewardModel:
    return RewardModel.fit(_log(60), PROMPTS)


@pytest.fixture(scope="module")
def saved(small: RewardModel, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return _bytes(small, tmp_path_factory.mktemp("saved") / "model.zip")


# What it learns


@pytest.mark.parametrize(("kind", "best"), [("sum", 0), ("share", 1)])
def test_each_kind_of_question_gets_the_prompt_that_suits_it(
    model: RewardModel, kind: str, best: int
) -> None:
    chosen = model.predict(_fresh(kind)).probability.argmax(axis=1)
    assert (chosen == best).mean() > 0.95


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("prompt", PROMPTS, ids=lambda prompt: prompt.id)
def test_chances_of_new_questions_are_the_true_ones(
    model: RewardModel, kind: str, prompt: Prompt
) -> None:
    predicted = model.predict(_fresh(kind), [prompt]).probability
    assert predicted.mean() == pytest.approx(_chance(kind, prompt.id), abs=0.08)


@pytest.mark.parametrize("kind", KINDS)
def test_the_interval_covers_the_true_chance(model: RewardModel, kind: str) -> None:
    made = model.predict(_fresh(kind))
    truth = np.array([_chance(kind, prompt.id) for prompt in PROMPTS])
    assert ((made.lower <= truth) & (truth <= made.upper)).mean() > 0.85


def test_a_log_that_tried_one_prompt_per_question_teaches_the_same() -> None:
    model = RewardModel.fit(_log(4500, one_prompt_each=True), PROMPTS)
    for kind, best in zip(KINDS, (0, 1), strict=True):
        assert (model.predict(_fresh(kind)).probability.argmax(axis=1) == best).mean() > 0.9


def test_a_prompt_tried_on_easy_questions_alone_is_not_the_better_for_it() -> None:
    # Both prompts are equally good; one was tried on easy questions, the other on all.
    random = np.random.default_rng(5)
    rows = []
    for number in range(2000):
        easy = number % 2 == 0
        query = _question("sum" if easy else "share", random)
        for prompt in (BRIEF, STEPS) if easy else (STEPS,):
            right = bool(random.random() < (0.85 if easy else 0.2))
            rows.append(("own", "made-up", "train", number, query, prompt.id, right))
    table = pd.DataFrame(
        rows, columns=["llm", "dataset", "split", "query_id", "query", "prompt_id", "correct"]
    )
    model = RewardModel.fit(table, [BRIEF, STEPS])
    brief, steps = model.predict(_fresh("sum")).probability.mean(axis=0)
    assert brief == pytest.approx(steps, abs=0.06)


def test_what_happened_to_a_repeated_question_is_remembered() -> None:
    # Whether a question is solved is a matter of that very question, not of its words.
    random = np.random.default_rng(2)
    rows = []
    for number in range(150):
        query, solved = _question("sum", random), number % 2 == 0
        rows += [
            ("own", "made-up", "train", 10 * number + again, query, prompt.id, solved)
            for again in range(4)
            for prompt in PROMPTS
        ]
    table = pd.DataFrame(
        rows, columns=["llm", "dataset", "split", "query_id", "query", "prompt_id", "correct"]
    )
    solved = table.drop_duplicates("query")["query"].tolist()[::2]
    model = RewardModel.fit(table, PROMPTS)
    seen, unseen = model.predict(solved).probability, model.predict(_fresh("sum")).probability
    assert seen.mean() > unseen.mean() + 0.2
    blanks = [f"  {query}\n" for query in solved]
    np.testing.assert_allclose(model.predict(blanks).probability, seen)


# Prompts that were never logged


def test_a_prompt_never_logged_is_less_certain(model: RewardModel) -> None:
    made = model.predict(_fresh("share"), [*PROMPTS, own_prompt("Draw a picture first:")])
    width = (made.upper - made.lower).mean(axis=0)
    assert width[3] > 1.2 * width[:3].max()


def test_a_prompt_never_logged_is_scored_by_its_wording(model: RewardModel) -> None:
    panel = own_prompt("Four teachers discuss it at length, then all agree:")
    steps = own_prompt("Reason about it step by step:")
    chances = model.predict(_fresh("share"), [panel, steps]).probability.mean(axis=0)
    assert chances[1] > chances[0] + 0.05


def test_an_interval_reaches_as_far_as_a_normal_one_of_95_percent(model: RewardModel) -> None:
    known = replace(
        model.deviations,
        slope=0.0,
        variance=np.zeros_like(model.deviations.variance),
        offset_variance=np.full(len(PROMPTS), 0.25),
    )
    made = replace(model, deviations=known).predict(["What is 5 + 6?"])
    reach = [np.log(end / (1 - end)) for end in (made.lower, made.probability, made.upper)]
    assert np.diff(np.stack(reach), axis=0) == pytest.approx(0.5 * 1.96, abs=0.001)


def test_asking_for_a_new_prompt_leaves_the_logged_ones_alone(model: RewardModel) -> None:
    queries = _fresh("sum", 5)
    alone = model.predict(queries)
    more = model.predict(queries, [own_prompt("Draw a picture first:"), *reversed(PROMPTS)])
    for name in ("probability", "lower", "upper"):
        np.testing.assert_allclose(getattr(more, name)[:, :0:-1], getattr(alone, name), rtol=1e-10)


def test_a_prompt_of_the_list_that_was_never_tried_is_less_certain(log: pd.DataFrame) -> None:
    untried = own_prompt("Draw a picture first:")
    made = RewardModel.fit(log[log["query_id"] < 300], [*PROMPTS, untried]).predict(_fresh("sum"))
    width = (made.upper - made.lower).mean(axis=0)
    assert width[3] > width[:3].max()


# Asking


def test_a_question_is_scored_alike_alone_and_among_others(model: RewardModel) -> None:
    queries = _fresh("sum", 10) + _fresh("share", 10)
    together = model.predict(queries).probability
    alone = np.vstack([model.predict([query]).probability for query in queries])
    np.testing.assert_allclose(alone, together, rtol=1e-5)


def test_no_questions_give_no_scores(model: RewardModel) -> None:
    assert model.predict([]).probability.shape == (0, 3)


@pytest.mark.parametrize("query", ["", "  \n", None, 7, float("nan"), b"bytes"])
def test_what_is_no_question_is_refused_with_its_place(model: RewardModel, query: object) -> None:
    with pytest.raises(DataError, match=r"Query 2 is .*must be a text"):
        model.predict(["Ann has 3 pens.", query])


def test_prompts_to_score_must_be_distinct(model: RewardModel) -> None:
    with pytest.raises(DataError, match="brief"):
        model.predict(["Ann has 3 pens."], [BRIEF, BRIEF])


@given(st.lists(st.text(min_size=1, max_size=200).filter(str.strip), min_size=1, max_size=4))
def test_any_text_gets_chances_and_intervals(small: RewardModel, queries: list[str]) -> None:
    made = small.predict(queries, [*PROMPTS, own_prompt("Draw a picture first:")])
    assert _sound(made, (len(queries), 4))


UNUSUAL = {
    "one long word": "x" * 10_000,
    "one long number": "7" * 10_000,
    "many numbers": " ".join(map(str, range(2_000))),
    "many commas": ", " * 3_000,
    "many operations": "each per times " * 500,
    "many sentences": "Ann has 3 pens. " * 600,
    "emoji": "😀🎲",
    "arabic": "كم عدد الأقلام؟",
    "japanese": "猫は３匹います。",
    "no numbers": "Why is the sky blue?",
    "lone surrogate": "\ud800?",
    "null": "a\x00b",
}


@pytest.mark.parametrize("query", UNUSUAL.values(), ids=list(UNUSUAL))
def test_an_unusual_question_is_scored_without_false_certainty(
    model: RewardModel, query: str
) -> None:
    made = model.predict([query])
    assert _sound(made, (1, 3))
    assert made.probability.min() > 0.001
    assert made.probability.max() < 0.999


# Small logs


@pytest.mark.parametrize("one_prompt_each", [False, True])
@pytest.mark.parametrize("queries", [2, 7, 35, 200])
def test_a_small_log_teaches_no_more_than_it_shows(queries: int, one_prompt_each: bool) -> None:
    table = _log(queries, seed=1, one_prompt_each=one_prompt_each)
    table.loc[0, "correct"], table.loc[1, "correct"] = True, False
    made = RewardModel.fit(table, PROMPTS).predict(_fresh("sum") + _fresh("share"))
    assert _sound(made, (200, 3))
    if len(table) <= 21:
        assert (made.upper - made.lower).min() > 0.2


def test_a_log_without_words_trains() -> None:
    table = _log(80)
    table["query"] = ["😀" * (1 + number) for number in table["query_id"]]
    assert _sound(RewardModel.fit(table, PROMPTS).predict(["😀", "Ann has 3 pens."]), (2, 3))


def test_questions_of_one_length_leave_others_uncertain() -> None:
    # A feature without any variation in the log must not decide about a question that differs.
    random = np.random.default_rng(8)
    table = _log(200)
    table["query"] = [
        f"Ann buys {random.integers(2, 99)} {random.choice(THINGS)} and finds 8 cups. Have fun."
        for _ in range(len(table))
    ]
    made = RewardModel.fit(table, PROMPTS).predict(["Ann buys 3 pens today. How many in all?"])
    assert ((made.probability > 0.02) & (made.probability < 0.98)).all()


# Logs that cannot be learned from


def _changed(**values: object) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Change row 3 (counted from 1)."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        table = table.astype(dict.fromkeys(values, object))
        for column, value in values.items():
            table.loc[2, column] = value
        return table

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table[:0], "no rows"),
        (lambda table: table.drop(columns="correct"), "'correct'"),
        (lambda table: table.drop(columns="query"), "'query'"),
        (_changed(correct=None), r"Row 3: correct is None.*true or false"),
        (_changed(correct=float("nan")), r"Row 3: correct is nan.*true or false"),
        (_changed(correct="yes"), r"Row 3: correct is 'yes'.*true or false"),
        (_changed(correct=0.5), r"Row 3: correct is 0\.5.*true or false"),
        (_changed(query=""), "Row 3: query is ''"),
        (_changed(query="   "), "Row 3: query is '   '"),
        (_changed(query=None), "Row 3: query is None"),
        (_changed(query=12), "Row 3: query is 12"),
        (_changed(prompt_id="other"), r"Row 3: prompt_id is 'other'.*'brief', 'steps', 'table'"),
        (lambda table: table.assign(correct=True), "Every correct in the log is True"),
        (lambda table: table.assign(correct=False), "Every correct in the log is False"),
        (lambda table: pd.concat([table, table[4:5]]), r"Row 61 repeats an earlier row"),
    ],
)
def test_a_log_that_cannot_be_learned_from_is_refused_with_value_and_row(
    change: Callable[[pd.DataFrame], pd.DataFrame], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        RewardModel.fit(change(_log(20)), PROMPTS)


def test_prompts_of_a_log_must_be_distinct() -> None:
    with pytest.raises(DataError, match="'brief'"):
        RewardModel.fit(_log(20), [*PROMPTS, replace(BRIEF, text="Other words:")])


def test_the_label_is_the_column_that_was_asked_for() -> None:
    table = _log(300)
    flipped = table.assign(published_correct=~table["correct"]).astype(
        {"published_correct": "boolean"}
    )
    right = RewardModel.fit(flipped, PROMPTS)
    wrong = RewardModel.fit(flipped, PROMPTS, label="published_correct")
    assert wrong.description["label"] == "published_correct"
    queries = _fresh("sum")
    assert right.predict(queries).probability.argmax(axis=1).mean() < 0.5
    assert wrong.predict(queries).probability.argmax(axis=1).mean() > 1.5


def test_a_log_is_not_changed_by_learning_from_it() -> None:
    table = _log(50)
    before = table.copy(deep=True)
    RewardModel.fit(table, PROMPTS)
    pd.testing.assert_frame_equal(table, before)


# Files


def _bytes(model: RewardModel, path: Path) -> bytes:
    storage.save(model, path)
    return path.read_bytes()


def test_the_order_of_rows_and_categorical_columns_do_not_matter(tmp_path: Path) -> None:
    table = _log(120)
    shuffled = table.sample(frac=1, random_state=3).astype(
        dict.fromkeys(["llm", "dataset", "split", "prompt_id"], "category")
    )
    first = RewardModel.fit(table, PROMPTS, seed=4)
    second = RewardModel.fit(shuffled, PROMPTS, seed=4)
    assert _bytes(first, tmp_path / "1.zip") == _bytes(second, tmp_path / "2.zip")


def test_the_first_fit_of_a_process_computes_in_one_thread_as_well() -> None:
    code = (
        "from core.reward.one_thread import one_blas_thread; "
        "from threadpoolctl import threadpool_info\n"
        "with one_blas_thread():\n"
        "    import scipy.linalg, sklearn.decomposition\n"
        "    print({one['num_threads'] for one in threadpool_info() if one['user_api'] == 'blas'})"
    )
    found = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "2"},
        cwd=Path(__file__).resolve().parents[3],
    )
    assert found.stdout.strip() == "{1}"


def test_another_process_saves_the_same_bytes(tmp_path: Path) -> None:
    table, path = _log(120), tmp_path / "log.csv"
    table.to_csv(path, index=False)
    script = (
        "import sys, pandas as pd; from pathlib import Path; from core.prompts import Prompt; "
        "from core.reward import RewardModel, storage; "
        "prompts = [Prompt(*fields) for fields in eval(sys.argv[3])]; "
        "storage.save(RewardModel.fit(pd.read_csv(sys.argv[1]), prompts), Path(sys.argv[2]))"
    )
    fields = repr([(prompt.id, prompt.text, prompt.label) for prompt in PROMPTS])
    # Another hash seed, since the order of a set must not reach the file.
    subprocess.run(
        [sys.executable, "-c", script, str(path), str(tmp_path / "theirs.zip"), fields],
        check=True,
        env=os.environ | {"PYTHONHASHSEED": "7"},
        cwd=Path(__file__).resolve().parents[3],
    )
    mine = _bytes(RewardModel.fit(table, PROMPTS), tmp_path / "mine.zip")
    theirs = (tmp_path / "theirs.zip").read_bytes()
    assert hashlib.sha256(theirs).hexdigest() == hashlib.sha256(mine).hexdigest()


def test_a_saved_model_predicts_the_same(model: RewardModel, tmp_path: Path) -> None:
    storage.save(model, tmp_path / "model.zip")
    loaded = storage.load(tmp_path / "model.zip")
    assert loaded.prompts == model.prompts
    assert loaded.description == model.description
    asked = [*PROMPTS, own_prompt("Draw a picture first:")]
    queries = _fresh("share", 20)
    mine, theirs = model.predict(queries, asked), loaded.predict(queries, asked)
    for name in ("probability", "lower", "upper"):
        np.testing.assert_array_equal(getattr(theirs, name), getattr(mine, name))


def test_saving_a_loaded_model_gives_the_same_bytes(small: RewardModel, tmp_path: Path) -> None:
    first = _bytes(small, tmp_path / "1.zip")
    assert _bytes(storage.load(tmp_path / "1.zip"), tmp_path / "2.zip") == first


def test_the_file_holds_no_question_and_no_pickle(small: RewardModel, tmp_path: Path) -> None:
    storage.save(small, tmp_path / "model.zip")
    with zipfile.ZipFile(tmp_path / "model.zip") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert {Path(name).suffix for name in members} == {".json", ".npy"}
    assert b"in total?" not in b"".join(members.values())
    for name, data in members.items():
        if name.endswith(".npy"):
            np.load(io.BytesIO(data), allow_pickle=False)


def _members(model: RewardModel, folder: Path) -> dict[str, bytes]:
    storage.save(model, folder / "sound.zip")
    with zipfile.ZipFile(folder / "sound.zip") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _load(members: dict[str, bytes], folder: Path) -> RewardModel:
    with zipfile.ZipFile(folder / "changed.zip", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return storage.load(folder / "changed.zip")


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"version": 999}, "999.*[Tt]rain"),
        ({"format": "something else"}, "not a reward model"),
        ({"boosters": ["no booster"] * 3}, "damaged"),
        ({"boosters": [1, 2, 3]}, "damaged"),
        ({"slope": float("nan")}, "damaged"),
        ({"slope": None}, "damaged"),
        ({"slope": 10**400}, "damaged"),
        ({"centre": 1e300}, "too large"),
        ({"prompts": [{"id": "a", "text": "b", "label": ["c"]}] * 3}, "is no text"),
        ({"prompts": [{"id": "a", "text": "b", "label": "\ud800"}] * 3}, "is no text"),
        ({"spread": 0.0}, "damaged"),
        ({"terms": []}, "damaged"),
        ({"prompts": []}, "damaged"),
        ({"prompts": [{"id": "a", "colour": "blue"}] * 3}, "damaged"),
    ],
)
def test_a_header_that_makes_no_sense_is_refused(
    small: RewardModel, tmp_path: Path, fields: dict[str, object], message: str
) -> None:
    members = _members(small, tmp_path)
    header = json.loads(members["header.json"]) | fields
    members["header.json"] = json.dumps(header).encode()
    with pytest.raises(ArtifactError, match=message):
        _load(members, tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        lambda array: np.full_like(array, np.nan),
        lambda array: np.full_like(array, np.inf),
        lambda array: np.full_like(array, -1e300),
        lambda array: array[:-1],
        lambda array: array[:, :2],
        lambda array: array.astype(str),
        lambda array: array.astype(object),
    ],
    ids=["nan", "infinite", "large", "short", "narrow", "text", "pickled"],
)
def test_an_array_that_does_not_fit_is_refused(
    small: RewardModel, tmp_path: Path, change: Callable[[np.ndarray], np.ndarray]
) -> None:
    members = _members(small, tmp_path)
    members["weights.npy"] = _npy(change(np.load(io.BytesIO(members["weights.npy"]))))
    with pytest.raises(ArtifactError, match=r"changed\.zip is damaged"):
        _load(members, tmp_path)


def test_every_member_is_needed(small: RewardModel, tmp_path: Path) -> None:
    members = _members(small, tmp_path)
    for name in members:
        rest = {other: data for other, data in members.items() if other != name}
        with pytest.raises(ArtifactError):
            _load(rest, tmp_path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip at all", b"\x80\x04N."])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "model.zip"
    path.write_bytes(data)
    with pytest.raises(ArtifactError, match=r"model\.zip"):
        storage.load(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"nowhere\.zip"):
        storage.load(tmp_path / "nowhere.zip")


def test_a_cut_file_is_refused(small: RewardModel, tmp_path: Path) -> None:
    whole = _bytes(small, tmp_path / "model.zip")
    for share in np.linspace(0, 0.999, 12):
        (tmp_path / "cut.zip").write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(ArtifactError, match=r"cut\.zip"):
            storage.load(tmp_path / "cut.zip")


def test_compressed_data_that_cannot_be_unpacked_is_refused(
    small: RewardModel, tmp_path: Path
) -> None:
    data = bytearray(_bytes(small, tmp_path / "model.zip"))
    # The first member's data follow its 30-byte header and its name; 0x07 starts no valid block.
    data[30 + len("header.json")] = 0x07
    (tmp_path / "model.zip").write_bytes(data)
    with pytest.raises(ArtifactError, match="damaged"):
        storage.load(tmp_path / "model.zip")


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text[: text.index("parameters:") + 40],
        lambda text: text.replace("left_child=", "left_child=99 ", 1),
        lambda text: text.replace("left_child=1 ", "left_child=0 ", 1),
        lambda text: text.replace("num_leaves=", "num_leaves=9", 1),
        lambda text: text.replace("split_feature=", "split_feature=9", 1),
        lambda text: text.replace("leaf_value=", "leaf_value=x", 1),
        lambda text: text.replace("tree_sizes=", "tree_sizes=1", 1),
        lambda text: text.replace("num_cat=0", "num_cat=1", 1),
    ],
    ids=["half", "tail", "child", "loop", "leaves", "feature", "number", "size", "categories"],
)
def test_a_damaged_booster_is_refused(
    small: RewardModel, tmp_path: Path, damage: Callable[[str], str]
) -> None:
    members = _members(small, tmp_path)
    header = json.loads(members["header.json"])
    text = damage(header["boosters"][0])
    assert text != header["boosters"][0]
    header["boosters"][0] = text
    with zipfile.ZipFile(tmp_path / "changed.zip", "w") as archive:
        for name, data in (members | {"header.json": json.dumps(header).encode()}).items():
            archive.writestr(name, data)
    with pytest.raises(ArtifactError, match="not those that were saved"):
        storage.load(tmp_path / "changed.zip")


@given(st.data())
@settings(max_examples=60)
def test_flipped_and_cut_bytes_load_or_are_refused(
    saved: bytes, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    changed = bytearray(saved)
    for place in data.draw(st.lists(st.integers(0, len(saved) - 1), max_size=4)):
        changed[place] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.getbasetemp() / "changed.zip"
    path.write_bytes(changed[: data.draw(st.integers(0, len(saved)) | st.just(len(saved)))])
    try:
        loaded = storage.load(path)
    except ArtifactError:
        return
    assert _sound(loaded.predict(["Ann has 3 pens."]), (1, 3))


# Calibration and memory


def test_predictions_for_new_questions_are_calibrated(model: RewardModel) -> None:
    queries, truth = [], []
    for kind in KINDS:
        queries += _fresh(kind, 1000)
        truth += [[_chance(kind, prompt.id) for prompt in PROMPTS]] * 1000
    random = np.random.default_rng(4)
    correct = random.random((2000, 3)) < np.array(truth)
    curve = reliability(model.predict(queries).probability, correct)
    assert calibration_error(curve) < 0.06


def test_which_prompt_solved_a_repeated_question_is_remembered() -> None:
    # Words say nothing here: by chance, a question is solved by one of two prompts alone.
    random = np.random.default_rng(3)
    queries = list(dict.fromkeys(_question("sum", random) for _ in range(150)))
    solver = random.integers(2, size=len(queries))
    rows = [
        ("own", "made-up", "train", 10 * number + again, query, prompt.id, place == solver[number])
        for number, query in enumerate(queries)
        for again in range(4)
        for place, prompt in enumerate(PROMPTS[:2])
    ]
    table = pd.DataFrame(
        rows, columns=["llm", "dataset", "split", "query_id", "query", "prompt_id", "correct"]
    )
    chosen = RewardModel.fit(table, PROMPTS[:2]).predict(queries).probability.argmax(axis=1)
    assert (chosen == solver).mean() > 0.95
