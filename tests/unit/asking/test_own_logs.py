"""A user's own log: three formats, plain columns, errors that name the row."""

from pathlib import Path

import pandas as pd
import pytest
from own_log import write_log

from core.errors import DataError
from core.logs import own as own_logs
from core.reward import RewardModel

ROWS = pd.DataFrame(
    {
        "query": ["How many is 1 + 2?", "How many is 1 + 2?", "How many is 2 + 2?"],
        "prompt": ["cot", "Be brief:", "Let's think step by step:"],
        "correct": [True, False, True],
    }
)


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_all_formats_give_the_same_demonstrations(tmp_path: Path, suffix: str) -> None:
    table, prompts = own_logs.read(write_log(ROWS, tmp_path / f"log{suffix}"))
    assert table["correct"].tolist() == [True, False, True]
    assert table["prompt_id"].tolist() == ["cot", "own: Be brief:", "cot"]
    assert [prompt.id for prompt in prompts] == ["cot", "own: Be brief:"]
    assert table["query_id"].tolist() == [0, 0, 1]


def test_optional_columns_are_taken_over(tmp_path: Path) -> None:
    rows = ROWS.assign(
        prompt_tokens=[10, None, 12], completion_tokens=[1, 2, 3], answer=["3", "", "4"]
    )
    table, _ = own_logs.read(write_log(rows, tmp_path / "log.csv"))
    assert table["prompt_tokens"].tolist()[::2] == [10, 12]
    assert table["prompt_tokens"].isna().tolist() == [False, True, False]
    assert table["answer"].tolist()[0] == "3"


@pytest.mark.parametrize("column", ["query", "prompt", "correct"])
def test_a_missing_column_is_named_with_what_was_found(tmp_path: Path, column: str) -> None:
    path = write_log(ROWS.drop(columns=column), tmp_path / "log.csv")
    with pytest.raises(DataError, match=f"lacks the column '{column}'"):
        own_logs.read(path)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("correct", "maybe", r"Row 2: correct is 'maybe'; it must be true, false, 1 or 0"),
        ("query", "  ", r"Row 2: query is '  '"),
        ("prompt", "", r"Row 2: prompt is ''"),
        ("prompt_tokens", "-3", r"Row 2: prompt_tokens is -3"),
        ("prompt_tokens", "many", r"Row 2: prompt_tokens is 'many'"),
        ("completion_tokens", "1.5", r"Row 2: completion_tokens is 1.5"),
    ],
)
def test_a_bad_value_is_named_with_its_row(
    tmp_path: Path, column: str, value: str, message: str
) -> None:
    rows = ROWS.astype(object).assign(prompt_tokens="5", completion_tokens="5")
    rows.loc[1, column] = value
    with pytest.raises(DataError, match=message):
        own_logs.read(write_log(rows, tmp_path / "log.csv"))


def test_a_repeated_row_is_named(tmp_path: Path) -> None:
    path = write_log(pd.concat([ROWS, ROWS.iloc[[1]]]), tmp_path / "log.csv")
    with pytest.raises(DataError, match=r"Row 4: prompt is .* it repeats row 2"):
        own_logs.read(path)


def test_repeated_samples_are_told_apart_by_query_id(tmp_path: Path) -> None:
    rows = pd.concat([ROWS, ROWS]).assign(query_id=range(6))
    table, _ = own_logs.read(write_log(rows, tmp_path / "log.csv"))
    assert len(table) == 6


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("log.txt", b"x", r"lacks the column 'query'.*found: x"),
        ("log.csv", b"", "is empty"),
        ("log.csv", b"query,prompt,correct\n", "has no rows"),
        ("log.csv", b"\xff\xfe\x00bad\xff", "cannot be read as CSV: byte 1 is no UTF-16"),
        (
            "log.jsonl",
            b"{not json}\n",
            "Row 1: the line is '{not json}'; it must be one JSON object",
        ),
        ("log.parquet", b"PAR1 nothing", "cannot be read as Parquet"),
    ],
)
def test_an_unreadable_file_is_a_clear_error(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=message):
        own_logs.read(tmp_path / name)


@pytest.mark.parametrize("column", ["query", "prompt"])
@pytest.mark.parametrize("value", ['["a", "list"]', "7", "null"])
def test_json_that_is_no_text_is_named_with_its_row(
    tmp_path: Path, column: str, value: str
) -> None:
    row = {"query": '"How many?"', "prompt": '"cot"', "correct": "true"}
    lines = [
        "{" + ", ".join(f'"{k}": {v}' for k, v in fields.items()) + "}"
        for fields in (row, row | {column: value})
    ]
    (tmp_path / "log.jsonl").write_text("\n".join(lines))
    with pytest.raises(DataError, match=f"Row 2: {column} is"):
        own_logs.read(tmp_path / "log.jsonl")


def test_a_file_that_is_not_there_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no file"):
        own_logs.read(tmp_path / "log.csv")


def test_a_small_own_log_trains_a_model(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        [
            (f"How many is {a} + {b}?", prompt, (a + b) % 3 == 0 or prompt == "good")
            for a in range(6)
            for b in range(4)
            for prompt in ("good", "bad")
        ],
        columns=["query", "prompt", "correct"],
    )
    table, prompts = own_logs.read(write_log(rows, tmp_path / "log.csv"))
    probability = RewardModel.fit(table, prompts).predict(["How many is 7 + 7?"]).probability[0]
    assert probability[0] > probability[1]
