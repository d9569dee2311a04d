"""Logs with a row for each question and a column for each prompt."""

import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from own_log import own_log
from pyarrow import parquet
from typer.testing import CliRunner

from core.cli import app
from core.errors import DataError
from core.logs.checks import Limits
from core.logs.own import Inspection, Reading, inspect, inspect_all, kind_of_answers, read
from core.logs.read import FileLimits
from core.prompts import message
from core.reward import storage

STEPS, BRIEF = "Let's think, step by step:", "Answer only"
LABELS = pd.DataFrame(
    {
        "question": ["How many is 1 + 2?", "How many is 2 + 2?", "How many is 3 + 2?"],
        STEPS: [1, 0, 1],
        BRIEF: [0, 0, 1],
        "id": [0, 1, 1],
        "source": ["a", "b", "c"],
    }
)
ROUTED = pd.DataFrame(
    {
        "sample_id": ["mmlu.1", "mmlu.2"],
        "prompt": ["Which is a fruit? A. pear B. car", "Which is a car? A. pear B. car"],
        "eval_name": ["mmlu", "mmlu"],
        "small": [1.0, 0.25],
        "large": [1.0, 0.75],
        "small|model_response": ["A", "A"],
        "large|model_response": ["A", "B"],
        "small|total_cost": [0.0001, 0.0001],
        "large|total_cost": [0.01, 0.02],
        "oracle_model_to_route_to": ["small", "large"],
        "hard": [0, 1],
    }
)
WRITTEN: dict[str, Callable[[pd.DataFrame, Path], object]] = {
    "commas.csv": lambda table, path: table.to_csv(path, index=False),
    "indexed.csv": lambda table, path: table.to_csv(path),
    "tabs.tsv": lambda table, path: table.to_csv(path, sep="\t", index=False),
    "sheet.xlsx": lambda table, path: table.to_excel(path, index=False),
    "table.parquet": lambda table, path: table.to_parquet(path),
    "array.json": lambda table, path: table.to_json(path, orient="records"),
    "lines.jsonl": lambda table, path: table.to_json(path, orient="records", lines=True),
}


def _inspected(folder: Path, content: pd.DataFrame | str, **reading: object) -> Inspection:
    path = folder / "wide.csv"
    text = content if isinstance(content, str) else content.to_csv(index=False)
    path.write_text(text)
    return inspect(path, reading=Reading(**reading))


def _answers(found: Inspection, *columns: str) -> list[tuple[object, ...]]:
    wording = {prompt.id: prompt.text for prompt in found.prompts}
    table = found.table.assign(prompt=found.table["prompt_id"].map(wording))
    return list(table[list(columns)].itertuples(index=False, name=None))


@pytest.mark.parametrize("name", WRITTEN)
@pytest.mark.parametrize("spelt", [(0, 1), (False, True), ("false", "TRUE"), (0.0, 1.0)])
def test_columns_of_labels_are_prompts_however_the_table_is_written(
    tmp_path: Path, name: str, spelt: tuple[object, object]
) -> None:
    table = LABELS.astype({STEPS: object, BRIEF: object})
    for prompt in (STEPS, BRIEF):
        table[prompt] = [spelt[label] for label in LABELS[prompt]]
    WRITTEN[name](table, tmp_path / name)
    found = inspect(tmp_path / name)
    assert found.rows == len(found.table) == 6
    assert _answers(found, "query", "prompt", "correct") == [
        (query, prompt, bool(label))
        for query, *labels in LABELS[["question", STEPS, BRIEF]].itertuples(index=False)
        for prompt, label in zip((STEPS, BRIEF), labels, strict=True)
    ]
    assert found.renamed == (("question", "query"),)
    assert f"2 columns are prompts: \"{STEPS}\", '{BRIEF}'" in found.arranged
    assert "not read: " in found.arranged
    assert found.arranged.endswith("'id', 'source'")


