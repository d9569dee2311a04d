"""Collecting a log: nothing paid is lost, nothing is asked twice, no limit is crossed."""

import _thread
import contextlib
import itertools
import json
import multiprocessing
import os
import random
import signal
import sqlite3
import sys
import tempfile
from collections import Counter
from contextlib import closing
from multiprocessing import forkserver
from pathlib import Path

import pandas as pd
import pytest
import typer
from collect_child import MANY, PRICED, SAMPLING, FakeLLM, collect_and_die, job, questions
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from core import llms
from core.cli import collect as command
from core.collect import (
    Job,
    Progress,
    StoppedError,
    collect,
    estimate,
    journal_path,
    read_prompts,
    read_queries,
)
from core.costs.prices import live_price
from core.errors import DataError, PromptOIRLError, UnknownNameError
from core.llms import Failure, LLMError, Sampling, Usage
from core.llms.base import UNKNOWN_USAGE
from core.logs import own as own_logs
from core.prompts import PROMPTS, message, own_prompt

CALLS = 8 * 3 * 2
LIMIT = Failure("rate limit", "Too many calls.")


@pytest.fixture(autouse=True)
def _fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for the disk: only a power cut tells the difference."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "log.csv"


def _units(out: Path, kind: str) -> list[int]:
    """The units of a journal's events of one kind."""
    with closing(sqlite3.connect(journal_path(out))) as journal:
        found = journal.execute("SELECT unit FROM events WHERE kind = ? ORDER BY rowid", (kind,))
        return [unit for (unit,) in found]


def _ledger(out: Path) -> pd.DataFrame:
    return pd.read_csv(out.with_name(f"{out.name}.ledger.csv"))


# A log, whole and readable


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_a_log_is_what_training_reads(tmp_path: Path, suffix: str) -> None:
    llm = FakeLLM()
    prompts = (*PROMPTS[:2], own_prompt('Be brief, "quick":'))
    out = tmp_path / f"log{suffix}"
    written = collect(Job(llm, questions(3), prompts, SAMPLING), out)
    table, found = own_logs.read(out)
    assert [prompt.text for prompt in found] == [prompt.text for prompt in prompts]
    assert table["query"].tolist() == [q for q in questions(3)["query"] for _ in prompts]
    assert table["correct"].tolist() == written["correct"].tolist()
    assert table["completion_tokens"].tolist() == [20] * 9
    assert table["answer"].tolist() == written["answer"].tolist()
    assert table["llm"].unique().tolist() == ["openai:fake"]


def test_answers_are_graded_against_gold(out: Path) -> None:
    right = len(message("How many? ", PROMPTS[0]))
    queries = pd.DataFrame({"query": ["How many? ", "How many? "], "gold": [right, "1,000"]})
    table = collect(Job(FakeLLM(), queries, PROMPTS[:1], SAMPLING), out)
    assert table["correct"].tolist() == [True, False]
    assert table["predicted_answer"].tolist() == [str(right)] * 2


def test_samples_have_a_query_id_each(out: Path) -> None:
    collect(job(FakeLLM()), out)
    table, _ = own_logs.read(out)
    assert len(table) == CALLS
    assert table["query_id"].tolist()[:2] == ["1#1", "1#2"]


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
@pytest.mark.parametrize("text", ['a\r\nb,"c"\n', "NA", "", "½ \u2028 …", "broken \ud800", "\x01"])
def test_any_text_survives_the_file(tmp_path: Path, suffix: str, text: str) -> None:
    class Speaker(FakeLLM):
        def complete(self, messages, control):
            return [llms.Completion(text, UNKNOWN_USAGE, self.model) for _ in messages]

    out = tmp_path / f"log{suffix}"
    collect(Job(Speaker(), questions(2), PROMPTS[:1], SAMPLING), out)
    table, _ = own_logs.read(out)
    assert table["answer"].tolist() == [text.replace("\ud800", "\ufffd")] * 2
    assert table["prompt_tokens"].isna().all()


