"""What visitors may spend of the operator's money: the counters and where they end."""

import logging
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from spending_left import Left, left

from core.errors import DataError
from core.hosting.settings import Limits
from core.hosting.spending import FILE, Spending, SpendingLimit

LIMITS = Limits(session_calls=10, day_calls=25, session_dollars=0.5, day_dollars=1.0)


class Clock:
    """A time of day that tests move."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 1, 18, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        """The present moment."""
        return self.moment


@pytest.fixture
def clock() -> Clock:
    """Half past six in the evening, UTC."""
    return Clock()


@pytest.fixture
def spending(tmp_path: Path, clock: Clock) -> Spending:
    """Nothing spent yet."""
    return Spending(tmp_path / "state", LIMITS, clock)


def test_a_session_spends_its_calls_and_no_more(spending: Spending) -> None:
    spending.reserve("a", 8, 0.0)
    with pytest.raises(SpendingLimit, match="2 of the 10 calls of this session"):
        spending.reserve("a", 3, 0.0)
    spending.reserve("a", 2, 0.0)
    with pytest.raises(SpendingLimit, match="0 of the 10 calls"):
        spending.reserve("a", 1, 0.0)
    spending.reserve("b", 10, 0.0)


def test_all_sessions_of_a_day_share_its_calls(spending: Spending) -> None:
    spending.reserve("a", 10, 0.0)
    spending.reserve("b", 10, 0.0)
    with pytest.raises(SpendingLimit) as caught:
        spending.reserve("c", 6, 0.0)
    assert str(caught.value) == (
        "The operator of this page would have to pay for 6 calls. What is left: 5 of the 25 calls "
        "of today for all visitors together. The day ends at 00:00 UTC, in 5 h 30 min. With a key "
        "of your own the calls of an LLM behind an API are yours and have no such limit; the "
        "embedded LLM costs nothing."
    )
    spending.reserve("c", 5, 0.0)


def test_dollars_end_with_the_session_and_with_the_day(spending: Spending) -> None:
    spending.reserve("a", 1, 0.5)
    with pytest.raises(SpendingLimit, match=r"\$0\.0000 of the \$0\.50 of this session"):
        spending.reserve("a", 1, 0.000001)
    spending.reserve("a", 1, 0.0)
    spending.reserve("b", 1, 0.45)
    with pytest.raises(
        SpendingLimit, match=r"1 call and up to \$0\.0600.*\$0\.0500 of the \$1\.00"
    ):
        spending.reserve("c", 1, 0.06)
    assert left(spending, "c") == Left(10, 22, 0.5, 0.05)


def test_a_refusal_takes_nothing(spending: Spending) -> None:
    before = left(spending, "a")
    for calls, dollars in [(11, 0.0), (1, 0.6), (26, 2.0)]:
        with pytest.raises(SpendingLimit):
            spending.reserve("a", calls, dollars)
    assert left(spending, "a") == before


@pytest.mark.parametrize("nothing", [Limits(session_calls=0), Limits(day_calls=0)])
def test_a_limit_of_no_calls_allows_none(tmp_path: Path, nothing: Limits) -> None:
    with pytest.raises(SpendingLimit, match="0 of the 0 calls"):
        Spending(tmp_path, nothing).reserve("a", 1, 0.0)


@pytest.mark.parametrize("nothing", [Limits(session_dollars=0), Limits(day_dollars=0)])
def test_a_limit_of_no_dollars_leaves_calls_without_a_price(
    tmp_path: Path, nothing: Limits
) -> None:
    spending = Spending(tmp_path, nothing)
    spending.reserve("a", 1, 0.0)
    with pytest.raises(SpendingLimit, match=r"of the \$0\.00"):
        spending.reserve("a", 1, 0.0001)


def test_what_was_not_spent_is_given_back_and_what_was_more_is_counted(spending: Spending) -> None:
    spending.settle(spending.reserve("a", 10, 0.5), 4, 0.125)
    assert left(spending, "a") == Left(6, 21, 0.375, 0.875)
    spending.settle(spending.reserve("a", 6, 0.25), 0, 0.0)
    assert left(spending, "a") == Left(6, 21, 0.375, 0.875)
    spending.settle(spending.reserve("a", 1, 0.0), 9, 0.75)
    assert left(spending, "a") == Left(0, 12, 0.0, 0.125)


def test_fractions_of_a_cent_add_up(tmp_path: Path) -> None:
    spending = Spending(tmp_path, Limits(10**6, 10**6, 0.01, 1.0))
    for _ in range(100):
        spending.reserve("a", 1, 0.0001)
    with pytest.raises(SpendingLimit):
        spending.reserve("a", 1, 1e-9)


def test_counters_are_kept_across_restarts(tmp_path: Path, clock: Clock) -> None:
    Spending(tmp_path, LIMITS, clock).reserve("a", 10, 0.25)
    again = Spending(tmp_path, LIMITS, clock)
    assert left(again, "a") == Left(0, 15, 0.25, 0.75)
    with pytest.raises(SpendingLimit):
        again.reserve("a", 1, 0.0)


def test_a_new_utc_day_begins_with_its_own_money_but_the_same_sessions(
    spending: Spending, clock: Clock
) -> None:
    clock.moment = datetime(2026, 11, 1, 23, 59, 59, tzinfo=UTC)
    spending.reserve("a", 10, 0.5)
    late = spending.reserve("b", 10, 0.25)
    clock.moment += timedelta(seconds=1)
    assert left(spending, "c") == Left(10, 25, 0.5, 1.0)
    with pytest.raises(SpendingLimit, match="of this session"):
        spending.reserve("a", 1, 0.0)
    # What was taken yesterday is given back to yesterday.
    spending.reserve("c", 5, 0.0)
    spending.settle(late, 1, 0.0)
    assert left(spending, "c").day_calls == 20


def test_another_time_zone_has_the_same_day(spending: Spending, clock: Clock) -> None:
    spending.reserve("a", 5, 0.0)
    clock.moment = datetime.fromisoformat("2026-11-02T01:00:00+05:00")
    assert left(spending, "b").day_calls == 20


def test_old_counters_are_deleted(spending: Spending, clock: Clock, tmp_path: Path) -> None:
    spending.reserve("old", 10, 0.0)
    clock.moment += timedelta(days=20)
    spending.reserve("later", 10, 0.0)
    clock.moment += timedelta(days=20)
    spending.reserve("new", 1, 0.0)
    with sqlite3.connect(tmp_path / "state" / FILE) as file:
        [(rows,)] = file.execute("SELECT count(*) FROM spent")
    file.close()
    assert rows == 4
    assert left(spending, "old").session_calls == 10
    assert left(spending, "later").session_calls == 0


def test_the_file_knows_no_session_by_its_name(spending: Spending, tmp_path: Path) -> None:
    spending.reserve("session-of-mia", 1, 0.1)
    assert b"mia" not in (tmp_path / "state" / FILE).read_bytes()


def _spend_until_refused(spending: Spending, session: str) -> int:
    spent = 0
    while True:
        try:
            spending.reserve(session, 1, 0.001)
        except SpendingLimit:
            return spent
        spent += 1


def test_threads_together_spend_what_is_allowed(tmp_path: Path) -> None:
    spending = Spending(tmp_path, Limits(session_calls=100, day_calls=37))
    with ThreadPoolExecutor(4) as threads:
        spent = threads.map(lambda name: _spend_until_refused(spending, name), "abcd")
    assert sum(spent) == 37


CHILD = """
import sys
from pathlib import Path
from core.hosting.spending import Spending
from core.llms.base import SpendingLimit
from core.hosting.settings import Limits
spending, spent = Spending(Path(sys.argv[1]), Limits(session_calls=100, day_calls=37)), 0
print("ready", flush=True)
sys.stdin.readline()
try:
    while True:
        spending.reserve(sys.argv[2], 1, 0.001)
        spent += 1