def test_scores_with_answers_and_costs_beside_them_are_llms(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"wide\.csv has scores such as 0\.25.*--correct-from 0\.5"):
        _inspected(tmp_path, ROUTED)
    found = _inspected(tmp_path, ROUTED, correct_from=0.5)
    assert _answers(found, "query_id", "prompt_id", "correct", "answer", "dollars") == [
        ("mmlu.1", "small", True, "A", 0.0001),
        ("mmlu.1", "large", True, "A", 0.01),
        ("mmlu.2", "small", False, "A", 0.0001),
        ("mmlu.2", "large", True, "B", 0.02),
    ]
    assert found.llms == ("small", "large")
    assert [message("How?", arm) for arm in found.prompts] == ["How?", "How?"]
    assert found.names == {"sample_id": "query_id", "prompt": "query"}
    # Labels that have no answers beside them are no prompt where others have.
    assert found.arranged == (
        "2 columns are LLMs: 'small', 'large'; not read: 'eval_name', "
        "'oracle_model_to_route_to', 'hard'"
    )
    assert "from 0.5 on" in found.graded


def test_columns_of_booleans_beside_a_prompt_are_read_as_benchmarks_of_routers_mean_them(
    tmp_path: Path,
) -> None:
    found = _inspected(tmp_path, "prompt,big,small\nHow?,True,False\nWhy?,True,True\n")
    assert found.renamed == (("prompt", "query"),)
    assert _answers(found, "query", "prompt", "correct") == [
        ("How?", "big", True),
        ("How?", "small", False),
        ("Why?", "big", True),
        ("Why?", "small", True),
    ]


def test_an_answer_that_was_not_logged_is_no_row(tmp_path: Path) -> None:
    found = _inspected(tmp_path, "question,a,b\nHow?,1,\nWhy?,,0\nWho?,0,1\n")
    assert _answers(found, "query", "prompt", "correct") == [
        ("How?", "a", True),
        ("Why?", "b", False),
        ("Who?", "a", False),
        ("Who?", "b", True),
    ]
    assert found.arranged.endswith("2 empty cells left out")


def test_a_question_that_comes_again_is_a_sample_of_its_own(tmp_path: Path) -> None:
    found = _inspected(tmp_path, "question,a,b\nHow?,1,0\nHow?,0,0\n")
    assert found.rows == 4
    assert found.table["query_id"].nunique() == 2
    again = _inspected(tmp_path, "question,query_id,a,b\nHow?,q,1,0\nHow?,q,0,0\n")
    assert "Row 2: 'a' is 'a'; it repeats row 1 on the same query" in str(again.problems)