def test_a_local_llm_gets_batches_and_a_served_one_single_messages(tmp_path: Path) -> None:
    local, served = FakeLLM(None), FakeLLM()
    collect(job(local), tmp_path / "local.csv", batch_size=10)
    collect(job(served), tmp_path / "served.csv")
    assert local.batches == [10, 10, 10, 10, 8]
    assert served.batches == [1] * CALLS


# Killed, stopped, failed: the next run goes on


@pytest.fixture(scope="module")
def forks() -> multiprocessing.context.BaseContext:
    """Processes that start in no time, from one that has the library loaded and no threads."""
    if sys.platform == "win32":
        pytest.skip("needs SIGKILL")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["collect_child"])
    with pytest.MonkeyPatch.context() as patch:
        # Python 3.11 preloads with the environment's path alone.
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
        forkserver.ensure_running()
    return context


@pytest.mark.parametrize("base_url", [None, PRICED], ids=["local", "served"])
def test_twenty_kills_change_nothing(
    tmp_path: Path, forks: multiprocessing.context.BaseContext, base_url: str | None
) -> None:
    whole, killed = tmp_path / "whole.csv", tmp_path / "killed.csv"
    collect(job(FakeLLM(base_url), MANY), whole)
    chance = random.Random(5)
    for number in range(20):
        arguments = (killed, base_url, chance.randint(0, 5), number % 2 == 1)
        child = forks.Process(target=collect_and_die, args=arguments)
        child.start()
        child.join(60)
        assert child.exitcode == -signal.SIGKILL
        assert not killed.exists()
    before = len(_units(killed, "done"))
    rest = FakeLLM(base_url)
    collect(job(rest, MANY), killed)
    assert killed.read_bytes() == whole.read_bytes()
    done = Counter(_units(killed, "done"))
    assert set(done.values()) == {1}
    assert 0 < before < len(done) == len(job(rest, MANY).units)
    assert len(_ledger(killed)) >= MANY * 3 * 2


def test_a_journal_that_was_killed_before_its_table_was_there_begins_anew(out: Path) -> None:
    journal_path(out).write_bytes(b"")
    again = FakeLLM()
    collect(job(again), out)
    assert len(again.asked) == CALLS


def test_a_journal_of_an_earlier_version_is_not_gone_on_with(out: Path) -> None:
    out.with_name("log.csv.journal.jsonl").write_text("{}\n")
    llm = FakeLLM()
    with pytest.raises(DataError, match=r"log\.csv\.journal\.jsonl is the journal of an earlier"):
        collect(job(llm), out)
    assert llm.asked == []


def test_a_finished_log_is_not_asked_again(out: Path) -> None:
    first = collect(job(FakeLLM()), out)
    again = FakeLLM()
    pd.testing.assert_frame_equal(collect(job(again), out), first)
    assert again.asked == []
    assert len(_ledger(out)) == CALLS


def test_the_same_question_twice_goes_on_as_if_never_stopped(tmp_path: Path) -> None:
    queries = pd.concat([questions(2)] * 2, ignore_index=True)
    sampling = Sampling(seed=7)

    def make(llm: FakeLLM) -> Job:
        return Job(llm, queries, PROMPTS[:2], sampling)

    def interrupt(number: int) -> None:
        if number == 4:
            raise KeyboardInterrupt

    whole = collect(make(FakeLLM(None)), tmp_path / "whole.csv")
    out, stopped = tmp_path / "log.csv", FakeLLM(None, before=interrupt)
    with pytest.raises(StoppedError):
        collect(make(stopped), out, batch_size=2)
    assert len(stopped.asked) == 4
    pd.testing.assert_frame_equal(collect(make(FakeLLM(None)), out), whole)
    assert whole["answer"][0] != whole["answer"][4]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"sampling": Sampling(0.1, max_tokens=50)}, "temperature 0.6, now 0.1"),
        ({"samples": 3}, "samples 2, now 3"),
        ({"prompts": PROMPTS[:4]}, "other prompts"),
        ({"queries": questions(9)}, "other queries"),
        ({"llm": FakeLLM("http://localhost/v1")}, f"server {PRICED}, now http://localhost/v1"),
    ],
)
def test_other_settings_do_not_go_on(out: Path, change: dict, said: str) -> None:
    begun = job(FakeLLM())
    collect(begun, out)
    before = journal_path(out).read_bytes()
    values = {name: getattr(begun, name) for name in ("llm", "queries", "prompts", "sampling")}
    other = Job(**values | {"samples": 2} | change)
    with pytest.raises(DataError, match=f"begun with other settings: {said}"):
        collect(other, out)
    assert journal_path(out).read_bytes() == before


