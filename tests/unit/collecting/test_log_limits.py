"""What may not be uploaded: every limit names the value and what is allowed."""

import json
import os
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from own_log import own_log

from core.errors import DataError
from core.logs.checks import Limits
from core.logs.own import UPLOAD_LIMITS, inspect, read
from core.logs.read import FileLimits

ROW = {"query": "How many is 1 + 2?", "prompt": "cot", "correct": "true"}


def _csv(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "log.csv"
    pd.DataFrame([ROW | row for row in rows]).to_csv(path, index=False)
    return path


def _jsonl(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "log.jsonl"
    path.write_text("\n".join(json.dumps(ROW | row) for row in rows))
    return path


def test_all_problems_are_counted_and_the_first_are_listed_by_row(tmp_path: Path) -> None:
    rows = own_log(50).astype(object)
    rows.loc[::2, "correct"] = "maybe"
    rows.loc[3, "query"] = " "
    path = tmp_path / "log.csv"
    rows.to_csv(path, index=False)
    found = inspect(path)
    assert found.table is None
    assert found.problems.count == 101
    assert [problem.row for problem in found.problems.first[:4]] == [1, 3, 4, 5]
    assert len(found.problems.first) == 20
    second = found.problems.first[2]
    assert (second.column, second.value) == ("query", "' '")
    with pytest.raises(DataError, match=r"Row 1: correct is 'maybe'.* 100 more problems"):
        read(path)


def test_a_long_value_is_shortened(tmp_path: Path) -> None:
    found = inspect(_csv(tmp_path, {"correct": "x" * 5000}))
    assert len(found.problems.first[0].value) <= 60


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ({"query": "7" * 10_001}, "has 10,001 characters, and at most 10,000 are allowed"),
        ({"prompt": "7" * 2_001}, "has 2,001 characters, and at most 2,000 are allowed"),
        ({"answer": "7" * 20_001}, "has 20,001 characters, and at most 20,000 are allowed"),
    ],
)
def test_a_text_that_is_too_long_is_refused(
    tmp_path: Path, row: dict[str, object], rule: str
) -> None:
    found = inspect(_csv(tmp_path, {}, row | {"query_id": 2}))
    assert [(problem.row, problem.rule) for problem in found.problems.first] == [(2, rule)]


@pytest.mark.parametrize("column", ["query", "prompt", "correct", "answer", "query_id", "llm"])
@pytest.mark.parametrize("value", [["a"], {"a": 1}])
def test_nested_json_is_refused(tmp_path: Path, column: str, value: object) -> None:
    found = inspect(_jsonl(tmp_path, {}, {column: value}))
    assert {(problem.row, problem.column) for problem in found.problems.first} == {(2, column)}


def test_half_a_character_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(ROW).replace("How", r"How \ud83d"))
    assert inspect(path).problems.first[0].column == "query"