except SpendingLimit:
    print(spent)
"""


def test_processes_together_spend_what_is_allowed(tmp_path: Path) -> None:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    spent = [int(child.communicate(timeout=60)[0]) for child in children]
    assert sum(spent) == 37


def test_what_a_process_that_died_had_taken_stays_counted(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; "
        "from core.hosting.spending import Spending, Limits; "
        "Spending(Path(sys.argv[1]), Limits()).reserve('a', 7, 0.02); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == 9
    assert left(Spending(tmp_path, Limits()), "a") == Left(57, 1993, 0.03, 0.98)


@pytest.fixture(params=["no folder", "no database"])
def broken(request: pytest.FixtureRequest, tmp_path: Path) -> Spending:
    """A spending whose file cannot be used."""
    if request.param == "no folder":
        (tmp_path / "state").write_text("a file")
    else:
        (tmp_path / "state").mkdir()
        (tmp_path / "state" / FILE).write_text("no database" * 1000)
    return Spending(tmp_path / "state", LIMITS)


def test_a_page_learns_at_its_start_that_nothing_can_be_counted(
    broken: Spending, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="Set PROMPT_OIRL_STATE to a folder") as caught:
        broken.check()
    assert str(tmp_path / "state" / FILE) in str(caught.value)


def test_without_counters_nothing_is_spent_and_visitors_learn_no_path(
    broken: Spending, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    with pytest.raises(SpendingLimit, match="cannot be counted at the moment") as caught:
        broken.reserve("a", 1, 0.0)
    assert str(tmp_path) not in str(caught.value)
    assert str(tmp_path) in caplog.text


def test_answers_are_not_lost_when_settling_fails(
    spending: Spending, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    taken = spending.reserve("a", 1, 0.1)
    (tmp_path / "state" / FILE).write_text("no database" * 1000)
    spending.settle(taken, 1, 0.01)
    assert "cannot be written" in caplog.text
