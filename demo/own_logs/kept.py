"""What the server holds of visitors: each log and model whole, few in all, gone when forgotten."""

import shutil
import tempfile
import threading
import weakref
from pathlib import Path

from core.asking.own_log import OwnLog
from core.asking.own_model import OwnModel
from core.asking.ranking import with_its_log
from core.errors import DataError
from core.logs.own import Inspection
from core.reward import storage
from demo.own_logs.job import Job

MOST_LOGS = 10
"""Logs and uploaded models of all visitors that are held at once."""
MOST_BYTES = 500_000_000
"""Of all their tables and arrays together."""
_LOCK = threading.Lock()
_HELD: "weakref.WeakSet[Kept]" = weakref.WeakSet()
"""Weak, so that a log counts no more once its session is gone, however it went."""


class Trained:
    """A log that was learned from, and the file of its reward model in a folder of its own.

    Attributes:
        log: What was learned.
        model: The file, which is deleted with this object at the latest.
    """

    def __init__(self, log: OwnLog, parent: Path, spared: set[str]) -> None:
        """Save the reward model where the page can serve it under a name nobody can guess.

        Args:
            log: What was learned.
            parent: Folder from which files are served.
            spared: Paths that stay there however old they grow; this one for as long as it exists.
        """
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="model-", dir=parent))
        stem = "".join(sign if sign.isalnum() else "-" for sign in Path(log.name).stem)[:40]
        self.log = log
        self.model = folder / f"{stem}-reward-model.zip"
        storage.save(with_its_log(log.scorer), self.model)
        spared.add(str(self.model))
        self._delete = weakref.finalize(self, _delete, self.model, spared)

    def delete(self) -> None:
        """Delete the file with its folder."""
        self._delete()


def _delete(model: Path, spared: set[str]) -> None:
    spared.discard(str(model))
    shutil.rmtree(model.parent, ignore_errors=True)


class Kept:
    """What a visitor brought; forgotten as a whole whoever points to it."""

    def __init__(self, name: str, size: int) -> None:
        """Hold it under its file's name.

        Args:
            name: Of the file.
            size: Bytes that it takes.

        Raises:
            DataError: too much is held already.
        """
        self.name, self.bytes_held = name, size
        with _LOCK:
            if len(_HELD) >= MOST_LOGS or sum(one.bytes_held for one in _HELD) > MOST_BYTES - size:
                raise DataError(
                    "The server holds as many logs of other visitors as it has room for. Try again "
                    "later: a log goes when its owner deletes it or has left."
                )
            _HELD.add(self)

    @property
    def usable(self) -> OwnModel | None:
        """What Ask may use of it; None where there is nothing, or nothing any more."""
        return None

    def stop(self) -> None:
        """Stop what is being done with it."""

    def forget(self) -> None:
        """Let go of it, and make room for another."""
        with _LOCK:
            _HELD.discard(self)


class KeptModel(Kept):
    """An uploaded model."""

    def __init__(self, model: OwnModel) -> None:
        """Hold a model.

        Raises:
            DataError: too much is held already.
        """
        reward = model.scorer.model
        arrays = (reward.describer.components, reward.memory.keys, reward.memory.effects)
        super().__init__(model.name, sum(array.nbytes for array in arrays))
        self._model: OwnModel | None = model

    @property
    def usable(self) -> OwnModel | None:
        """The model; None once it is forgotten."""
        return self._model

    def forget(self) -> None:
        """Let go of the model."""
        self._model = None
        super().forget()


class KeptLog(Kept):
    """A sound log, its training and what was learned."""

    def __init__(self, name: str, found: Inspection) -> None:
        """Hold a log under its file's name.

        Raises:
            DataError: too many logs are held, or too large ones.
        """
        super().__init__(name, int(found.table.memory_usage(deep=True).sum()))
        self._found: Inspection | None = found
        self._job: Job | None = None
        self._trained: Trained | None = None
        self._lock = threading.Lock()

    @property
    def found(self) -> Inspection | None:
        """Its rows; None once it is forgotten."""
        return self._found

    @property
    def trained(self) -> Trained | None:
        """What was learned from it, None before and once it is forgotten."""
        return self._trained

    @property
    def usable(self) -> OwnModel | None:
        """What was learned from it."""
        return None if self._trained is None else self._trained.log

    def train(self) -> Job:
        """A new training in place of the one before and of what that learned."""
        with self._lock:
            self._drop()
            self._job = Job()
            return self._job

    def stop(self) -> None:
        """Stop its training if there is one."""
        if self._job is not None:
            self._job.stop()

    def learned(self, trained: Trained) -> bool:
        """Keep what was learned; False, and its file deleted, when the log is forgotten."""
        with self._lock:
            if self._found is None:
                trained.delete()
                return False
            self._trained = trained
            return True

    def forget(self) -> None:
        """Let go of rows and model, delete its file, and make room for another log."""
        with self._lock:
            self._drop()
            self._found = None
        super().forget()

    def _drop(self) -> None:
        self.stop()
        if self._trained is not None:
            self._trained.delete()
        self._trained = None
