"""`train` and `precompute`: fit reward models, rebuild what is shipped."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from core import boosting
from core.asking.judged import FEWEST_FOR_BUDGET
from core.asking.list_prices import with_list_prices
from core.asking.own_log import check_learnable, learn, scorer_of
from core.asking.ranking import with_its_log
from core.building import precompute as building
from core.cli.log_options import Columns, CorrectFrom, Logs, read_log
from core.cli.output import errors, learning_bar, progress_bar, results
from core.demonstrations import LLAMA2, LLMS
from core.errors import DataError, UnknownNameError
from core.logs import load as demonstrations
from core.paths import FOLDER
from core.policies.budget import storage as budget_storage
from core.prompts import Prompt
from core.reward import RewardModel, storage
from core.reward.cluster import cluster


def train(
    out: Annotated[Path, typer.Argument(help="File to write, such as my-model.zip.")],
    llm: Annotated[str, typer.Option(help=f"Whose log: {', '.join(LLMS)}.")] = LLAMA2,
    log: Logs = None,
    column: Columns = None,
    correct_from: CorrectFrom = None,
    budget: Annotated[
        Path | None,
        typer.Option(
            help="Also learn the budgeted policy, from a log with answers, and write it to this "
            "file."
        ),
    ] = None,
    dask: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Fit the reward model's boosters on the Dask cluster at this address, such as "
            "tcp://host:8786; its workers need lightgbm.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 0,
) -> None:
    """Fit a reward model, (query, prompt) to the chance of a correct answer, and save it."""
    if llm not in LLMS:
        raise UnknownNameError("LLM", llm, LLMS)
    for file in (out, budget):
        if file is not None and not file.parent.is_dir():
            raise DataError(f"There is no folder {file.parent} to write {file.name} into.")
    if budget is not None and not log:
        raise DataError("--budget learns from a log of your own; --log names it.")
    if dask is not None and not log:
        raise DataError("--dask learns from a log of your own; --log names it.")
    fitting = nullcontext(boosting.fit) if dask is None else cluster(dask)
    # Whether the cluster answers is known before a large log is read.
    with fitting as fit_booster:
        if log:
            table, prompts = read_log(log, column, correct_from, answers=budget is not None)
            table = with_list_prices(table, prompts)
            with errors.status(f"Fitting the reward model to {len(table):,} rows"):
                check_learnable(table, prompts)
                fitted = RewardModel.fit(table, prompts, seed=seed, fit_booster=fit_booster)
                model = with_its_log(scorer_of(fitted, table))
        else:
            with errors.status("Fitting the reward model"):
                model = building.train(demonstrations.load(llm), seed)
    storage.save(model, out)
    if budget is not None:
        _learn_budget(table, prompts, budget)
    results.print(
        f"{out}: {model.description['demonstrations']:,} demonstrations, "
        f"{model.description['queries']:,} distinct queries, {len(model.prompts)} prompts.",
        soft_wrap=True,
    )


def _learn_budget(table: pd.DataFrame, prompts: Sequence[Prompt], file: Path) -> None:
    with learning_bar() as hooks:
        learned = learn(table, prompts, "your log", hooks)
    if learned.budget is None:
        raise DataError(
            f"Nothing can be learned for budgeted. {learned.unvoted} It takes at least "
            f"{FEWEST_FOR_BUDGET} queries that were answered with every prompt, right and wrong."
        )
    budget_storage.save(learned.budget, file)
    results.print(f"{file}: budgeted over {len(learned.budget.prompts)} prompts.", soft_wrap=True)


def precompute(
    out: Annotated[Path, typer.Option(help="Folder to write.")] = FOLDER,
    llm: Annotated[
        list[str] | None,
        typer.Option(help="Only what comes from this LLM's log; can be repeated."),
    ] = None,
) -> None:
    """Rebuild every shipped model and table from the logs (about forty minutes)."""
    chosen = LLMS if llm is None else tuple(llm)
    for name in set(chosen) - set(LLMS):
        raise UnknownNameError("LLM with a log", name, LLMS)
    total = building.number_of_fits(chosen, ("published", "clean"))
    total += building.number_of_further_fits(chosen)
    with progress_bar(total, "models") as bar:
        building.precompute(out, bar, chosen)
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    results.print(f"{out}: {size / 1e6:.1f} MB", soft_wrap=True)
