"""What the server holds of visitors' logs: each one whole, few in all, and gone when forgotten."""

import shutil
import tempfile
import threading
import weakref
from pathlib import Path

from core.asking.own_log import OwnLog
from core.asking.ranking import with_its_log
from core.errors import DataError
from core.logs.own import Inspection
from core.reward import storage
from demo.own_logs.job import Job

MOST_LOGS = 10
"""Logs of all visitors that are held at once."""
MOST_BYTES = 500_000_000
"""Of all their tables together."""
_LOCK = threading.Lock()
_HELD: "weakref.WeakSet[KeptLog]" = weakref.WeakSet()
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


class KeptLog:
    """A sound log, its training and what was learned; forgotten as a whole whoever points to it."""

    def __init__(self, name: str, found: Inspection) -> None:
        """Hold a log under its file's name.

        Raises:
            DataError: too many logs are held, or too large ones.
        """
        self.name = name
        self._found: Inspection | None = found
        self.bytes_held = int(found.table.memory_usage(deep=True).sum())
        self._job: Job | None = None
        self._trained: Trained | None = None
        self._lock = threading.Lock()
        with _LOCK:
            if len(_HELD) >= MOST_LOGS or sum(log.bytes_held for log in _HELD) > (
                MOST_BYTES - self.bytes_held
            ):
                raise DataError(
                    "The server holds as many logs of other visitors as it has room for. Try again "
                    "later: a log goes when its owner deletes it or has left."
                )
            _HELD.add(self)

    @property
    def found(self) -> Inspection | None:
        """Its rows; None once it is forgotten."""
        return self._found

    @property
    def trained(self) -> Trained | None:
        """What was learned from it, None before and once it is forgotten."""
        return self._trained

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
        with _LOCK:
            _HELD.discard(self)

    def _drop(self) -> None:
        self.stop()
        if self._trained is not None:
            self._trained.delete()
        self._trained = None
