"""Checkpoints of a training, whole or not at all whenever the program is killed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from pickle import UnpicklingError
from typing import BinaryIO

import torch

from core.embedded_training.progress import Progress, Training
from core.errors import DataError

CHECKPOINT = "checkpoint.pt"


def save(training: Training, work: Path) -> None:
    state = {
        "recipe": asdict(training.recipe),
        "model": training.model.state_dict(),
        "optimizers": [one.state_dict() for one in training.optimizers],
        "progress": asdict(training.progress),
        "curve": training.curve,
    }
    partial = work / "checkpoint.partial"
    with _durable(partial) as file:
        torch.save(state, file)
    partial.replace(work / CHECKPOINT)


@contextmanager
def _durable(path: Path) -> Iterator[BinaryIO]:
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def load(training: Training, work: Path) -> None:
    path = work / CHECKPOINT
    try:
        state = torch.load(path, map_location=training.model.device, weights_only=True)
    except (UnpicklingError, RuntimeError, EOFError) as error:
        raise DataError(
            f"{path} is damaged ({type(error).__name__}). Delete it to start anew."
        ) from error
    if state["recipe"] != asdict(training.recipe):
        raise DataError(
            f"{path} is a training with other settings, {state['recipe']}. Use those settings, "
            "choose another --work folder, or delete that file to start anew."
        )
    training.model.load_state_dict(state["model"])
    for optimizer, stored in zip(training.optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(stored)
    training.progress = Progress(**state["progress"])
    training.curve = state["curve"]
