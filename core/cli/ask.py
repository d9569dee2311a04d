"""`ask`: rank the prompts for a question, spend the calls of a policy, show what they cost."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from core import llms
from core.artifacts import budget_for, budget_for_recorded
from core.asking.arms import llms_of, put_to_each, renamed
from core.asking.built_in import gold_of
from core.asking.mending import mending_helps, mends_text
from core.asking.ranking import (
    Ranking,
    log_for,
    rank,
    rank_recorded,
    recorded_question,
    scorer_of_file,
)
from core.asking.solve import Answer, solve
from core.asking.typed import check_computes
from core.asking.verdict import verdict
from core.cli.data import offer_download
from core.cli.gguf_files import offer_gguf, say_device
from core.cli.output import (
    Arms,
    MaxTokens,
    Seed,
    Temperature,
    Timeout,
    TopP,
    errors,
    results,
    sampling_of,
)
from core.cli.show import answers_json, cost_table, ranking_table
from core.costs.ledger import Ledger
from core.demonstrations import EMBEDDED
from core.errors import DataError
from core.grading.kinds import NUMBERS
from core.llms import LLM, RecordedGSM8K, Sampling
from core.policies import (
    MajorityVote,
    Policy,
    needs_of,
    policy_by_name,
    policy_names,
)
from core.policies.budget import BudgetModel
from core.policies.budget import storage as budget_storage
from core.prompts import OFFERED, Prompt, own_prompt
from core.query import check_query
from core.reward import storage

CUT = "It was cut at the limit of tokens; --max-tokens allows more."


def ask(
    question: Annotated[
        str | None, typer.Argument(help="An arithmetic question, in quotes.")
    ] = None,
    llm: Annotated[
        str | None,
        typer.Option(help=f"Who answers: {', '.join(llms.NAMES)}. Default: {EMBEDDED}."),
    ] = None,
    arm: Arms = None,
    policy: Annotated[
        str,
        typer.Option(
            help=f"{', '.join(policy_names())}; some take a setting, as in majority-vote:4. "
            "budgeted:4 takes four calls on average, budgeted:worth=50 as many as pay when a right "
            "answer is worth 50 calls."
        ),
    ] = "best-of-n",
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Run exhaustive prompting too and set them side by side."),
    ] = False,
    recorded: Annotated[
        int | None,
        typer.Option(
            help="Instead of a question: the number of a recorded GSM8K question, 0 to 999. "
            "Always compares."
        ),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option(help="Rank the prompts of a reward model of your own: a file from `train`."),
    ] = None,
    budget: Annotated[
        Path | None,
        typer.Option(help="What `train --budget` wrote, for the policy budgeted with --model."),
    ] = None,
    prompt: Annotated[
        list[str] | None, typer.Option(help="Consider a prompt of your own too; may be repeated.")
    ] = None,
    repair: Annotated[
        bool | None,
        typer.Option(
            "--repair/--no-repair",
            help="Mend miscalculations in an answer's own equations. Default: where recorded "
            "answers of the LLM, or of the one that stands in for it, got better.",
        ),
    ] = None,
    temperature: Temperature = Sampling.temperature,
    top_p: TopP = Sampling.top_p,
    max_tokens: MaxTokens = Sampling.max_tokens,
    seed: Seed = Sampling.seed,
    timeout: Timeout = None,
    ledger: Annotated[
        Path | None, typer.Option(help="Also write every call to this CSV file.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Download a GGUF file without asking first.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Rank the prompts for a question, spend one call on the best, print answer and cost.

    For a recorded question, LLaMA2's recorded answers are played back: one call with the best
    prompt (best-of-N) beside all sixteen with a majority vote (exhaustive prompting).
    """
    if (question is None) == (recorded is None):
        raise DataError("Give either a question in quotes or --recorded with a number.")
    gold: str | None = None
    sampling = sampling_of(temperature, top_p, max_tokens, seed)
    if recorded is not None:
        if model is not None:
            raise DataError("--model cannot go with --recorded: it may have learned from these.")
        if prompt:
            raise DataError("--prompt cannot go with --recorded: its answers were not recorded.")
        if budget is not None:
            raise DataError("--budget cannot go with --recorded: it may have learned from these.")
        offer_download()
        answering: dict[str, LLM] = {"": RecordedGSM8K()}
        item = recorded_question(RecordedGSM8K(), recorded)
        query, gold, ranking = item["query"], item["gold"], rank_recorded(recorded, item["query"])
        compare = True
        learned = partial(budget_for_recorded, recorded)
    else:
        query, own = check_query(question or ""), tuple(own_prompt(text) for text in prompt or ())
        log = log_for(llm or EMBEDDED)
        if model is None:
            ranking = rank(check_computes(query), OFFERED + own, log=log)
        else:
            ranking = _ranked_by(model, query, own, policy)
        gold = gold_of(query) if ranking.kind is NUMBERS else None
        get = partial(_get, sampling=sampling, timeout_s=timeout, yes=yes)
        answering = _answering(ranking, llm, arm or (), get)
        learned = partial(_learned, model, budget, log)
    policies = _policies(policy, ranking, learned, compare)
    name = answering[""].name if "" in answering else "the LLM of each prompt"
    mend = repair
    if mend is None:
        mend = all(mending_helps(one.name) for one in answering.values())
    book = Ledger()
    answers = []
    try:
        for one in policies:
            with errors.status(f"Asking {name}: {one.name}"):
                answers.append(
                    solve(
                        query,
                        ranking,
                        one,
                        lambda prompt: answering[prompt.llm],
                        gold,
                        ledger=book,
                        mend=mend,
                    )
                )
    finally:
        if ledger is not None:
            book.to_csv(ledger)
    if as_json:
        shown = {"question": query, "llm": name, "ranking": ranking.rows()}
        typer.echo(json.dumps(shown | {"answers": answers_json(answers)}))
        return
    _print(query, gold, ranking, answers, name)


