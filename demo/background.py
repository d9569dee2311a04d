"""Work beside the page: in a thread of its own, told as it happens, stopped by its visitor."""

import contextvars
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

_GLANCE_S = 0.3
"""Seconds between two looks at whether somebody stopped it."""
_PATIENCE_S = 10.0
"""How long stopped work may take to end before the page goes on without it."""

Told = TypeVar("Told")


class _Over:
    """The last thing that work tells: that it has ended, and why if it was not meant to."""

    def __init__(self, fault: BaseException | None) -> None:
        self.fault = fault


class Task(Generic[Told]):
    """Something to do that tells what happens; whoever does it asks now and then for ``stopped``.

    It runs in the context of whoever made it, which holds the request that lent GPUs are counted
    by.
    """

    def __init__(self, work: Callable[["Task[Told]"], None]) -> None:
        """Nothing is begun yet.

        Args:
            work: Is given this task, to tell and to look at ``stopped``.
        """
        self._work = work
        self._stopped = threading.Event()
        self._told: SimpleQueue[Told | _Over] = SimpleQueue()
        context = contextvars.copy_context()
        self._thread = threading.Thread(target=context.run, args=(self._run,), daemon=True)

    @property
    def stopped(self) -> bool:
        """Whether somebody stopped it."""
        return self._stopped.is_set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Say that it shall end; what it tells from now on reaches nobody."""
        self._stopped.set()

    def join(self, timeout: float) -> None:
        """Wait until it has ended, so many seconds at most; not for what has not begun."""
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def tell(self, event: Told) -> None:
        """Say what happened."""
        self._told.put(event)

    def events(self, glance: Callable[[], None] = lambda: None) -> Iterator[Told]:
        """Begin, and yield what happens until the end; nothing more once it was stopped.

        Of what happened while nobody looked only the latest is yielded. Closing the iterator stops
        the work.

        Args:
            glance: Called now and then; what it raises ends the work.

        Raises:
            BaseException: whatever the work raised.
        """
        self.start()
        try:
            while not self.stopped:
                glance()
                event, over = self._latest()
                if event is not None and not self.stopped:
                    yield event
                if over is not None:
                    if over.fault is not None and not self.stopped:
                        raise over.fault
                    return
        finally:
            self.stop()

    def _latest(self) -> tuple[Told | None, _Over | None]:
        """The newest event if there is one within a glance, and the end if it has come."""
        event: Told | None = None
        try:
            told = self._told.get(timeout=_GLANCE_S)
            while not isinstance(told, _Over):
                event = told
                told = self._told.get_nowait()
        except Empty:
            return event, None
        return event, told

    def _run(self) -> None:
        fault = None
        try:
            self._work(self)
        except BaseException as raised:  # noqa: BLE001 - raised again where its events are read
            fault = raised
        self._told.put(_Over(fault))


class UnderWay:
    """The tasks of all visitors, so that Stop reaches them.

    A visitor is known by the session that Gradio gives the page.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: dict[str, list[Task]] = defaultdict(list)

    def add(self, visitor: str, task: Task) -> None:
        """A task is about to begin."""
        with self._lock:
            self._tasks[visitor].append(task)

    def ended(self, visitor: str, task: Task) -> None:
        """A task has ended; nothing of it is kept."""
        with self._lock:
            tasks = self._tasks.get(visitor, [])
            if task in tasks:
                tasks.remove(task)
            if not tasks:
                self._tasks.pop(visitor, None)

    def stop(self, visitor: str) -> None:
        """Stop what a visitor has under way and wait until it has ended."""
        with self._lock:
            tasks = list(self._tasks.get(visitor, []))
        for task in tasks:
            task.stop()
        for task in tasks:
            task.join(_PATIENCE_S)

    def __len__(self) -> int:
        """How many are under way."""
        with self._lock:
            return sum(map(len, self._tasks.values()))
