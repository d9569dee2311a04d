"""`ask`: rank the prompts for a question and, for recorded ones, spend the calls."""

import json
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from core import llms
from core.ask import Answer, Ranking, rank, rank_recorded, recorded_question, solve
from core.cli.output import results
from core.errors import DataError
from core.policies import BestOfN, MajorityVote
from core.prompts import PROMPTS, own_prompt

_BAR = 20


def ask(
    question: Annotated[
        str | None, typer.Argument(help="An arithmetic question, in quotes.")
    ] = None,
    recorded: Annotated[
        int | None,
        typer.Option(
            help="Instead of a question: the number of a recorded GSM8K question, 0 to 999."
        ),
    ] = None,
    prompt: Annotated[
        list[str] | None, typer.Option(help="Score a prompt of your own too; may be repeated.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Rank the sixteen prompts for a question by their predicted chance of a correct answer.

    For a recorded question, the recorded LLaMA2 answers are played back: one call with the best
    prompt (best-of-N), and all sixteen with a majority vote (exhaustive prompting) beside it.
    """
    if (question is None) == (recorded is None):
        raise DataError("Give either a question in quotes or --recorded with a number.")
    if recorded is None:
        own = tuple(own_prompt(text) for text in prompt or ())
        shown, ranking, answers = question, rank(question, PROMPTS + own), []
    else:
        if prompt:
            raise DataError("--prompt cannot go with --recorded: its answers were not recorded.")
        shown, ranking, answers = _play_back(recorded)
    if as_json:
        typer.echo(json.dumps({"ranking": ranking.rows(), "answers": _answers_json(answers)}))
        return
    results.print(shown, markup=False, highlight=False)
    results.print(_ranking_table(ranking))
    results.print(f"Chosen: {ranking.best.text}", markup=False, highlight=False)
    for answer in answers:
        results.print(_sentence(answer), markup=False, highlight=False)


def _play_back(number: int) -> tuple[str, Ranking, list[Answer]]:
    llm = llms.get("recorded:gsm8k")
    item = recorded_question(llm, number)
    ranking = rank_recorded(number)
    policies = (BestOfN(), MajorityVote(len(ranking.prompts)))
    return (
        item["query"],
        ranking,
        [solve(item["query"], ranking, policy, llm, item["gold"]) for policy in policies],
    )


def _ranking_table(ranking: Ranking) -> Table:
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
            "█" * round(_BAR * chance) + (" ◀ chosen" if place == 0 else ""),
        )
    return table


def _sentence(answer: Answer) -> str:
    count = len(answer.calls)
    name = "Best-of-N" if answer.policy == "best-of-n" else "Exhaustive prompting"
    grade = {True: "right", False: "wrong", None: "not graded"}[answer.correct]
    tokens = "tokens not counted" if answer.tokens is None else f"{answer.tokens:,} tokens"
    cost = "no price" if answer.dollars is None else f"${answer.dollars:.6f}"
    votes = (
        f", {answer.votes} of {len(answer.calls)} answers agree" if len(answer.calls) > 1 else ""
    )
    return (
        f"{name} ({answer.prompt.label}): {answer.value or 'no number'}, {grade}{votes}. "
        f"{count} call{'s' if count > 1 else ''}, {tokens}, {cost}."
    )


def _answers_json(answers: list[Answer]) -> list[dict[str, object]]:
    """Answers as plain JSON values."""
    return [
        {
            "policy": answer.policy,
            "prompt_id": answer.prompt.id,
            "text": answer.text,
            "value": answer.value,
            "votes": answer.votes,
            "calls": len(answer.calls),
            "tokens": answer.tokens,
            "dollars": answer.dollars,
            "correct": answer.correct,
        }
        for answer in answers
    ]
