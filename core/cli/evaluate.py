"""Accuracy against cost, and ways of reading answers: `evaluate`, `graders`, `answers`, …"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from core.artifacts import load_table
from core.asking.own_log import learn, offered_policy
from core.building import precompute as building
from core.building.readme_tables import graders_markdown, results_markdown, summary_markdown
from core.building.repair_table import repairs_markdown
from core.cli.embedded import show_embedded
from core.cli.log_options import Columns, CorrectFrom, Logs, read_log
from core.cli.output import errors, learning_bar, progress_bar, results
from core.cli.show import plain_table, print_lines
from core.demonstrations import LLAMA2, LLMS
from core.errors import DataError, UnknownNameError
from core.evaluation.answer_report import extraction_report
from core.evaluation.equation_report import equation_report
from core.evaluation.frontier import (
    cheaper_arm,
    cheapest_as_good,
    is_exhaustive,
    is_priced,
    stepped_frontier,
)
from core.evaluation.graders import compare_graders
from core.evaluation.panels import PROTOCOLS
from core.evaluation.repair_report import ANSWERED_LLMS, repair_reports
from core.logs import load as demonstrations
from core.logs import published
from core.policies import entries, label_of
from core.prompts import Prompt


def evaluate(
    llm: Annotated[
        list[str] | None, typer.Option(help=f"{', '.join(LLMS)}; may be repeated. Default: all.")
    ] = None,
    protocol: Annotated[
        list[str] | None,
        typer.Option(help=f"{' or '.join(PROTOCOLS)}; may be repeated. Default: both."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print every row as a JSON line instead of tables.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="Also write frontier.csv and summary.csv into this folder.")
    ] = None,
    log: Logs = None,
    column: Columns = None,
    correct_from: CorrectFrom = None,
) -> None:
    """Run every policy over the recorded logs: accuracy, calls, tokens, dollars, differences.

    The clean protocol fits its models in repeated cross-validation, a quarter of an hour and more;
    a log of your own is judged in one repetition of it, as the page does.
    """
    if log:
        if llm or protocol or out:
            raise DataError("--log stands alone: --llm, --protocol and --out are of shipped logs.")
        _evaluate_log(*read_log(log, column, correct_from), as_json)
        return
    llms = _known("LLM", llm, LLMS)
    protocols = _known("protocol", protocol, PROTOCOLS)
    if out is not None and not out.is_dir():
        raise DataError(f"There is no folder {out}.")
    with progress_bar(building.number_of_fits(llms, protocols), "models") as bar:
        tables = building.tables_of(
            result
            for name in llms
            for result in building.results(demonstrations.load(name), protocols, bar)
        )
    if not len(tables["frontier"]):
        raise DataError(
            "Nothing to evaluate: only LLaMA2 has a published split of training and test "
            "questions. Use --protocol clean."
        )
    if out is not None:
        for name in ("frontier", "summary"):
            tables[name].to_csv(out / f"{name}.csv", index=False)
    if as_json:
        for name in ("frontier", "summary"):
            print_lines(tables[name], table=name)
    else:
        for key, rows in tables["frontier"].groupby(["llm", "dataset", "protocol", "prompt_set"]):
            results.print(_table(" · ".join(key), _single(rows)))


def _evaluate_log(table: pd.DataFrame, prompts: Sequence[Prompt], as_json: bool) -> None:
    with learning_bar() as hooks:
        learned = learn(table, prompts, "your log", hooks)
    if learned.frontier.empty:
        raise DataError("No query was logged with all prompts, so policies cannot be compared.")
    if as_json:
        print_lines(learned.frontier, table="frontier")
        return
    rows, priced = learned.frontier, is_priced(learned.frontier)
    results.print(_table("your log", _by_dollars(rows) if priced else _single(rows)))
    results.print(f"For one call, use {label_of(offered_policy(learned))}.")
    for said, found, base in (
        ("always the best one", cheaper_arm(rows), "best_single"),
        ("exhaustive prompting", cheapest_as_good(rows), "exhaustive"),
    ):
        if found is not None:
            dollars, calls = found["dollars_per_1000"], found["calls"]
            spent = f"${dollars:.3f} per 1,000 queries" if priced else f"{calls:.1f} calls"
            results.print(
                f"As right as {said}: {_setting(found)} with {spent} ({_points(found, base)})."
            )


def _single(rows: pd.DataFrame) -> pd.DataFrame:
    """The policies without a setting, exhaustive prompting and the oracle."""
    return rows[
        [entries()[row["policy"]].single or is_exhaustive(row) for _, row in rows.iterrows()]
    ]


def _by_dollars(rows: pd.DataFrame) -> pd.DataFrame:
    """What no cheaper setting beats, from cheap to dear, beside what stands in every table."""
    steps = stepped_frontier(rows, "dollars_per_1000")
    wanted = _single(rows).index.union(steps.index)
    return rows.loc[wanted].sort_values("dollars_per_1000", kind="stable")


def graders(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Compare budgeted on LLaMA2's GSM8K answers under both graders, a quarter of an hour."""
    with progress_bar(building.GRADER_FITS, "models") as bar:
        bar.stage("Both graders")
        dataset = building.BUDGET_DATASETS[LLAMA2]
        table = compare_graders(demonstrations.load(LLAMA2), dataset, on_fit=bar.step)
    if as_json:
        print_lines(table)
    else:
        typer.echo(graders_markdown(table))