def test_a_damaged_journal_is_named_with_its_row(out: Path) -> None:
    collect(job(FakeLLM()), out)
    with closing(sqlite3.connect(journal_path(out))) as journal, journal:
        journal.execute("UPDATE events SET content = 'nonsense' WHERE rowid = 4")
    with pytest.raises(DataError, match="damaged in row 4"):
        collect(job(FakeLLM()), out)


def test_a_file_that_is_no_journal_is_refused(out: Path) -> None:
    journal_path(out).write_text("precious " * 100)
    with pytest.raises(DataError, match=r"journal\.sqlite3 is damaged"):
        collect(job(FakeLLM()), out)
    assert journal_path(out).read_text() == "precious " * 100


def test_a_second_run_at_the_same_time_is_refused(out: Path) -> None:
    def start_another(number: int) -> None:
        if number == 0:
            with pytest.raises(DataError, match="Another run is writing"):
                collect(job(FakeLLM()), out)

    collect(job(FakeLLM(before=start_another)), out, concurrency=1)
    assert len(_ledger(out)) == CALLS


def test_a_file_without_a_journal_is_not_overwritten(out: Path) -> None:
    out.write_text("precious")
    with pytest.raises(DataError, match="is there already"):
        collect(job(FakeLLM()), out)
    assert out.read_text() == "precious"


@pytest.mark.parametrize("base_url", [None, PRICED], ids=["local", "served"])
def test_failures_have_no_rows_and_are_tried_again(tmp_path: Path, base_url: str | None) -> None:
    whole = collect(job(FakeLLM(base_url)), tmp_path / "whole.csv")
    out = tmp_path / "log.csv"
    failing = message(questions(8)["query"][2], PROMPTS[1])
    reports: list[Progress] = []
    first = FakeLLM(base_url, failures={failing: [LIMIT]})
    table = collect(job(first), out, concurrency=1, on_progress=reports.append)
    (failed,) = reports[-1].failed
    assert (failed.kind, failed.calls, failed.message) == ("rate limit", 1, "Too many calls.")
    # Drawn samples are taken together; paid ones are kept.
    missing = 2 if base_url is None else 1
    assert reports[-1].done == len(table) == CALLS - missing
    again = FakeLLM(base_url)
    pd.testing.assert_frame_equal(collect(job(again), out), whole)
    assert again.asked == [failing] * missing
    assert (_ledger(out)["outcome"] == "rate limit").sum() == 1


@pytest.mark.parametrize("kind", ["bad key", "no credit", "retired model", "not found"])
def test_a_failure_of_all_calls_stops_at_once(out: Path, kind: str) -> None:
    failing = message(questions(8)["query"][1], PROMPTS[0])
    llm = FakeLLM(failures={failing: [Failure(kind, "It is over.")]})
    with pytest.raises(LLMError, match=r"It is over\. 6 of 48 calls are answered") as error:
        collect(job(llm), out, concurrency=1)
    assert error.value.kind == kind
    assert len(llm.asked) == 7
    assert not out.exists()
    assert len(_ledger(out)) == 7
    collect(job(FakeLLM()), out)
    assert len(_units(out, "done")) == CALLS


def test_no_answer_at_all_is_an_error(out: Path) -> None:
    llm = FakeLLM(failures={message("Why? ", PROMPTS[0]): [LIMIT]})
    queries = pd.DataFrame({"query": ["Why? "], "gold": [1]})
    with pytest.raises(LLMError, match="Too many calls"):
        collect(Job(llm, queries, PROMPTS[:1], SAMPLING), out)
    assert not out.exists()


def test_an_llm_that_cannot_answer_at_all_stops_the_run(out: Path) -> None:
    def give_up(number: int) -> None:
        if number == 5:
            raise LLMError(Failure("out of memory", "The GPU is gone."))

    with pytest.raises(LLMError, match="The GPU is gone"):
        collect(job(FakeLLM(before=give_up)), out, concurrency=1)
    again = FakeLLM()
    collect(job(again), out)
    assert len(again.asked) == CALLS - 5


