"""Logs as people have them: tables however they are written, and what evaluation tools give."""

import csv
import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from eval_file import write_eval
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from own_log import own_log
from pyarrow import parquet
from typer.testing import CliRunner

from core.asking.own_log import learn
from core.cli import app
from core.errors import DataError, UnknownNameError
from core.grading.choices import read_choice
from core.logs.own import Reading, inspect, read, read_answers
from core.logs.read import FileLimits, read_rows
from core.prompts import message, own_prompt
from core.reward import storage
from demo.own_logs.result_view import results_html

QUERIES = ("Wieviel macht 3 × 7?", "Wie groß ist 46 − 18?", "Was gibt 36 / 4?")
GOLD = ("21", "28", "9")
ROWS = pd.DataFrame(
    [
        {"query": query, "prompt": prompt, "correct": prompt == "Kurz:", "answer": f"Es sind {n}."}
        for query, n in zip(QUERIES, GOLD, strict=True)
        for prompt in ("Kurz:", "Schritt für Schritt:")
    ]
)
TEXT = ROWS.to_csv(index=False)
WRITTEN: dict[str, Callable[[Path], object]] = {
    "semicolons.csv": lambda path: ROWS.to_csv(path, sep=";", index=False),
    "tabs.tsv": lambda path: ROWS.to_csv(path, sep="\t", index=False),
    "bars.txt": lambda path: ROWS.to_csv(path, sep="|", index=False),
    "mark.csv": lambda path: ROWS.to_csv(path, index=False, encoding="utf-8-sig"),
    "utf16.csv": lambda path: ROWS.to_csv(path, index=False, encoding="utf-16"),
    "windows.csv": lambda path: path.write_text(TEXT.replace("−", "-"), "cp1252"),
    "packed.csv.gz": lambda path: path.write_bytes(gzip.compress(TEXT.encode())),
    "sheet.xlsx": lambda path: ROWS.to_excel(path, index=False),
    "array.json": lambda path: ROWS.to_json(path, orient="records", indent=2),
    "lines.ndjson": lambda path: ROWS.to_json(path, orient="records", lines=True),
    "arrow.feather": lambda path: ROWS.to_feather(path),
    "no-suffix": lambda path: ROWS.to_parquet(path),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_table_is_read_however_it_is_written(tmp_path: Path, name: str) -> None:
    WRITTEN[name](tmp_path / name)
    table, prompts = read(tmp_path / name)
    assert table["correct"].tolist() == [True, False] * 3
    assert [prompt.text for prompt in prompts] == ["Kurz:", "Schritt für Schritt:"]
    assert table["query"].tolist()[0] == QUERIES[0]
    assert table["query_id"].tolist() == [0, 0, 1, 1, 2, 2]


def test_usual_other_names_are_recognised_and_said(tmp_path: Path) -> None:
    names = {"query": "Question", "prompt": "prompt-template", "correct": "is_correct"}
    path = tmp_path / "log.csv"
    ROWS.rename(columns=names | {"answer": "response"}).assign(x=1).to_csv(path, index=False)
    found = inspect(path)
    assert dict(found.renamed) == {
        "Question": "query",
        "prompt-template": "prompt",
        "is_correct": "correct",
        "response": "answer",
    }
    assert len(found.table) == 6


def test_a_column_of_another_name_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    ROWS.rename(columns={"query": "Frage"}).to_csv(path, index=False)
    with pytest.raises(DataError, match=r"lacks the column 'query'.*found: Frage, .*--column"):
        read(path)
    table, _ = read(path, reading=Reading({"query": "Frage"}))
    assert table["query"].nunique() == 3
    with pytest.raises(DataError, match=r"has no column 'Fragen'; found: Frage"):
        read(path, reading=Reading({"query": "Fragen"}))
    with pytest.raises(UnknownNameError, match="question"):
        read(path, reading=Reading({"question": "Frage"}))


def test_a_score_becomes_right_or_wrong_from_where_somebody_says(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    ROWS.assign(correct=[0.9, 0.2, 0.5, 0.4, 1, 0]).to_csv(path, index=False)
    with pytest.raises(DataError, match=r"scores such as 0\.9.*--correct-from 0\.5"):
        read(path)
    table, _ = read(path, reading=Reading(correct_from=0.5))
    assert table["correct"].tolist() == [True, False, True, False, True, False]


@pytest.mark.parametrize(
    ("gold", "answer", "right"),
    [
        ("21", "3 x 7 = 21. The answer is 21.", True),
        ("21", "The answer is 20.", False),
        ("1,200", "$1200", True),
        ("B", "(b)", True),
        ("B", "Answer: B.", True),
        ("B", "C", False),
        ("Paris", "  paris.", True),
        ("yes", "True", False),
        ("true", "1", True),
        ("21", "I cannot tell.", False),
    ],
)
def test_answers_are_graded_where_the_file_has_gold_alone(
    tmp_path: Path, gold: str, answer: str, right: bool
) -> None:
    path = tmp_path / "log.csv"
    rows = ROWS.drop(columns="correct").assign(target=gold, answer=answer)
    rows.to_csv(path, index=False)
    found = inspect(path)
    assert set(found.table["correct"]) == {right}
    assert "compared with gold" in found.graded
    assert ("6 could not be read" in found.graded) == (answer == "I cannot tell.")


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("B", "B"),
        ("(b)", "B"),
        ("Answer: C.", "C"),
        ("A train is faster. The answer is (D).", "D"),
        ("The answer is A because B is wrong. I choose option C", "C"),
        (r"So it is \boxed{B}.", "B"),
        ("A. apples", "A"),
        ("<think>It may be (A).</think>The correct answer is: E", "E"),
        ("It is a long story.", None),
        ("The answer is a number, as it seems.", None),
        ("Answer: I think so.", None),
        ("The answer is A because it is larger.", "A"),
        ("I don't know.", None),
        ("42", None),
    ],
)
def test_a_choice_is_read_from_an_answer(text: str, choice: str | None) -> None:
    assert read_choice(text) == choice