def test_slips_are_named_with_their_row_and_the_column_of_the_file(tmp_path: Path) -> None:
    text = "question,a,b,b|model_response\nHow?,1,0,x\n ,perhaps,1,x\nWhy?,0,1,x\nWho?,1,,x\nIs?,1"
    found = _inspected(tmp_path, text)
    assert found.table is None
    # What the prompts share is told once.
    assert [str(problem) for problem in found.problems.first] == [
        "Row 2: query is ' '; it must be a text that is not empty.",
        "Row 2: 'a' is 'perhaps'; it must be true, false, 1 or 0.",
        "Row 5: the number of cells is 2; it must be 4, one for each column of the header.",
    ]
    assert (found.rows, found.problems.count) == (5, 3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "question,a,b,c\nHow?,1,0,0.3\nWhy?,0,1,0.4\n",
            r"no column 'prompt'.*not sure: 'a', 'b' with 0 and 1; 'c' with numbers from 0 to 1\. "
            r".*`--column prompt=a --column prompt=b`",
        ),
        ("question,a,b\nHow?,10,4\nWhy?,5,1\n", "'a', 'b' with numbers above 1 or below 0"),
        ("Frage,a,b\nWie?,1,0\nWas?,0,1\n", r"lacks the column 'query'.*found: Frage, a, b"),
        ("question,a\nHow?,1\nWhy?,0\n", "lacks the column 'prompt'"),
        ("question,score,a,b\nHow?,1,1,0\nWhy?,0,0,1\n", "lacks the column 'prompt'"),
        ("question,prompt,a,b\nHow?,x,1,0\nWhy?,x,0,1\n", "lacks the column 'correct'"),
        ("question,response,gold,a,b\nHow?,1,1,1,0\n", "lacks the column 'prompt'"),
        ("question,cot,Let's think step by step:\nHow?,1,0\n", "has two columns of the prompt"),
        ("question,id,label,a\nHow?,1,0,1\nWhy?,0,1,1\n", "lacks the column 'prompt'"),
    ],
)
def test_what_is_not_surely_a_wide_table_is_a_clear_error(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        _inspected(tmp_path, text)


def test_prompts_can_be_named(tmp_path: Path) -> None:
    text = "question,a,b,c\nHow?,10,4,7\nWhy?,5,1,6\n"
    found = _inspected(tmp_path, text, prompts=("a", "c"), correct_from=6)
    assert _answers(found, "prompt", "correct") == [
        ("a", True),
        ("c", True),
        ("a", False),
        ("c", True),
    ]
    assert found.arranged == "2 columns are prompts: 'a', 'c'; not read: 'b'"
    with pytest.raises(DataError, match=r"no column 'd'; found: question, a, b, c"):
        _inspected(tmp_path, text, prompts=("a", "d"))
    with pytest.raises(DataError, match="correct=b cannot be named beside them"):
        _inspected(tmp_path, text, prompts=("a", "c"), columns={"correct": "b"})
    with pytest.raises(DataError, match="has no answers"):
        _inspected(tmp_path, "question,a,b\nHow?,,\n", prompts=("a", "b"))


def test_a_column_can_be_said_to_be_none_of_ours(tmp_path: Path) -> None:
    text = "question,score,a,b\nHow?,7,1,0\nWhy?,3,0,1\n"
    found = _inspected(tmp_path, text, columns={"correct": None})
    assert [prompt.text for prompt in found.prompts] == ["a", "b"]
    with pytest.raises(DataError, match="'a' is named as query and as gold; it is one"):
        _inspected(tmp_path, text, columns={"query": "a", "gold": "a"})


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(FileLimits(rows=5)), "a row for each answer, has 6 rows; at most 5 are allowed"),
        (Limits(prompts=1), "has 2 columns that are prompts; at most 1 are allowed"),
        (Limits(characters=50), "has 54 characters in its queries; at most 50 are allowed"),
    ],
)
def test_limits_count_answers(tmp_path: Path, limits: Limits, message: str) -> None:
    path = tmp_path / "wide.csv"
    LABELS.to_csv(path, index=False)
    with pytest.raises(DataError, match=re.escape(message)):
        inspect(path, limits)


def test_a_table_with_very_many_cells_needs_its_prompts_named(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    LABELS.assign(**{f"x{number}": "x" for number in range(30)}).to_csv(path, index=False)
    limits = Limits(FileLimits(rows=10))
    with pytest.raises(DataError, match="lacks the column 'prompt'"):
        inspect(path, limits)
    assert inspect(path, limits, Reading(prompts=(STEPS, BRIEF))).rows == 6


def test_a_nested_column_of_parquet_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "wide.parquet"
    table = pa.Table.from_pandas(LABELS).append_column("meta", pa.array([["x"]] * len(LABELS)))
    parquet.write_table(table, path)
    assert inspect(path).arranged.endswith("not read: 'id', 'source', 'meta'")


def test_wide_files_of_other_prompts_are_one_log(tmp_path: Path) -> None:
    LABELS.to_csv(tmp_path / "one.csv", index=False)
    other = LABELS.rename(columns={STEPS: "First:", BRIEF: "Second:"})
    other.to_csv(tmp_path / "two.csv", index=False)
    found = inspect_all([tmp_path / "one.csv", tmp_path / "two.csv"])
    assert found.rows == 12
    assert found.table.groupby("query_id").size().tolist() == [4, 4, 4]
    table, prompts = read(tmp_path / "one.csv")
    assert (len(table), len(prompts)) == (6, 2)


CELLS = st.sampled_from(["0", "1", "true", "False", "0.5", "7", "", " ", "x", "nan", "inf", "-1"])


@given(
    st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=6),
    st.booleans(),
    st.none() | st.floats(-1, 2),
)
@settings(max_examples=200)
def test_any_cells_are_a_row_each_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    named: bool,
    threshold: float | None,
) -> None:
    path = tmp_path_factory.mktemp("wide") / "wide.csv"
    lines = [f"Question {number}?,{','.join(row)}" for number, row in enumerate(rows)]
    path.write_text("\n".join(["question,a,b,c", *lines]))
    reading = Reading(prompts=("a", "b", "c") if named else (), correct_from=threshold)
    with suppress(DataError):
        _check_rows(inspect(path, reading=reading), rows)


