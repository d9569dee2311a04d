"""What `python -m core precompute` writes under `precomputed/`, and how it is read back."""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import pandas as pd

from core.errors import ArtifactError, DataError
from core.paths import FOLDER
from core.policies.budget import BudgetModel
from core.policies.budget import storage as budget_storage
from core.reward import RewardModel
from core.reward import storage as reward_storage

TABLES = (
    "frontier",
    "summary",
    "prompts",
    "reliability",
    "answers",
    "equations",
    "repairs",
    "embedded-accuracy",
    "budget-learning",
    "budget-graders",
    "examples",
)
SCORES_VERSION = 2
_RECORDED = "recorded"
"""Folder of what plays the recorded GSM8K questions back."""
REBUILD = "Rebuild it with `python -m core precompute`."


@dataclass(frozen=True)
class RecordedScores:
    """Cross-fitted scores of the recorded GSM8K test questions, arrays of shape (1000, prompts).

    No reward model behind a row was fitted on that row's question.

    Attributes:
        prompt_ids: The columns.
        probability, lower, upper: P(correct) with its 95 % interval.
        accuracy: Share right on the other folds.
        tokens: Mean tokens of a call on the other folds.
        fold: Of each question, shape (1000,).
    """

    prompt_ids: tuple[str, ...]
    probability: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    accuracy: np.ndarray
    tokens: np.ndarray
    fold: np.ndarray


_SCORE_ARRAYS = ("probability", "lower", "upper", "accuracy", "tokens")


def reward_path(llm: str, folder: Path = FOLDER) -> Path:
    """Where the reward model of ``llm`` lies."""
    return folder / f"reward-{llm}.zip"


@lru_cache(maxsize=4)
def load_reward(llm: str, folder: Path = FOLDER) -> RewardModel:
    """Load the shipped reward model of ``llm``.

    Raises:
        ArtifactError: it is missing, damaged or of an unknown version.
    """
    return reward_storage.load(_there(reward_path(llm, folder)))


def budget_path(llm: str, folder: Path = FOLDER) -> Path:
    """Where the budget model of ``llm`` lies."""
    return folder / f"budget-{llm}.zip"


@lru_cache(maxsize=4)
def load_budget(llm: str, folder: Path = FOLDER) -> BudgetModel:
    """Load the shipped budget model of ``llm``.

    Raises:
        ArtifactError: it is missing, damaged or of an unknown version.
    """
    return budget_storage.load(_there(budget_path(llm, folder)))


def budget_for(llm: str) -> BudgetModel:
    """What the budget policy learned from the log of ``llm``, for whoever asks for that policy.

    Raises:
        DataError: the log has no answers, so nothing could be learned from it.
        ArtifactError: it is damaged or of an unknown version.
    """
    if not budget_path(llm).is_file():
        raise DataError(
            f"A budgeted policy needs a log with answers to every prompt; that of {llm} has none."
        )
    return load_budget(llm)


def fold_path(fold: int, folder: Path = FOLDER) -> Path:
    """Where the budget model lies that learned nothing from a fold of the recorded questions."""
    return folder / _RECORDED / f"budget-{fold}.zip"


def _scores_path(folder: Path) -> Path:
    return folder / _RECORDED / "scores.npz"


@lru_cache(maxsize=8)
def _load_fold(fold: int) -> BudgetModel:
    return budget_storage.load(_there(fold_path(fold)))


def budget_for_recorded(number: int) -> BudgetModel:
    """What the budget policy learned from other recorded questions than this one.

    Args:
        number: Of the question, 0 to 999.

    Raises:
        ArtifactError: a file is missing, damaged or of an unknown version.
    """
    return _load_fold(int(load_recorded_scores().fold[number]))


def _there(path: Path) -> Path:
    """The path of a file that exists."""
    if not path.is_file():
        raise _missing(path)
    return path


def _missing(path: Path) -> ArtifactError:
    return ArtifactError(f"{path.name} is not in {path.parent}. {REBUILD}")


@lru_cache(maxsize=16)
def load_table(name: str, folder: Path = FOLDER) -> pd.DataFrame:
    """Load one of ``TABLES``; treat the frame as read-only, it is shared.

    Raises:
        ArtifactError: it is missing or cannot be read.
    """
    path = folder / f"{name}.csv"
    try:
        return pd.read_csv(path)
    except FileNotFoundError:
        raise _missing(path) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ArtifactError(f"{path.name} cannot be read: {error}. {REBUILD}") from error


def save_table(table: pd.DataFrame, name: str, folder: Path = FOLDER) -> None:
    """Write a table as CSV, numbers to six significant digits so that rebuilds compare equal."""
    table.to_csv(folder / f"{name}.csv", index=False, float_format="%.6g", lineterminator="\n")


def save_recorded_scores(scores: RecordedScores, folder: Path = FOLDER) -> None:
    """Write the cross-fitted scores of the recorded questions."""
    arrays = {name: getattr(scores, name).astype(np.float16) for name in _SCORE_ARRAYS}
    path = _scores_path(folder)
    path.parent.mkdir(exist_ok=True)
    np.savez_compressed(
        path,
        version=np.array(SCORES_VERSION),
        prompt_ids=np.array(scores.prompt_ids),
        fold=scores.fold.astype(np.int8),
        **arrays,
    )


@lru_cache(maxsize=2)
def load_recorded_scores(folder: Path = FOLDER) -> RecordedScores:
    """Load the cross-fitted scores of the recorded questions.

    Raises:
        ArtifactError: the file is missing, damaged or of another version.
    """
    path = _scores_path(folder)
    try:
        with np.load(path, allow_pickle=False) as stored:
            version = int(stored["version"])
            if version != SCORES_VERSION:
                raise ArtifactError(
                    f"{path.name} has format version {version}; this program reads "
                    f"{SCORES_VERSION}. {REBUILD}"
                )
            arrays = {name: stored[name].astype(float) for name in _SCORE_ARRAYS}
            prompt_ids = tuple(str(name) for name in stored["prompt_ids"])
            fold = stored["fold"].astype(int)
    except FileNotFoundError:
        raise _missing(path) from None
    except (OSError, ValueError, KeyError, EOFError, BadZipFile, zlib.error) as error:
        raise ArtifactError(f"{path.name} is damaged: {error}. {REBUILD}") from error
    return RecordedScores(prompt_ids, **arrays, fold=fold)
