"""`train` and `precompute`: fit reward models, rebuild what is shipped."""

from pathlib import Path
from typing import Annotated

import typer

from core.asking.own_log import check_learnable
from core.building import precompute as building
from core.cli.log_options import Columns, CorrectFrom, Logs, reading_of
from core.cli.output import errors, progress_bar, results
from core.demonstrations import LLAMA2, LLMS
from core.errors import DataError, UnknownNameError
from core.logs import load as demonstrations
from core.logs import own as own_logs
from core.paths import FOLDER
from core.reward import RewardModel, storage


def train(
    out: Annotated[Path, typer.Argument(help="File to write, such as my-model.zip.")],
    llm: Annotated[str, typer.Option(help=f"Whose log: {', '.join(LLMS)}.")] = LLAMA2,
    log: Logs = None,
    column: Columns = None,
    correct_from: CorrectFrom = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same file.")] = 0,
) -> None:
    """Fit a reward model, (query, prompt) to the chance of a correct answer, and save it."""
    if llm not in LLMS:
        raise UnknownNameError("LLM", llm, LLMS)
    if not out.parent.is_dir():
        raise DataError(f"There is no folder {out.parent} to write {out.name} into.")
    with errors.status("Fitting the reward model"):
        if not log:
            model = building.train(demonstrations.load(llm), seed)
        else:
            table, prompts = own_logs.read(*log, reading=reading_of(column, correct_from))
            check_learnable(table, prompts)
            model = RewardModel.fit(table, prompts, seed=seed)
        storage.save(model, out)
    results.print(
        f"{out}: {model.description['demonstrations']:,} demonstrations, "
        f"{model.description['queries']:,} distinct queries, {len(model.prompts)} prompts.",
        soft_wrap=True,
    )


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
    size = sum(file.stat().st_size for file in out.iterdir() if file.is_file())
    results.print(f"{out}: {size / 1e6:.1f} MB", soft_wrap=True)
