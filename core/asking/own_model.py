"""A visitor's own reward model, in place of the shipped ones, and the files that it comes in."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import ClassVar

from core.asking.ranking import Scorer, scorer_of_file
from core.errors import DataError
from core.logs.own import UPLOAD_LIMITS
from core.model_archive import model_in
from core.policies.budget import BudgetModel
from core.policies.budget import storage as budget_storage
from core.prompts import Prompt
from core.reward import storage as reward_storage

MODEL_MEGABYTES = 30
"""Of a file that somebody sends to the page; that of the largest log that it takes is smaller."""
_LONGEST = UPLOAD_LIMITS.prompt + 300
"""Characters of what is said of a prompt; its id may have an LLM's name and its text in it."""
_REWARD, _BUDGET = reward_storage.KIND.name, budget_storage.KIND.name
_EXPECTED = (
    "A model’s file is what “Download the model” gave, or that `python -m core train` wrote; a "
    "log is uploaded by itself, as it is or packed with gzip."
)


@dataclass(frozen=True, eq=False)
class OwnModel:
    """A reward model out of a visitor's file, which ranks the prompts of its log.

    Two of them are equal when they are the same one: models are not compared.

    Attributes:
        name: File name, as shown.
        prompts: Those that it learned.
        scorer: The reward model, with accuracy, tokens and dollars by prompt id as far as known.
        budget: What the budget policy learned; None where there is nothing.
    """

    noun: ClassVar[str] = "model"
    name: str
    prompts: tuple[Prompt, ...]
    scorer: Scorer
    budget: BudgetModel | None

    @property
    def origin(self) -> str:
        """Where its chances come from, in words."""
        return f"the reward model in {self.name}"

    @property
    def unbudgeted(self) -> str:
        """Why the budgeted policy cannot be chosen where it was not learned."""
        return (
            f"What the budgeted policy learns is not in {self.name}: upload with it the file that "
            "`python -m core train --budget` wrote, or choose another policy."
        )


def read_model(paths: Sequence[Path]) -> OwnModel:
    """Read the file of a reward model, and that of its budget policy where it is there too.

    Raises:
        DataError: a file is none of these, exceeds a limit or does not go with the other one.
        ArtifactError: a file is damaged or of another version.
    """
    files: dict[str, Path] = {}
    for path in paths:
        if path.stat().st_size > MODEL_MEGABYTES * 1e6:
            raise DataError(f"{path.name} is larger than {MODEL_MEGABYTES} MB, as no model is.")
        kind = model_in(path)
        if kind not in (_REWARD, _BUDGET):
            raise DataError(f"{path.name} holds no trained model. {_EXPECTED}")
        if kind in files:
            raise DataError(f"{files[kind].name} and {path.name} are each a {kind}; upload one.")
        files[kind] = path
    if _REWARD not in files:
        raise DataError(
            f"{files[_BUDGET].name} holds the budgeted policy alone; upload it together with its "
            "reward model, the other file that `python -m core train --budget` wrote."
        )
    scorer = scorer_of_file(reward_storage.load(files[_REWARD]))
    prompts, name = scorer.model.prompts, files[_REWARD].name
    _check_prompts(prompts, name)
    budget = budget_storage.load(files[_BUDGET]) if _BUDGET in files else None
    if budget is not None and set(budget.prompts) != {prompt.id for prompt in prompts}:
        raise DataError(f"{files[_BUDGET].name} is of other prompts than {name}.")
    return OwnModel(name, prompts, scorer, budget)


def _check_prompts(prompts: tuple[Prompt, ...], name: str) -> None:
    if len(prompts) > UPLOAD_LIMITS.prompts:
        raise DataError(
            f"{name} has {len(prompts):,} prompts; at most {UPLOAD_LIMITS.prompts} are taken here."
        )
    if any(len(text) > _LONGEST for prompt in prompts for text in astuple(prompt)):
        raise DataError(
            f"{name} has a prompt of more than {UPLOAD_LIMITS.prompt:,} characters, the most that "
            "is taken here."
        )