def _choices(spelt: tuple[str, ...]) -> pd.DataFrame:
    """A log of choices in which right answers are spelt in several ways."""
    log = own_log(120).drop(columns="answer")
    letters = ["ABCD"[number % 4] for number in range(len(log))]
    gold = ["ABCD"[number // 4 % 4] for number in range(len(log))]
    said = np.where(log["correct"], gold, letters)
    right = said == np.array(gold)
    answers = [spelt[place % len(spelt)].format(letter) for place, letter in enumerate(said)]
    return log.assign(correct=right, gold=gold, answer=answers)


def test_choices_are_voted_on_however_they_are_spelt(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    rows = _choices(("{}", "({})", "The answer is {}.", "Answer: {}"))
    rows.drop(columns="correct").to_csv(path, index=False)
    found = inspect(path)
    assert "as choices" in found.graded
    assert found.table["correct"].tolist() == rows["correct"].tolist()
    learned = learn(found.table, found.prompts, path.name)
    assert learned.unvoted == ""
    every = learned.frontier[learned.frontier["policy"] == "majority-vote"]
    assert every["calls"].max() == len(found.prompts)


def test_no_number_is_read_where_a_choice_was_asked_for(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {
            "query": [f"Which one is it, and why, number {n % 40}?" for n in range(160)],
            "prompt": [f"Way {n // 40}:" for n in range(160)],
            "gold": "B",
            # A few ramble about numbers; too few to learn anything from such texts.
            "answer": ["It is (B)." if n % 3 else "(A)" for n in range(157)] + ["Of 753, 2."] * 3,
        }
    )
    rows["query"] += [f" {'abcdefgh'[n % 8]}{'klmnopqr'[n % 40 // 8]}" for n in range(160)]
    path = tmp_path / "choices.csv"
    rows.to_csv(path, index=False)
    table, prompts = read(path)
    answered = read_answers(table)
    assert answered is not None
    assert answered["predicted_answer"].iloc[-3:].tolist() == [None] * 3
    assert not learn(table, prompts, "choices.csv").frontier.empty


def test_no_vote_is_taken_where_right_answers_read_unequal(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    # The numbers in these texts are of something else than the answer.
    texts = [f"It is so, as of {1900 + place}." for place in range(480)]
    own_log(120).assign(answer=texts).to_csv(path, index=False)
    found = inspect(path)
    learned = learn(found.table, found.prompts, path.name)
    assert "majority-vote" not in set(learned.frontier["policy"])
    assert "only 0 % read equal" in learned.unvoted
    assert "only 0 % read equal" in results_html(learned)


def test_one_odd_gold_does_not_change_how_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    golds = ["21", "21", "28", "28", "3 or 4", "9"]
    answers = [f"Step 1: it is easy, so the total comes to {gold}." for gold in golds]
    rows = ROWS.drop(columns="correct").assign(gold=golds, answer=answers)
    rows.to_csv(path, index=False)
    found = inspect(path)
    assert [problem.row for problem in found.problems.first] == [5]
    assert "gold is '3 or 4'; it must be one of the numbers" in str(found.problems)
    # Where the file says what is right, gold is not needed.
    rows.assign(correct=True).to_csv(path, index=False)
    assert inspect(path).table["correct"].all()
    rows.assign(gold=["21", "21", "28", "28", "5", "9"]).to_csv(path, index=False)
    assert inspect(path).table["correct"].tolist() == [True, True, True, True, False, True]


def test_several_files_make_one_log_of_a_prompt_each(tmp_path: Path) -> None:
    for name, rows in ROWS.drop(columns="prompt").groupby(ROWS["prompt"]):
        rows.to_csv(tmp_path / f"{str(name)[0]}.csv", index=False)
    files = sorted(tmp_path.iterdir())
    table, prompts = read(*files)
    assert [prompt.text for prompt in prompts] == ["K", "S"]
    assert table.groupby("query_id").size().tolist() == [2, 2, 2]
    with pytest.raises(DataError, match=r"as one log.*repeats row 1 on the same query"):
        read(files[0], files[0])
    with pytest.raises(DataError, match=r"lacks the column 'prompt'"):
        read(files[0])


def test_the_whole_text_that_was_sent_is_taken_apart(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    sent = [f"Sei kurz. {query} Danke." for query in ROWS["query"]]
    rows = ROWS.assign(prompt=sent).drop_duplicates("query")
    rows.to_csv(path, index=False)
    _, (prompt,) = read(path)
    assert prompt.text == "Sei kurz. {{query}} Danke."
    assert message("Wie viele?", prompt) == "Sei kurz. Wie viele? Danke."


ASKED = [f"How many cards are {n} and {n * n} cards?" for n in range(3, 12)]


@pytest.mark.parametrize(
    ("before", "after"),
    [("You are terse.\nQuestion: ", "\nAnswer:"), ("", " Let's think step by step."), ("Q: ", "")],
)
def test_whole_texts_without_their_questions_are_taken_apart(
    tmp_path: Path, before: str, after: str
) -> None:
    path = tmp_path / "log.csv"
    sent = [f"{before}{query}{after}" for query in ASKED]
    pd.DataFrame({"prompt": sent, "correct": 1}).to_csv(path, index=False)
    table, (prompt,) = read(path)
    assert table["query"].tolist() == ASKED
    assert [message(query, prompt) for query in ASKED] == sent


def test_texts_that_share_no_sentence_are_refused_or_are_the_questions(tmp_path: Path) -> None:
    paths = [tmp_path / "a.csv", tmp_path / "b.csv"]
    for path in paths:
        pd.DataFrame({"prompt": ASKED, "correct": 1}).to_csv(path, index=False)
    with pytest.raises(DataError, match=r"a\.csv lacks the column 'query'"):
        read(paths[0])
    table, prompts = read(*paths)
    assert [prompt.text for prompt in prompts] == ["a", "b"]
    assert set(table["query"]) == set(ASKED)
    few = pd.DataFrame({"prompt": [f"Way {n}:" for n in range(6)] * 9, "correct": 1})
    few.to_csv(paths[0], index=False)
    with pytest.raises(DataError, match=r"a\.csv lacks the column 'query'"):
        read(*paths)


def _details(task: str, template: str) -> list[dict[str, object]]:
    """Samples as lighteval 0.13 keeps them."""
    return [
        {
            "doc": {
                "query": template.replace("{{query}}", query),
                "choices": [str(number), "none"],
                "gold_index": 0,
                "original_query": None,
                "id": str(number),
                "task_name": task,
            },
            "model_response": {
                "input_tokens": list(range(20 + number)),
                "text": [f"The answer is {number}."],
                "output_tokens": [[1, 2, 3]],
                "logits": None,
            },
            "metric": {"length": 12.5, "extractive_match": float(number % 2)},
        }
        for number, query in enumerate(ASKED)
    ]


def _lighteval(folder: Path, task: str, template: str, **changed: object) -> Path:
    """A file of a task's samples."""
    records = _details(task, template)
    path = folder / f"details_{task}_2026-11-26T17-00-00.parquet"
    pd.DataFrame(records).assign(**changed).to_parquet(path)
    return path


def test_details_of_lighteval_are_a_log(tmp_path: Path) -> None:
    table, prompts = read(
        _lighteval(tmp_path, "brief|0", "Briefly.\n{{query}}\nAnswer:"),
        _lighteval(tmp_path, "steps|0", "{{query}} Step by step."),
    )
    texts = ["Briefly.\n{{query}}\nAnswer:", "{{query}} Step by step."]
    assert [prompt.text for prompt in prompts] == texts
    assert table["query"].tolist() == ASKED * 2
    assert table["correct"].tolist() == [number % 2 == 1 for number in range(len(ASKED))] * 2
    first = table.iloc[1]
    columns = ["answer", "gold", "prompt_tokens", "completion_tokens", "query_id"]
    assert first[columns].tolist() == ["The answer is 1.", "1", 21, 3, "1"]


def test_details_of_another_shape_are_labels_or_refused_in_a_sentence(tmp_path: Path) -> None:
    labels, _ = read(_lighteval(tmp_path, "flat", "{{query}} Now.", model_response="text"))
    assert labels["answer"].isna().all()
    assert labels["correct"].sum() == 4
    broken = _lighteval(tmp_path, "broken", "{{query}} Now.", metric=None)
    with pytest.raises(DataError, match="correct"):
        read(broken)
    many = _lighteval(tmp_path, "many", "{{query}} Now.")
    with pytest.raises(DataError, match=r"details_many.* has 9 rows; at most 3 are allowed"):
        read_rows(many, FileLimits(rows=3))


@pytest.mark.parametrize("slot", ["{{question}}", "{{ input }}", "{query}", "{{query}}"])
def test_a_template_has_the_query_in_its_place(slot: str) -> None:
    prompt = own_prompt(f"You are terse. {slot}\nAnswer:")
    assert message("How many?", prompt) == "You are terse. How many?\nAnswer:"
    assert message("How many?", own_prompt("Be brief:")) == "How many?Be brief:"


def _sample(number: int, template: str, said: str, right: float, chosen: str) -> dict[str, object]:
    """A line as lm-evaluation-harness 0.4 writes it."""
    question = QUERIES[number]
    sent = template.replace("{{question}}", question)
    return {
        "doc_id": number,
        "doc": {"question": question, "gold": GOLD[number]},
        "target": GOLD[number],
        "arguments": {"gen_args_0": {"arg_0": sent, "arg_1": {"until": ["\n"]}}},
        "resps": [[said]],
        "filtered_resps": [said.split()[-1]],
        "filter": chosen,
        "metrics": ["exact_match"],
        "doc_hash": f"{number}",
        "exact_match": right,
    }


def _lm_eval(folder: Path) -> list[Path]:
    paths = []
    for task, template in (("brief", "Kurz. {{question}}"), ("steps", "{{question}} Schritte:")):
        lines = [
            _sample(number, template, f"Es sind {GOLD[number]}", float(task == "steps"), chosen)
            for number in range(3)
            for chosen in ("strict-match", "flexible-extract")
        ]
        path = folder / f"samples_{task}_2026-11-25T22-53-55.413955.jsonl"
        path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
        paths.append(path)
    return paths


def test_samples_of_lm_evaluation_harness_are_a_log(tmp_path: Path) -> None:
    table, prompts = read(*_lm_eval(tmp_path))
    assert [prompt.text for prompt in prompts] == ["Kurz. {{query}}", "{{query}} Schritte:"]
    # The second filter tells the same answers again.
    assert len(table) == 6
    assert table.groupby("prompt_id", observed=True)["correct"].mean().tolist() == [0, 1]
    assert set(table["query"]) == set(QUERIES)
    assert table["gold"].tolist() == [*GOLD, *GOLD]
    assert table["predicted_answer"].tolist() == [*GOLD, *GOLD]


def test_samples_of_an_api_for_chats_are_a_log_of_published_prompts(tmp_path: Path) -> None:
    path = tmp_path / "samples_steps_2026-11-25T22-53-55.413955.jsonl"
    lines = []
    for number, question in enumerate(QUERIES):
        sample = _sample(number, "", GOLD[number], 1.0, "none")
        chat = [{"role": "user", "content": f"{question}Let's think step by step:"}]
        sample["arguments"] = {"gen_args_0": {"arg_0": [json.dumps(chat)]}}
        lines.append(json.dumps(sample))
    path.write_text("\n".join(lines))
    table, prompts = read(path)
    assert [prompt.id for prompt in prompts] == ["cot"]
    assert table["query"].tolist() == list(QUERIES)


def _evals(system: str, right: bool) -> str:
    """A file of events as OpenAI's evals record them."""
    events: list[dict[str, object]] = [{"spec": {"completion_fns": ["gpt-x"], "eval_name": "e"}}]
    for number, question in enumerate(QUERIES):
        chat = [{"role": "system", "content": system}, {"role": "user", "content": question}]
        about = {"run_id": "r", "sample_id": f"e.test.{number}"}
        said = GOLD[number] if right else "?"
        events += [
            about | {"type": "sampling", "data": {"prompt": chat, "sampled": [said]}},
            about | {"type": "match", "data": {"correct": right, "expected": GOLD[number]}},
        ]
    return "\n".join(map(json.dumps, [*events, {"final_report": {"accuracy": 1.0}}]))


def test_events_of_openais_evals_are_a_log(tmp_path: Path) -> None:
    paths = []
    for name, right in (("Be brief.", True), ("Think.", False)):
        paths.append(tmp_path / f"{right}.jsonl")
        paths[-1].write_text(_evals(name, right))
    table, prompts = read(*paths)
    assert [prompt.text for prompt in prompts] == ["Be brief.\n\n{{query}}", "Think.\n\n{{query}}"]
    assert table.groupby("prompt_id", observed=True)["correct"].mean().tolist() == [1, 0]
    assert table["query"].tolist() == [*QUERIES, *QUERIES]
    assert table["answer"].tolist() == [*GOLD, *"???"]
    assert set(table["llm"]) == {"gpt-x"}


def _promptfoo(repeated: bool = False) -> dict[str, object]:
    """Results as promptfoo 0.120 writes them, with a field that must not be kept."""
    templates = ["Kurz. {{question}}", "{{question}} Schritte:"]
    results = [
        {
            "testIdx": test,
            "promptIdx": place,
            "vars": {"question": QUERIES[test]},
            "prompt": {"raw": template.replace("{{question}}", QUERIES[test]), "label": template},
            "provider": {"id": "openai:gpt", "label": "", "apiKey": "sk-secret"},
            "response": {
                "output": f"Es sind {GOLD[test]}.",
                "tokenUsage": {"prompt": 20, "completion": 5, "total": 25},
            },
            "success": place == 1,
            "failureReason": 2 if (test, place) == (2, 0) else 0,
            "score": float(place),
        }
        for _ in range(1 + repeated)
        for test in range(3)
        for place, template in enumerate(templates)
    ]
    prompts = [{"raw": raw, "label": raw, "provider": "openai:gpt"} for raw in templates]
    return {"evalId": "eval", "results": {"version": 3, "prompts": prompts, "results": results}}


@pytest.mark.parametrize("lines", [False, True])
@pytest.mark.parametrize("repeated", [False, True])
def test_results_of_promptfoo_are_a_log(tmp_path: Path, lines: bool, repeated: bool) -> None:
    document = _promptfoo(repeated)
    path = tmp_path / ("results.jsonl" if lines else "results.json")
    results = document["results"]["results"]
    text = "\n".join(map(json.dumps, results)) if lines else json.dumps(document, indent=2)
    path.write_text(text, "utf-8")
    table, prompts = read(path)
    assert [prompt.text for prompt in prompts] == ["Kurz. {{query}}", "{{query}} Schritte:"]
    # The call that failed brought no answer.
    assert len(table) == 5 * (1 + repeated)
    assert table["correct"].sum() == 3 * (1 + repeated)
    assert set(table["llm"]) == {"openai:gpt"}
    assert set(table["prompt_tokens"]) == {20}
    assert not any("sk-secret" in str(column.tolist()) for _, column in table.items())


def _inspect(**changed: object) -> dict[str, object]:
    """A log as Inspect 0.3 writes it, two epochs of three samples."""
    samples = [
        {
            "id": number,
            "epoch": epoch,
            "input": query,
            "target": GOLD[number],
            "messages": [
                {"role": "system", "content": "Sei kurz."},
                {"role": "user", "content": f"{query} Danke."},
                {"role": "assistant", "content": f"Es sind {GOLD[number]}."},
            ],
            "output": {"completion": f"Es sind {GOLD[number]}."},
            "scores": {"includes": {"value": "C" if epoch == 1 else "I"}},
            "model_usage": {
                "a/b": {"input_tokens": 20, "output_tokens": 5, "input_tokens_cache_read": 4}
            },
            "error": {"message": "sk-secret"} if (number, epoch) == (2, 2) else None,
        }
        for epoch in (1, 2)
        for number, query in enumerate(QUERIES)
    ]
    return {
        "version": 2,
        "status": "success",
        "eval": {"task": "kurz", "model": "a/b"},
        "samples": samples,
    } | changed


_CELLS: dict[str, Callable[[bool, str], list[str]]] = {
    "answers alone": lambda right, text: [
        f"[{'PASS' if right else 'FAIL'}] ({right:.2f})\n\n{text}\n\n{'Pass' if right else 'Fail'} "
        "Reason: Expected output"
    ],
    "with reasons": lambda right, text: [f"[{'PASS' if right else 'FAIL'}] {text}", "why", ""],
    "with columns": lambda right, text: [text, "PASS" if right else "FAIL", "1", "", "why", ""],
}
_BESIDE = {
    "answers alone": [],
    "with reasons": ["Grader Reason", "Comment"],
    "with columns": ["Status", "Score", "Named Scores", "Grader Reason", "Comment"],
}


@pytest.mark.parametrize("form", _CELLS)
def test_tables_of_promptfoo_are_a_log(tmp_path: Path, form: str) -> None:
    path = tmp_path / "results.csv"
    header, lines = ["gold", "question"], []
    for template in ("Kurz: {{question}}", "{{question}}\nSchritte:"):
        header += [f"[openai:m] {template}", *_BESIDE[form]]
    for number, (query, gold) in enumerate(zip(QUERIES, GOLD, strict=True)):
        cells = [_CELLS[form](bool(number % 2) == right, f"Es sind\n{gold}.") for right in (0, 1)]
        lines.append([gold, query, *cells[0], *cells[1]])
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *lines])
    table, prompts = read(path)
    assert [prompt.text for prompt in prompts] == ["Kurz: {{query}}", "{{query}}\nSchritte:"]
    assert table["query"].tolist() == [query for query in QUERIES for _ in prompts]
    assert table["correct"].tolist() == [True, False, False, True, True, False]
    assert set(table["answer"]) == {f"Es sind\n{gold}." for gold in GOLD}
    text = path.read_text("utf-8")
    header[-1 - len(_BESIDE[form])] += " "
    with path.open("w", newline="", encoding="utf-8") as file:
        unanswered = [*lines[0][: -1 - len(_BESIDE[form])], *[""] * (1 + len(_BESIDE[form]))]
        csv.writer(file).writerows([header, *lines[1:], unanswered])
    assert len(read(path)[0]) == 5, "a test without an answer is left out"
    path.write_text(text.replace("{{question}}", "{{question}} {{gold}}"), "utf-8")
    with pytest.raises(DataError, match=r"variables gold, question .* shows 2.*give the \.json"):
        read(path)


def test_a_log_of_inspect_is_a_log(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    path.write_text(json.dumps(_inspect(), indent=1), "utf-8")
    table, (prompt,) = read(path)
    assert prompt.text == "Sei kurz.\n\n{{query}} Danke."
    assert table["query_id"].tolist() == ["0", "1", "2", "0#2", "1#2"]
    assert table["correct"].tolist() == [True] * 3 + [False] * 2
    assert set(table["prompt_tokens"]) == {24}
    assert set(table["llm"]) == {"a/b"}


def test_inspects_own_archive_is_read_as_its_json_is(tmp_path: Path) -> None:
    path, archive = tmp_path / "log.json", tmp_path / "log.eval"
    path.write_text(json.dumps(_inspect()), "utf-8")
    write_eval(archive, _inspect())
    pd.testing.assert_frame_equal(read(archive)[0], read(path)[0])


def test_a_damaged_archive_of_inspect_is_refused_with_its_member(tmp_path: Path) -> None:
    path = tmp_path / "log.eval"
    write_eval(path, _inspect(), {"samples/0_epoch_1.json": 9})
    with pytest.raises(DataError, match=r"samples/0_epoch_1\.json in it has another size"):
        read(path)
    write_eval(path, _inspect(status="cancelled"))
    with pytest.raises(DataError, match="has the status 'cancelled'"):
        read(path)
    content = path.read_bytes()
    path.write_bytes(content[:60] + b"\x00" * 300 + content[360:])
    with pytest.raises(DataError, match=r"log\.eval cannot be read as an archive"):
        read(path)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (_inspect(status="cancelled"), "has the status 'cancelled'"),
        (
            _inspect(samples=[{"id": 7, "scores": {"a": {"value": 1}, "b": {"value": 0}}}]),
            r"sample 7 has 2 scores \(a, b\); one is needed",
        ),
    ],
    ids=["unfinished", "two scorers"],
)
def test_a_log_of_inspect_that_says_not_what_is_right_is_refused(
    tmp_path: Path, document: dict[str, object], message: str
) -> None:
    path = tmp_path / "log.json"
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(DataError, match=message):
        read(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"results": {"results": [{"promptIdx": 4}], "prompts": []}}', r"result 1: promptIdx"),
        (b'{\n "a": 1,\n "b": 2\n}', r"lacks the column 'query'.*found: a, b"),
        (b'[{"query": "How many?"}', "cannot be read as JSON"),
        (b"[1, 2]", "the line is '1'; it must be one JSON object"),
        (b"PK\x03\x04 nothing", "cannot be read as an archive: the archive is damaged"),
        (gzip.compress(b"query,prompt", mtime=0)[:-6], "cannot be unpacked"),
        (b"query,query,prompt\n1,2,3\n", "names the column 'query' twice"),
    ],
)
def test_a_foreign_or_damaged_file_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, message: str
) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message):
        read(path)


