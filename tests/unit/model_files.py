"""Files of trained models as visitors have them."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
from own_log import own_log

from core.asking.own_log import scorer_of
from core.asking.ranking import with_its_log
from core.logs.own import inspect
from core.prompts import PROMPTS
from core.reward import RewardModel, storage


def published_log() -> pd.DataFrame:
    """A log of the first eight published prompts."""
    rows = own_log(60, prompts=8)
    names = {text: PROMPTS[number].text for number, text in enumerate(rows["prompt"].unique())}
    return rows.assign(prompt=rows["prompt"].map(names), prompt_tokens=40, completion_tokens=9)


def write_model(folder: Path, rows: pd.DataFrame, *, with_log: bool = True) -> Path:
    """Learn from a log, and write the model as the command line does.

    Args:
        folder: For the file.
        rows: The log.
        with_log: Whether the file says how its log was.
    """
    path = folder / "log.csv"
    rows.to_csv(path, index=False)
    found = inspect(path)
    model = RewardModel.fit(found.table, found.prompts)
    told = with_its_log(scorer_of(model, found.table)) if with_log else model
    storage.save(told, folder / "mine.zip")
    return folder / "mine.zip"


def rewritten(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change the header of a model's file."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    header = json.loads(members["header.json"])
    change(header)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in (members | {"header.json": json.dumps(header).encode()}).items():
            archive.writestr(name, data)