def test_interrupting_keeps_what_was_answered(out: Path) -> None:
    # Two threads may see the same number of answers, so that one of them never occurs.
    calls = itertools.count()

    def interrupt(number: int) -> None:
        if next(calls) == 9:
            _thread.interrupt_main()

    llm = FakeLLM(before=interrupt)
    # A shell's background jobs begin with interrupts ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(StoppedError, match="the same command goes on from there") as stopped:
            collect(job(llm), out, concurrency=2)
    finally:
        signal.signal(signal.SIGINT, before)
    assert stopped.value.reason == "cancelled"
    again = FakeLLM()
    collect(job(again), out)
    assert len(llm.asked) + len(again.asked) == CALLS


def test_a_full_disk_stops_the_run_with_a_whole_journal(out: Path) -> None:
    resource = pytest.importorskip("resource", reason="only Unix limits the size of files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, before[1]))
    try:
        with pytest.raises(DataError, match="cannot be written"):
            collect(job(FakeLLM()), out, concurrency=1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    collect(job(FakeLLM()), out)
    assert len(_units(out, "done")) == CALLS


# Money


@settings(max_examples=30)
@given(
    st.lists(st.integers(0, 50), min_size=1, max_size=12),
    st.floats(1e-5, 1e-3),
    st.integers(1, 5),
    st.booleans(),
)
def test_no_limit_is_crossed_and_a_higher_one_goes_on(
    lengths: list[int], limit: float, concurrency: int, counted: bool
) -> None:
    def usage(text: str) -> Usage:
        tokens = lengths[len(text) % len(lengths)]
        return Usage(len(text) // 4, tokens) if counted else UNKNOWN_USAGE

    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "log.csv"
        dollars: list[float] = []
        asked = 0
        for factor in (1, 1, 2, 1000):
            llm = FakeLLM(usage=usage)
            with contextlib.suppress(StoppedError):
                collect(
                    job(llm, queries=4),
                    out,
                    limit_dollars=limit * factor,
                    concurrency=concurrency,
                    on_progress=lambda now: dollars.append(now.dollars),
                )
            asked += len(llm.asked)
            assert max(dollars) <= limit * factor + 1e-12
            if counted:
                assert dollars[-1] == pytest.approx(_ledger_dollars(out))
        assert out.exists()
        assert asked == 4 * 3 * 2


def _ledger_dollars(out: Path) -> float:
    path = out.with_name(f"{out.name}.ledger.csv")
    return pd.read_csv(path)["dollars"].sum()


def test_a_limit_says_what_is_spent_and_left(out: Path) -> None:
    price = live_price(FakeLLM().model, pd.Timestamp.now("UTC").to_pydatetime(), base_url=PRICED)
    most = price.dollars(200, 50)
    llm = FakeLLM()
    with pytest.raises(StoppedError) as stopped:
        collect(job(llm), out, limit_dollars=2 * most)
    said = str(stopped.value)
    assert f"{CALLS - len(llm.asked)} of {CALLS} calls are left" in said
    assert "with a higher limit goes on" in said
    assert f"${_ledger_dollars(out):.6f} is spent" in said


def test_calls_that_a_kill_cut_off_count_against_the_limit(out: Path) -> None:
    llm = FakeLLM()
    collect(job(llm), out)
    # Killed after the first call had started, five times.
    with closing(sqlite3.connect(journal_path(out))) as journal, journal:
        start = "SELECT kind, unit, content FROM events WHERE kind = 'start' LIMIT 1"
        [(*_, content)] = journal.execute(start)
        [*first] = journal.execute(start)
        journal.execute("DELETE FROM events WHERE kind != 'job'")
        journal.executemany("INSERT INTO events VALUES (?, ?, ?)", first * 5)
    out.unlink()
    most = json.loads(content)["dollars"]
    again = FakeLLM()
    with pytest.raises(StoppedError):
        collect(job(again), out, limit_dollars=5.5 * most)
    assert again.asked == []


def test_a_charged_failure_is_not_tried_again_beyond_the_limit(out: Path) -> None:
    class Charging(FakeLLM):
        """Fails, is paid for it, and tries again for as long as it may."""

        def _answer(self, place, text, control):
            while not control.cancelled():
                self.asked.append(text)
                attempt = llms.Attempt(
                    place, pd.Timestamp.now("UTC"), self.model, "malformed", Usage(20, 50), 0.1
                )
                control.on_attempt(attempt)
            return Failure("cancelled", "Stopped.")

    reports: list[Progress] = []
    llm = Charging()
    with pytest.raises(StoppedError) as stopped:
        collect(job(llm), out, limit_dollars=0.001, on_progress=reports.append)
    assert stopped.value.reason == "limit"
    assert reports[-1].dollars <= 0.001
    assert len(llm.asked) > 1


@pytest.mark.parametrize(
    ("base_url", "limit", "said"),
    [
        ("http://localhost:1/v1", 1.0, "nobody lists a price for openai:fake at http://localhost"),
        (PRICED, 0.0, "must be more than 0"),
        (PRICED, float("nan"), "must be more than 0"),
    ],
)
def test_a_limit_that_cannot_be_kept_is_refused(
    out: Path, base_url: str, limit: float, said: str
) -> None:
    llm = FakeLLM(base_url)
    with pytest.raises(DataError, match=said):
        collect(job(llm), out, limit_dollars=limit)
    assert llm.asked == []


def test_the_estimate_covers_what_is_left(out: Path) -> None:
    llm = FakeLLM()
    before = estimate(job(llm), out)
    assert (before.calls, before.answered, before.may_cost) == (CALLS, 0, True)
    assert 0 < before.dollars <= before.dollars_limit
    collect(job(llm), out)
    assert _ledger_dollars(out) <= before.dollars_limit
    after = estimate(job(llm), out)
    assert (after.calls, after.answered, after.dollars, after.may_cost) == (0, CALLS, 0, False)


def test_a_seed_does_not_pay_for_the_same_answer_twice() -> None:
    with pytest.raises(DataError, match="paid for the same answer 2 times"):
        Job(FakeLLM(), questions(1), PROMPTS, Sampling(seed=1), samples=2)


# What is asked


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ({"question": ["a"]}, "lacks the column 'query'; found: question"),
        ({"query": ["a"]}, "lacks the column 'gold'.* a log has nothing to learn from"),
        ({"query": [], "gold": []}, "has no rows"),
        ({"query": ["a", " "], "gold": [1, 2]}, "Row 2: query is ' '"),
        ({"query": ["a", "b"], "gold": ["1", ""]}, "Row 2: The correct answer '' is not one"),
        ({"query": ["a", "b"], "gold": ["1", "two"]}, "Row 2: The correct answer 'two'"),
        (
            {"query": ["a", "b", "c"], "gold": [1, 2, 3], "query_id": [7, 8, 7]},
            "Row 3 has the query_id '7' of row 1",
        ),
    ],
)
def test_unsound_queries_are_named_with_their_row(tmp_path: Path, rows: dict, said: str) -> None:
    path = tmp_path / "queries.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    with pytest.raises(DataError, match=said):
        read_queries(path)


def test_queries_keep_their_names(tmp_path: Path, out: Path) -> None:
    rows = [
        {"query": "How many? ", "gold": 3, "dataset": "mine", "query_id": 12, "split": "test"},
        {"query": "How much? ", "gold": "1/2", "dataset": "mine", "query_id": 13, "split": "test"},
    ]
    path = tmp_path / "queries.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    table = collect(Job(FakeLLM(), read_queries(path), PROMPTS[:1], SAMPLING), out)
    names = table[["dataset", "split", "query_id", "gold"]].to_numpy().tolist()
    assert names == [["mine", "test", "12", "3"], ["mine", "test", "13", "1/2"]]


def test_prompts_are_named_in_three_ways(tmp_path: Path) -> None:
    assert read_prompts("all") == PROMPTS
    assert [prompt.id for prompt in read_prompts("cot, direct")] == ["cot", "direct"]
    path = tmp_path / "prompts.txt"
    path.write_text(f"Be brief:\n\n{PROMPTS[1].text}\n", "utf-8-sig")
    assert [prompt.id for prompt in read_prompts(str(path))] == ["own: Be brief:", "cot"]


@pytest.mark.parametrize(
    ("text", "error", "said"),
    [
        ("cot,cott", UnknownNameError, "Unknown prompt 'cott'. Known: direct, cot, ape"),
        ("cot,cot", DataError, "given twice"),
        ("nowhere.txt", DataError, "There is no file nowhere.txt"),
    ],
)
def test_unknown_prompts_are_refused(text: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        read_prompts(text)


# The command


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.chdir(tmp_path)
    questions(2).to_csv("queries.csv", index=False)
    served, local = FakeLLM(), FakeLLM(None)
    found = {"served": served, "local": local, "unpriced": FakeLLM("http://localhost:1/v1")}
    monkeypatch.setattr(llms, "get", lambda name, sampling, **settings: found[name])
    app = typer.Typer()
    app.command()(command.collect)
    return app


def _invoke(app: typer.Typer, llm: str, *more: str, said: str | None = None) -> tuple[int, str]:
    """Exit status and all that was said; ``said`` is typed."""
    arguments = ["--llm", llm, "--queries", "queries.csv", "--out", "log.csv", *more]
    shown = CliRunner().invoke(app, arguments, input=said)
    if isinstance(shown.exception, PromptOIRLError):
        return 1, str(shown.exception)
    return shown.exit_code, " ".join(shown.output.split())


def test_a_free_local_llm_is_not_asked_about(app: typer.Typer) -> None:
    status, said = _invoke(app, "local", "--prompts", "cot,direct")
    assert status == 0
    assert "4 calls" in said
    assert "no price is known" in said
    assert "log.csv: 4 of 4 calls answered" in said
    assert len(own_logs.read(Path("log.csv"))[0]) == 4


@pytest.mark.parametrize("llm", ["served", "unpriced"])
def test_spending_needs_a_yes_where_nobody_can_be_asked(app: typer.Typer, llm: str) -> None:
    status, said = _invoke(app, llm)
    assert (status, "add --yes" in said) == (1, True)
    assert not Path("log.csv.journal.sqlite3").exists()
    status, said = _invoke(app, llm, "--yes")
    assert (status, "32 of 32 calls answered" in said) == (0, True)
    assert _invoke(app, llm)[0] == 0, "nothing is left to spend"


@pytest.mark.parametrize(("typed", "status"), [("y\n", 0), ("n\n", 1)])
def test_a_person_is_asked(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch, typed: str, status: int
) -> None:
    monkeypatch.setattr(command, "_someone_is_there", lambda: True)
    found, said = _invoke(app, "served", said=typed)
    assert found == status
    assert "32 calls" in said
    assert "about $0.0" in said
    assert Path("log.csv").exists() == (status == 0)


def test_a_limit_ends_the_command_with_how_to_go_on(app: typer.Typer) -> None:
    status, said = _invoke(app, "served", "--yes", "--limit-dollars", "0.0015")
    assert status == 1
    assert "Stopped within the limit of $0.0015" in said
    assert "with a higher limit goes on" in said
    assert _invoke(app, "served", "--yes", "--limit-dollars", "1")[0] == 0


def test_answers_that_were_cut_are_counted_with_what_to_do(
    app: typer.Typer, monkeypatch: pytest.MonkeyPatch
) -> None:
    cut = FakeLLM(None, finish="length")
    monkeypatch.setattr(llms, "get", lambda name, sampling, **settings: cut)
    status, said = _invoke(app, "local", "--prompts", "cot,direct", "--max-tokens", "64")
    assert status == 0
    assert "4 answers were cut at 64 tokens" in said
    assert "--max-tokens allows more" in said


def test_failures_are_reported(app: typer.Typer) -> None:
    failing = message("How many is 0 + 1? ", PROMPTS[0])
    llms.get("served", SAMPLING)._failures[failing] = [LIMIT]
    status, said = _invoke(app, "served", "--yes")
    assert status == 0
    assert "rate limit: 1 failed, such as: Too many calls." in said
    assert "tries them again" in said