def _answering(
    ranking: Ranking, llm: str | None, arms: Sequence[str], get: Callable[[str], LLM]
) -> dict[str, LLM]:
    """Who answers, by what prompts call each LLM; of a model that chooses none, one of no name.

    Raises:
        DataError: an LLM is named beside a model that chooses it, or renamed beside one that has
            none to choose.
    """
    known = llms_of(ranking.prompts)
    if not known:
        if arms:
            raise DataError("--arm renames an LLM that --model chooses; this model chooses none.")
        return {"": get(llm or EMBEDDED)}
    if llm is not None:
        raise DataError(
            f"--llm {llm}: this model chooses among {' and '.join(known)}. To have another answer "
            f"for one, write --arm {known[0]}={llm}."
        )
    return {logged: get(asked) for logged, asked in renamed(ranking.prompts, arms).items()}


def _ranked_by(file: Path, query: str, more: tuple[Prompt, ...], policy: str) -> Ranking:
    """Rank the prompts of a reward model's file.

    Raises:
        DataError: the policy needs what the file does not say of its log.
    """
    scorer = scorer_of_file(storage.load(file))
    if lacks := scorer.lacks & needs_of(policy):
        raise DataError(f"--policy {policy} needs {' and '.join(lacks)}, which {file} has not.")
    logged = scorer.model.prompts
    return scorer.rank(query, logged + put_to_each(more, logged))


def _learned(model: Path | None, budget: Path | None, log: str) -> BudgetModel:
    """The budget model that was named, else the shipped one of a shipped reward model's log."""
    if budget is not None:
        return budget_storage.load(budget)
    if model is not None:
        raise DataError("With --model the policy budgeted needs --budget, which `train` writes.")
    return budget_for(log)


def _get(name: str, *, sampling: Sampling, timeout_s: float | None, yes: bool) -> LLM:
    if name == RecordedGSM8K.name:
        offer_download()
    offer_gguf(name, yes=yes)
    with errors.status(f"Loading {name}"):
        llm = llms.get(name, sampling, timeout_s=timeout_s)
    say_device(llm)
    return llm


def _policies(
    name: str, ranking: Ranking, learned: Callable[[], BudgetModel], compare: bool
) -> list[Policy]:
    chosen = policy_by_name(name, [prompt.id for prompt in ranking.prompts], learned)
    exhaustive = MajorityVote(len(ranking.prompts))
    same = (chosen.name, chosen.parameter) == (exhaustive.name, exhaustive.parameter)
    return [chosen, exhaustive] if compare and not same else [chosen]


def _print(query: str, gold: str | None, ranking: Ranking, answers: list[Answer], llm: str) -> None:
    results.print(query, markup=False, highlight=False)
    results.print(ranking_table(ranking))
    if ranking.doubt:
        errors.print(ranking.doubt, style="yellow", markup=False, soft_wrap=True)
    first = answers[0]
    results.print(f"{first.prompt.label}: {first.prompt.text}", markup=False, highlight=False)
    results.print(first.text.strip(), markup=False, highlight=False, style="dim")
    if first.is_cut:
        errors.print(CUT, style="yellow", markup=False, soft_wrap=True)
    if first.mends:
        results.print(f"Mended: {mends_text(first.mends)}.", markup=False, highlight=False)
    for failure in dict.fromkeys(one for answer in answers for one in answer.failures):
        errors.print(f"A call failed: {failure.message}", style="yellow", markup=False)
    results.print(cost_table(answers, llm))
    if len(answers) == 2:
        one, every = answers
        results.print(verdict(one, every, gold).text, markup=False, highlight=False)
