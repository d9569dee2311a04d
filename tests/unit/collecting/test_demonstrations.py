"""The table of demonstrations is checked on entry, row by row."""

import numpy as np
import pandas as pd
import pytest

from core.demonstrations import COLUMNS, check
from core.errors import DataError
from core.prompts import TRAINING_PROMPTS

IDS = [prompt.id for prompt in TRAINING_PROMPTS]


def _table() -> pd.DataFrame:
    graded = ("4", "4", True, True, 10, 5, "t", "4")
    rows = [
        ("llm", "set", "test", query, f"Question {query}?", prompt.id, *graded)
        for query in range(3)
        for prompt in TRAINING_PROMPTS
    ]
    return pd.DataFrame(rows, columns=COLUMNS).astype(
        {"correct": object, "prompt_tokens": object, "query": object}
    )


def test_a_sound_table_passes_unchanged() -> None:
    table = _table()
    pd.testing.assert_frame_equal(check(table, IDS), table)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("prompt_id", "mystery", r"Row 5: prompt_id is 'mystery'; it must be one of"),
        ("query", "", r"Row 5: query is ''"),
        ("query", 7, r"Row 5: query is 7"),
        ("correct", np.nan, r"Row 5: correct is nan; it must be true or false"),
        ("correct", "yes", r"Row 5: correct is 'yes'"),
        ("prompt_tokens", -1, r"Row 5: prompt_tokens is -1; it must be a whole number"),
        ("prompt_tokens", 1.5, r"Row 5: prompt_tokens is 1\.5"),
    ],
)
def test_a_bad_value_is_named_with_its_row(column: str, value: object, said: str) -> None:
    table = _table()
    table.loc[4, column] = value
    with pytest.raises(DataError, match=said):
        check(table, IDS)


def test_unknown_token_counts_are_allowed() -> None:
    check(
        _table().assign(prompt_tokens=np.nan, completion_tokens=np.nan),
        IDS,
    )


def test_a_repeated_row_is_named() -> None:
    table = pd.concat([_table(), _table().iloc[[2]]], ignore_index=True)
    with pytest.raises(DataError, match=r"Row 19 repeats an earlier row .*query_id 0"):
        check(table, IDS)


def test_an_empty_table_and_a_missing_column_are_refused() -> None:
    with pytest.raises(DataError, match="no rows"):
        check(_table().iloc[:0], IDS)
    with pytest.raises(DataError, match="lacks the column 'correct'"):
        check(_table().drop(columns="correct"), IDS)
