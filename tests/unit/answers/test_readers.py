"""Readers of final numbers side by side: on a log, without a new call."""

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from core.cli import app
from core.errors import UnknownNameError
from core.grading.readers import MATH_VERIFY, READERS, reader_by_name
from core.grading.side_by_side import compare_readers

ROWS = [
    ("6 x 7?", "cot", "So, if 6 boxes hold 7 pens each, there are 42 pens in 6 boxes.", "42"),
    ("6 x 7?", "direct", r"\boxed{42} as 6 x 7", "42"),
    ("a half?", "cot", r"\boxed{\frac{1}{2}}", "0.5"),
    ("a half?", "direct", "nobody knows", "0.5"),
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.csv"
    pd.DataFrame(ROWS, columns=["query", "prompt", "answer", "gold"]).to_csv(path, index=False)
    return path


def test_each_reader_reads_what_it_says() -> None:
    texts, golds = [row[2] for row in ROWS], [row[3] for row in ROWS]
    names = [name for name in READERS if name != MATH_VERIFY]
    summary, differing = compare_readers(texts, golds, {name: READERS[name] for name in names})
    found = summary.set_index("reader")
    assert found.loc["final-answer", ["read", "right", "differs"]].tolist() == [0.75, 0.75, 0]
    assert found.loc["marked", ["read", "right"]].tolist() == [0.5, 0.5]
    assert found.loc["last-number", ["gained", "lost"]].tolist() == [0, 3]
    assert differing["row"].tolist() == [1, 2, 3]
    assert differing.set_index("row").loc[1, ["final-answer", "published"]].tolist() == ["42", "6"]


def test_without_a_gold_nothing_is_right_or_wrong() -> None:
    summary, _ = compare_readers(["42"], [None], {"published": READERS["published"]})
    assert summary["right"].isna().all()


def test_math_verify_reads_fractions_and_boxes() -> None:
    pytest.importorskip(
        "math_verify", reason="math-verify is missing; run `pip install math-verify`"
    )
    reader = reader_by_name(MATH_VERIFY)
    assert reader(r"So it is \boxed{\frac{3}{4}}.") * 4 == 3
    assert reader("nobody knows") is None


def test_the_command_lists_readers_and_where_they_differ(log: Path) -> None:
    arguments = ["grade", str(log), "--reader", "final-answer", "--reader", "published"]
    shown = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert "3 answers are not read alike" in shown.output
    assert "answer 1, gold 42: final-answer 42 · published 6" in " ".join(shown.output.split())
    lines = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False)
    rows = [json.loads(line) for line in lines.stdout.splitlines()]
    assert [row["reader"] for row in rows if row["table"] == "readers"] == arguments[3::2]


def test_an_unknown_reader_is_named_with_those_there_are(log: Path) -> None:
    shown = CliRunner().invoke(app, ["grade", str(log), "--reader", "regex"])
    assert isinstance(shown.exception, UnknownNameError)
    assert "Unknown reader 'regex'. Known: final-answer, marked" in str(shown.exception)