def test_where_no_row_is_sound_each_has_one_problem(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("query,prompt,correct\n" + "\n".join(f",p{row % 3},1" for row in range(120)))
    found = inspect(path)
    assert found.problems.count == 120
    assert {problem.rule for problem in found.problems.first} == {
        "must be a text that is not empty"
    }


def test_deeply_nested_json_is_a_problem_of_its_row(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(json.dumps(ROW) + "\n" + "[" * 100_000)
    assert [problem.row for problem in inspect(path).problems.first] == [2]


def test_one_query_id_for_two_queries_is_refused(tmp_path: Path) -> None:
    path = _csv(tmp_path, {"query_id": 1}, {"query_id": 1, "query": "What is 2 + 2?"})
    problem = inspect(path).problems.first[0]
    assert (problem.row, problem.column) == (2, "query")
    assert "same query_id" in problem.rule


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(FileLimits(rows=2)), "has 3 rows; at most 2 are allowed"),
        (Limits(FileLimits(megabytes=0.0)), r"has 0\.0 MB; at most 0 MB are allowed"),
        (Limits(prompts=2), "has 3 different prompts; at most 2 are allowed"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_limits_of_the_whole_log_are_kept(
    tmp_path: Path, suffix: str, limits: Limits, message: str
) -> None:
    rows = pd.DataFrame([ROW | {"prompt": f"p{n}", "llm": f"m{n}"} for n in range(3)])
    path = tmp_path / f"log{suffix}"
    write = {".csv": rows.to_csv, ".parquet": rows.to_parquet}.get(suffix)
    if write is None:
        rows.to_json(path, orient="records", lines=True)
    else:
        write(path, index=False)
    with pytest.raises(DataError, match=message):
        inspect(path, limits)


def test_the_rows_that_are_promised_are_taken(tmp_path: Path) -> None:
    most = int(UPLOAD_LIMITS.file.rows)
    rows = pd.DataFrame(
        {"query": [f"What is {n} + 1?" for n in range(most)], "prompt": "cot", "correct": "1"}
    )
    path = tmp_path / "log.parquet"
    rows.to_parquet(path)
    assert len(inspect(path).table) == most
    pd.concat([rows, rows[:1]]).to_parquet(path)
    with pytest.raises(DataError, match=r"200,001 rows; at most 200,000"):
        inspect(path)


def test_a_parquet_file_that_unpacks_to_much_is_refused_before_it_is_decoded(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bomb.parquet"
    answers = [chr(97 + n % 26) * 5_000_000 for n in range(60)]
    table = pa.table(
        {
            "query": ["How many?"] * 60,
            "prompt": ["cot"] * 60,
            "correct": [1] * 60,
            "answer": answers,
        }
    )
    pq.write_table(table, path, compression="zstd", use_dictionary=False)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(DataError, match=r"take 300 MB when decompressed; at most 200 MB"):
        inspect(path)


def test_many_rows_that_point_to_one_long_text_stay_one_text(tmp_path: Path) -> None:
    """Decoded one by one these cells would take two gigabytes."""
    path = tmp_path / "bomb.parquet"
    rows = 200_000
    table = pa.table(
        {
            "query": pa.DictionaryArray.from_arrays(
                pa.array([0] * rows, "int32"), pa.array(["7" * 10_000])
            ),
            "prompt": ["cot"] * rows,
            "correct": [1] * rows,
            "query_id": list(range(rows)),
        }
    )
    pq.write_table(table, path, store_schema=False)
    with pytest.raises(DataError, match="2,000,000,000 characters in its queries; at most 20,000"):
        inspect(path)


def test_nested_parquet_columns_are_refused_and_unknown_ones_ignored(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    columns = {"query": ["How many?"], "prompt": ["cot"], "correct": [True]}
    pq.write_table(pa.table(columns | {"notes": [[1, 2]]}), path)
    assert inspect(path).rows == 1
    pq.write_table(pa.table(columns | {"prompt": [["cot"]]}), path)
    with pytest.raises(DataError, match="'prompt' holds list"):
        inspect(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"query,prompt,correct\nWie gro\x81?,cot,1\n", "no Windows-1252 text; save"),
        (b"query,prompt,correct,query\nHow?,cot,1,x\n", "names the column 'query' twice"),
        (b"query,prompt,correct\n" + b"x" * 1_000_001, "line 2 has more than 1,000,000 char"),
        (b"," * 300 + b"\n", "301 columns; at most 200"),
        (b'query,prompt,correct\n"' + b"How many?,cot,1\n" * 20_000, "field larger"),
    ],
)
def test_a_csv_of_another_kind_is_explained(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        inspect(path)


def test_a_byte_order_mark_is_no_part_of_the_header(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes("\ufeffquery,prompt,correct\nHow?,cot,1\n".encode())
    assert inspect(path).rows == 1


def test_a_row_with_too_many_cells_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("query,prompt,correct\nHow?,cot,1\nHow, then?,cot,0\n")
    assert str(inspect(path).problems.first[0]) == (
        "Row 2: the number of cells is 4; it must be 3, one for each column of the header."
    )


class _Runs:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (os.system, ("touch ran",))


def test_a_pickle_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for suffix in (".csv", ".jsonl", ".parquet"):
        path = tmp_path / f"log{suffix}"
        pd.to_pickle(_Runs(), path, compression=None)
        with pytest.raises(DataError):
            read(path)
    assert not (tmp_path / "ran").exists()
