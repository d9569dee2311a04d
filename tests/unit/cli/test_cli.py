"""The command line as a person meets it."""

from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from core.cli import app, data, main
from core.logs import download
from core.logs.tokens import LLAMA2_FILE as TOKENIZER
from core.reward import storage

COMMANDS = (
    "fetch",
    "train",
    "evaluate",
    "ask",
    "collect",
    "precompute",
    "results",
    "answers",
    "graders",
    "train-embedded",
    "measure-embedded",
    "grade",
    "serve",
    "questions",
)


@pytest.fixture
def run() -> CliRunner:
    return CliRunner()


def _log(path: Path) -> Path:
    rows = [
        (f"Take {a} {'pens' * (a + 1)} from {a + b}.", prompt, prompt == "cot" or a > 15)
        for a in range(24)
        for b in range(3)
        for prompt in ("cot", "direct")
    ]
    pd.DataFrame(rows, columns=["query", "prompt", "correct"]).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(run: CliRunner, command: str) -> None:
    assert command in run.invoke(app, ["--help"]).output
    shown = run.invoke(app, [command, "--help"])
    assert shown.exit_code == 0
    assert "Usage" in shown.output


def test_training_twice_on_an_own_log_gives_the_same_file(run: CliRunner, tmp_path: Path) -> None:
    log = _log(tmp_path / "log.csv")
    for name in ("a.zip", "b.zip"):
        shown = run.invoke(app, ["train", str(tmp_path / name), "--log", str(log)])
        assert shown.exit_code == 0, shown.output
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    assert {prompt.id for prompt in storage.load(tmp_path / "a.zip").prompts} == {
        "cot",
        "direct",
    }


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("1 + 1?", "a", 1), ("1 + 1?", "b", 0), ("2 + 3?", "a", 1)], "at least 20 are needed"),
        (
            [(f"q{'x' * number}?", "a", number % 2) for number in range(30)],
            "The log has one prompt",
        ),
    ],
)
def test_what_the_page_cannot_learn_from_train_refuses_in_the_same_words(
    run: CliRunner, tmp_path: Path, rows: list[tuple[str, str, int]], said: str
) -> None:
    log = tmp_path / "log.csv"
    pd.DataFrame(rows, columns=["query", "prompt", "correct"]).to_csv(log, index=False)
    shown = run.invoke(app, ["train", str(tmp_path / "m.zip"), "--log", str(log)])
    assert said in str(shown.exception)
    assert not (tmp_path / "m.zip").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ask"], "Give either a question"),
        (["ask", "x", "--recorded", "3"], "Give either a question"),
        (["ask", "  "], "The question is empty"),
        (
            ["ask", "1+1", "--top-p", "none"],
            "top_p may be none only for a server, not for embedded",
        ),
        (["ask", "1+1", "--temperature", "3"], "temperature is 3.0; allowed: 0 to 2."),
        (["train", "m.zip", "--llm", "gpt-9"], "Unknown LLM 'gpt-9'. Known: llama2-7b-chat"),
        (["train", "m.zip", "--log", "nowhere.csv"], "There is no file nowhere.csv"),
        (["train", "no/such/folder/m.zip"], "There is no folder no/such/folder"),
        (["train", "m.zip", "--log", "2:x:6.csv"], "There is no file 2:x:6.csv"),
        (["evaluate", "--protocol", "dirty"], "Unknown protocol 'dirty'. Known: published, clean"),
    ],
)
def test_wrong_use_is_one_clear_line(
    arguments: list[str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["core", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    shown = " ".join(capsys.readouterr().err.split())
    assert stopped.value.code == 1
    assert said in shown
    assert "Traceback" not in shown


@pytest.mark.parametrize(
    ("missing", "status", "said"),
    [
        (TOKENIZER, 0, "Continuing without the LLaMA-2 tokenizer"),
        ("owner/repo/abc/log.txt", 1, "1 files are missing or damaged"),
    ],
)
def test_fetch_goes_on_without_the_tokenizer_alone(
    missing: str, status: int, said: str, monkeypatch: pytest.MonkeyPatch, run: CliRunner
) -> None:
    report = download.FetchReport(Path("cache"), 299, {missing: "no such host"})
    monkeypatch.setattr(download, "fetch", lambda on_file: report)
    shown = run.invoke(app, ["fetch"])
    assert (shown.exit_code, "299 files are here" in shown.output) == (status, True)
    assert said in " ".join((shown.output + str(shown.exception)).split())


@pytest.mark.parametrize(("typed", "fetched"), [("y\n", 1), ("n\n", 0)])
def test_recorded_answers_that_are_not_here_are_offered_with_their_size(
    typed: str, fetched: int, monkeypatch: pytest.MonkeyPatch, run: CliRunner, tmp_path: Path
) -> None:
    calls: list[str] = []
    monkeypatch.delenv(download.DATA_VARIABLE, raising=False)
    monkeypatch.setattr(download, "data_folder", lambda: tmp_path)
    monkeypatch.setattr(data, "_someone_is_there", lambda: True)
    monkeypatch.setattr(data, "fetch", lambda: calls.append("fetched"))
    shown = run.invoke(app, ["ask", "--recorded", "3"], input=typed)
    assert "Download about 90 MB?" in shown.output
    assert len(calls) == fetched


def test_missing_data_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PROMPT_OIRL_DATA", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["core", "answers"])
    with pytest.raises(SystemExit):
        main()
    assert "python -m core fetch" in " ".join(capsys.readouterr().err.split())
