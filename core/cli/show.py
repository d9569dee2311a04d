"""Rankings, answers and costs as tables, sentences and plain JSON values."""

import json
from collections.abc import Callable
from typing import Any

import pandas as pd
import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from core.asking.mending import mends_text
from core.asking.ranking import Ranking
from core.asking.solve import Answer
from core.policies import label_of

_BAR = 20
_GRADES = {True: "right", False: "wrong", None: ""}


def ranking_table(ranking: Ranking) -> Table:
    """The prompts from the best to the worst with their predicted chances."""
    table = Table(
        title="Predicted chance of a correct answer", title_justify="left", box=SIMPLE_HEAD
    )
    for name in ("prompt", "chance", "95 %", ""):
        number = name in ("chance", "95 %")
        table.add_column(name, justify="right" if number else "left", no_wrap=True)
    for place, position in enumerate(ranking.order):
        chance = ranking.probability[position]
        table.add_row(
            escape(ranking.prompts[position].label),
            f"{100 * chance:.0f} %",
            f"{100 * ranking.lower[position]:.0f} to {100 * ranking.upper[position]:.0f}",
            "█" * round(_BAR * chance) + (" ◀ best" if place == 0 else ""),
        )
    return table


def cost_table(answers: list[Answer], llm: str) -> Table:
    """What each policy answered and spent, a column per policy."""
    table = Table(title=f"Answered by {escape(llm)}", title_justify="left", box=SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for answer in answers:
        table.add_column(policy_name(answer), justify="right")
    for name, cell in _COSTS.items():
        table.add_row(name, *(escape(cell(answer)) for answer in answers))
    return table


def _value(answer: Answer) -> str:
    grade = _GRADES[answer.correct]
    return f"{answer.value or answer.kind.none}{f' ({grade})' if grade else ''}"


def _tokens(answer: Answer) -> str:
    return answer.tokens_text.removeprefix("tokens ").replace(" tokens", "")


def _dollars(answer: Answer) -> str:
    if answer.cost.dollars is None:
        return "no price"
    return f"{'at most ' if answer.cost.bound else ''}${answer.cost.dollars:.6f}"


def _seconds(answer: Answer) -> str:
    known = all(entry.seconds is not None for entry in answer.entries)
    return f"{answer.seconds:.2f}" if known else "recorded"


_COSTS: dict[str, Callable[[Answer], str]] = {
    "answer": _value,
    "agree": lambda answer: f"{answer.votes} of {len(answer.calls)}",
    "calls": lambda answer: str(len(answer.calls)),
    "tokens": _tokens,
    "dollars": _dollars,
    "seconds": _seconds,
}


def policy_name(answer: Answer) -> str:
    """A policy as people call it."""
    if answer.policy == "majority-vote" and len(answer.calls) > 1:
        return f"{label_of(answer.policy)} over {len(answer.calls)}"
    return label_of(answer.policy)


def answers_json(answers: list[Answer]) -> list[dict[str, Any]]:
    """Answers as plain JSON values; what is not known is null."""
    return [
        {
            "policy": answer.policy,
            "prompt_id": answer.prompt.id,
            "text": answer.text,
            "cut": answer.is_cut,
            "value": answer.value,
            "as_answered": answer.as_answered,
            "mended": mends_text(answer.mends),
            "votes": answer.votes,
            "calls": len(answer.calls),
            "failures": [failure.message for failure in answer.failures],
            "tokens": answer.tokens,
            "dollars": answer.cost.dollars,
            "dollars_are_a_bound": answer.cost.bound,
            "price": answer.entries[0].price if answer.entries else None,
            "seconds": answer.seconds,
            "correct": answer.correct,
        }
        for answer in answers
    ]


def plain_table(title: str, report: pd.DataFrame) -> Table:
    """All columns of a report; the first one names its rows."""
    table = Table(title=title)
    for place, name in enumerate(report.columns):
        table.add_column(name.replace("_", " "), justify="right" if place else "left")
    for row in report.itertuples(index=False):
        table.add_row(*map(_cell, row))
    return table


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else escape(str(value))


def print_lines(rows: pd.DataFrame, **more: str) -> None:
    """One JSON object per row, what is added first; unknown values are null."""
    for row in rows.astype(object).where(rows.notna(), None).to_dict("records"):
        typer.echo(json.dumps(more | row))