def _check_rows(found: Inspection, rows: list[tuple[str, str, str]]) -> None:
    if found.table is None:
        assert all(1 <= problem.row <= len(rows) for problem in found.problems.first)
        return
    filled = [cell for row in rows for name, cell in zip("abc", row, strict=True) if cell.strip()]
    assert len(found.table) <= len(filled)
    if len(found.arms) == 3:
        assert len(found.table) == len(filled)


def test_a_row_that_one_prompt_lacks_and_another_repeats_is_named(tmp_path: Path) -> None:
    found = _inspected(tmp_path, "query_id,query,A,B\n1,q1,1,0\n1,q2,0,1\n1,q3,,1\n")
    rows = [(problem.row, problem.column, problem.value) for problem in found.problems.first]
    assert (3, "query", "'q3'") in rows
    assert {row for row, _, _ in rows} == {2, 3}


@pytest.mark.parametrize(
    ("content", "reading", "said"),
    [
        ("question,A,B\nq1,1,0\nq2,2,1\n", {}, "--column prompt=B --column prompt=A"),
        (
            "question,A,B\nq1,1,0\n",
            {"columns": {"query": "question"}, "prompts": ("question", "A")},
            "'question' is named as query and as prompt",
        ),
    ],
)
def test_what_cannot_be_told_apart_is_said(
    tmp_path: Path, content: str, reading: dict[str, object], said: str
) -> None:
    with pytest.raises(DataError, match=re.escape(said)):
        _inspected(tmp_path, content, **reading)


@pytest.mark.parametrize(
    ("answers", "kind"),
    [(["B", "(c)"], "choices"), (["Yes", "no"], "texts"), (["12 pens", "7"], "numbers")],
)
def test_a_log_without_gold_tells_by_its_answers_what_they_are(
    tmp_path: Path, answers: list[str], kind: str
) -> None:
    path = tmp_path / "log.csv"
    rows = [(f"q{place % 2}", f"p{place // 2}", 1, answers[place % 2]) for place in range(4)]
    names = ["query", "prompt", "correct", "predicted_answer"]
    pd.DataFrame(rows, columns=names).to_csv(path, index=False)
    assert kind_of_answers(read(path)[0]).name == kind


def test_the_command_takes_a_wide_table(tmp_path: Path) -> None:
    log = own_log(60, answers=False)
    wide = log.pivot_table(index="query", columns="prompt", values="correct", sort=False) * 10
    path, out = tmp_path / "wide.csv", tmp_path / "model.zip"
    wide.reset_index().rename(columns={"query": "Frage"}).to_csv(path, index=False)
    named = [f"--column=prompt={name}" for name in wide.columns[:3]]
    given = ["train", str(out), "--log", str(path), "--column", "query=Frage"]
    done = CliRunner().invoke(app, [*given, *named, "--correct-from", "5"])
    assert done.exit_code == 0, done.output
    assert "Read as: Frage → query." in done.stderr
    assert "A row for each query: 3 columns are prompts: 'Prompt 0, think:'" in done.stderr
    assert "How it was graded: a score from 5 on counts as right." in done.stderr
    assert [prompt.text for prompt in storage.load(out).prompts] == list(wide.columns[:3])
    llms = [one.replace("prompt=", "llm=") for one in named]
    done = CliRunner().invoke(app, [*given, *llms, "--correct-from", "5"])
    assert done.exit_code == 0, done.output
    assert "3 columns are LLMs: 'Prompt 0, think:'" in done.stderr
    assert [prompt.llm for prompt in storage.load(out).prompts] == list(wide.columns[:3])
    twice = CliRunner().invoke(app, [*given, "--column", "query=x"])
    assert "query is named twice, as 'Frage' and as 'x'" in str(twice.exception)
