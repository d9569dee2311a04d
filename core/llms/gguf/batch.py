"""Answering the messages of a batch in the parallel slots of the engine."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Literal

from core.llms.base import LLM, Attempt, Completion, Control, Failure, FinishReason, Usage, now

if TYPE_CHECKING:
    from core.llms.gguf.engine import Engine


class Batch:
    """Messages that are answered together, as many at a time as the engine has slots."""

    def __init__(
        self,
        engine: "Engine",
        llm: LLM,
        request: Callable[[str], dict[str, Any]],
        control: Control,
    ) -> None:
        """Nothing is asked yet.

        Args:
            engine: That nobody else uses meanwhile.
            llm: Whose answers they are.
            request: How the answer to a message is drawn.
            control: Watches and stops.
        """
        self._engine = engine
        self._llm = llm
        self._request = request
        self._control = control
        self._clock = _SharedClock()
        self._free: SimpleQueue[int] = SimpleQueue()

    def answer(self, messages: Mapping[int, str]) -> dict[int, Completion | Failure]:
        """Answer messages by their positions, at least one."""
        slots = min(self._engine.slots, len(messages))
        texts = list(messages.values())
        for slot in range(slots):
            self._free.put(slot)
        if slots > 1 and _have_much_in_common(texts) and not self._control.cancelled():
            with self._clock.reading():
                self._engine.share(texts[0], slots)
        with ThreadPoolExecutor(slots, thread_name_prefix="gguf") as pool:
            answers = pool.map(self._one, messages, texts)
            return dict(zip(messages, answers, strict=True))

    def _one(self, position: int, message: str) -> Completion | Failure:
        if self._control.cancelled():
            return _CANCELLED
        slot, when, pieces = self._free.get(), now(), []

        def stop(text: str) -> bool:
            if text:
                pieces.append(text)
                if self._control.on_text is not None:
                    self._control.on_text(position, text)
            return self._control.cancelled()

        try:
            with self._clock.writing() as watch:
                done = self._engine.answer(message, slot, self._request(message), stop)
        finally:
            self._free.put(slot)
        usage = Usage(done.prompt_tokens, done.completion_tokens)
        outcome: Literal["ok", "server error", "cancelled"] = "ok"
        if done.finish is None:
            outcome = "server error" if done.error else "cancelled"
        model = self._llm.model
        self._control.on_attempt(Attempt(position, when, model, outcome, usage, watch.seconds))
        if outcome == "server error":
            return Failure("server error", f"{self._llm.name} could not answer: {done.error}.")
        if outcome == "cancelled":
            return _CANCELLED
        finish: FinishReason = "length" if done.finish == "length" else "stop"
        return Completion("".join(pieces), usage, model, watch.seconds, finish)


_CANCELLED = Failure("cancelled", "Stopped before the answer was complete.")


def _have_much_in_common(texts: Sequence[str]) -> bool:
    """Whether reading their common beginning once saves more than it takes."""
    shortest = min(map(len, texts))
    differ = (n for n, letters in enumerate(zip(*texts, strict=False)) if len(set(letters)) > 1)
    return 2 * next(differ, shortest) > shortest


class _Watch:
    """Seconds of one answer; they grow while it is written."""

    seconds = 0.0


class _SharedClock:
    """Divides time among the answers that are being written, so that their seconds add up."""

    def __init__(self) -> None:
        self._running: set[_Watch] = set()
        self._since = time.perf_counter()
        self._before = 0.0
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[None]:
        """What is read for all counts for the first answer."""
        start = time.perf_counter()
        yield
        self._before += time.perf_counter() - start

    @contextmanager
    def writing(self) -> Iterator[_Watch]:
        """Count for one answer."""
        watch = _Watch()
        with self._lock:
            self._divide()
            self._running.add(watch)
            watch.seconds, self._before = self._before, 0.0
        try:
            yield watch
        finally:
            with self._lock:
                self._divide()
                self._running.discard(watch)

    def _divide(self) -> None:
        at = time.perf_counter()
        for watch in self._running:
            watch.seconds += (at - self._since) / len(self._running)
        self._since = at