def test_a_packed_file_is_refused_before_it_is_unpacked_whole(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_bytes(gzip.compress(b"query,prompt,correct\n" + b"x" * 300_000_000))
    with pytest.raises(DataError, match="more than 200 MB when unpacked"):
        inspect(path)


def _places(node: object, at: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    """The ways to every value of a document."""
    inner: list[tuple[object, object]] = []
    if isinstance(node, dict | list):
        inner = list(node.items() if isinstance(node, dict) else enumerate(node))
    return [at, *(place for key, value in inner for place in _places(value, (*at, key)))]


def _replaced(node: object, at: tuple[object, ...], value: object) -> object:
    """A copy of a document with one of its values replaced."""
    if not at:
        return value
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[at[0]] = _replaced(copy[at[0]], at[1:], value)
    return copy


WHOLE = [
    _promptfoo(),
    _inspect(),
    _sample(0, "Kurz. {{question}}", "Es sind 21", 1.0, "none"),
    [json.loads(line) for line in _evals("Be brief.", True).splitlines()],
]
"""A document, a line or the events of each tool."""
OTHERS = (None, 7, "x", True, [], {}, [1], {"a": 1})


@given(st.data())
@settings(max_examples=300)
def test_a_value_of_another_kind_in_a_tool_s_file_is_rows_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    document = data.draw(st.sampled_from(WHOLE))
    at = data.draw(st.sampled_from(_places(document)))
    path = tmp_path_factory.mktemp("tool") / "log.json"
    changed = _replaced(document, at, data.draw(st.sampled_from(OTHERS)))
    path.write_text(json.dumps(changed), "utf-8")
    with suppress(DataError):
        inspect(path)


@given(st.data())
def test_a_value_of_another_kind_in_details_is_rows_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    samples = _details("steps", "{{query}} Now.")
    at = data.draw(st.sampled_from(_places(samples[0])).filter(bool))
    other = data.draw(st.sampled_from(OTHERS))
    path = tmp_path_factory.mktemp("details") / "details.parquet"
    try:
        table = pa.Table.from_pylist([_replaced(sample, at, other) for sample in samples])
        parquet.write_table(table, path)
    except (pa.ArrowException, OverflowError):
        # Parquet holds no such value, so no file does.
        reject()
    with suppress(DataError):
        inspect(path)


@given(st.lists(st.lists(st.text(max_size=20), min_size=4, max_size=4), min_size=1, max_size=5))
def test_any_cells_of_a_table_of_promptfoo_are_rows_or_a_clear_error(
    tmp_path_factory: pytest.TempPathFactory, lines: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("cells") / "results.csv"
    header = ["question", "[m] Kurz: {{question}}", "Status", "Comment"]
    with path.open("w", newline="", encoding="utf-8", errors="replace") as file:
        csv.writer(file).writerows([header, *lines])
    with suppress(DataError):
        inspect(path)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("log.json", "it has 60 MB, and of what is parsed at once 50 MB are allowed"),
        ("log.xlsx", "it has 60 MB, and of what is parsed at once 50 MB are allowed"),
        ("log.feather", "Feather is read in the terminal alone"),
    ],
)
def test_what_takes_much_memory_is_refused_on_the_page(
    tmp_path: Path, name: str, message: str
) -> None:
    path = tmp_path / name
    if name == "log.json":
        path.write_bytes(b"[" + b" " * 60_000_000 + b"]")
    elif name == "log.xlsx":
        with ZipFile(path, "w", ZIP_DEFLATED) as archive:
            archive.writestr("xl/sharedStrings.xml", b" " * 60_000_000)
    else:
        ROWS.to_feather(path)
    with pytest.raises(DataError, match=message):
        inspect(path)


@given(st.binary(min_size=1, max_size=200))
def test_any_bytes_are_rows_or_a_clear_error(tmp_path_factory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "log"
    path.write_bytes(content)
    with suppress(DataError):
        assert len(read_rows(path).table.columns) <= len(content) + 1


def test_the_command_takes_several_files_columns_and_scores(tmp_path: Path) -> None:
    rows = pd.concat(
        [ROWS.assign(query=ROWS["query"] + f" ({letter})") for letter in "abcdefghij"]
    ).rename(columns={"query": "Frage", "correct": "score"})
    files = []
    for place, (_, part) in enumerate(rows.groupby("prompt")):
        files += ["--log", str(tmp_path / f"{place}.csv")]
        part.assign(score=part["score"] * 0.8).to_csv(files[-1], index=False)
    out = tmp_path / "model.zip"
    said = ["--column", "query=Frage", "--correct-from", "0.5"]
    done = CliRunner().invoke(app, ["train", str(out), *files, *said])
    assert done.exit_code == 0, done.output
    assert len(storage.load(out).prompts) == 2
    bad = CliRunner().invoke(app, ["train", str(out), *files, "--column", "query"])
    assert "named like query=question" in str(bad.exception)
    asked = CliRunner().invoke(app, ["ask", "What is 2 + 2?", "--model", str(out), "--json"])
    assert len(json.loads(asked.stdout)["ranking"]) == 2
    asking = ["ask", "What is 2 + 2?", "--model", str(out), "--json", "--policy"]
    voted = CliRunner().invoke(app, [*asking, "majority-vote:2"])
    assert json.loads(voted.stdout)["answers"][0]["calls"] == 2
    for policy, lacks in (("cost-aware", "needs tokens"), ("budgeted:2", "needs --budget")):
        assert lacks in str(CliRunner().invoke(app, [*asking, policy]).exception)


def test_a_log_is_evaluated_in_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    own_log(120).rename(columns={"query": "question"}).to_csv(path, sep=";", index=False)
    told = CliRunner().invoke(app, ["evaluate", "--log", str(path)])
    assert told.exit_code == 0, told.output
    assert "For one call, use best-of-N" in told.output
    assert "As right as exhaustive prompting" in told.output
    lines = CliRunner().invoke(app, ["evaluate", "--log", str(path), "--json"]).stdout
    policies = {json.loads(line)["policy"] for line in lines.splitlines()}
    assert {"best-of-n", "budgeted", "majority-vote"} <= policies
    with_llm = CliRunner().invoke(app, ["evaluate", "--log", str(path), "--llm", "embedded"])
    assert "--log stands alone" in str(with_llm.exception)