def answers(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Compare ways of reading 16,000 recorded GSM8K answers, and what their equations tell."""
    with errors.status("Reading 16,000 answers"):
        recorded = published.gsm8k_test_answers()
        reports = {"answers": extraction_report(recorded), "equations": equation_report(recorded)}
    titles = {
        "answers": "Mean accuracy over sixteen prompts, LLaMA2-7B-chat, GSM8K test",
        "equations": "Accuracy of the same answers by whether their equations hold",
    }
    for name, report in reports.items():
        if as_json:
            print_lines(report, table=name)
        else:
            results.print(plain_table(titles[name], report))


def repairs(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON lines.")] = False,
) -> None:
    """Mend miscalculations in all recorded answers: what changes, for the better and the worse."""
    with errors.status("Mending recorded answers"):
        report = pd.concat(
            [repair_reports(demonstrations.load(llm)) for llm in ANSWERED_LLMS], ignore_index=True
        )
    if as_json:
        print_lines(report)
    else:
        typer.echo(repairs_markdown(report))


def show_results() -> None:
    """Print the README's results tables from the shipped artifacts, at once and without data."""
    typer.echo(summary_markdown(load_table("frontier")))
    typer.echo(results_markdown(load_table("frontier"), load_table("summary")))
    typer.echo(graders_markdown(load_table("budget-graders")))
    typer.echo(repairs_markdown(load_table("repairs")))
    show_embedded()


def _known(kind: str, given: list[str] | None, allowed: tuple[str, ...]) -> tuple[str, ...]:
    for name in given or ():
        if name not in allowed:
            raise UnknownNameError(kind, name, allowed)
    return tuple(given) if given else allowed


def _table(title: str, rows: pd.DataFrame) -> Table:
    """Rows of one comparison."""
    table = Table(
        title=f"{title} · {rows['prompts'].iloc[0]} prompts · n = {rows['n'].iloc[0]:,}",
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    for name in ("policy", "accuracy, %", "calls", "$ per 1,000", "over best single"):
        table.add_column(name, justify="left" if name == "policy" else "right", no_wrap=True)
    for row in rows.to_dict("records"):
        table.add_row(
            "exhaustive" if is_exhaustive(row) else _setting(row),
            f"{100 * row['accuracy']:.1f} "
            f"({100 * row['accuracy_low']:.1f} to {100 * row['accuracy_high']:.1f})",
            f"{row['calls']:.1f}",
            "—" if pd.isna(row["dollars_per_1000"]) else f"{row['dollars_per_1000']:.3f}",
            _difference(row),
        )
    return table


def _setting(row: Mapping[str, Any] | pd.Series) -> str:
    """A policy with its setting, as ``--policy`` takes it."""
    single = pd.isna(row["parameter"])
    return str(row["policy"]) if single else f"{row['policy']}:{row['parameter']:g}"


def _difference(row: Mapping[str, Any]) -> str:
    gain, low, high = (100 * row[f"minus_best_single{end}"] for end in ("", "_low", "_high"))
    return "—" if pd.isna(gain) else f"{gain:+.1f} ({low:+.1f} to {high:+.1f})"


def _points(row: pd.Series, base: str) -> str:
    gain, low, high = (100 * row[f"minus_{base}{end}"] for end in ("", "_low", "_high"))
    return f"{gain:+.1f} points, {low:+.1f} to {high:+.1f}"
