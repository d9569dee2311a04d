"""Many messages at once to an OpenAI-compatible server: tries, waits and cancelling."""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from concurrent.futures import Future
from dataclasses import replace
from typing import Any, Literal, TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from core.llms.base import UNKNOWN_USAGE, Attempt, Completion, Control, Failure, FailureKind, now
from core.llms.openai.errors import TryError
from core.llms.openai.frame import Frame
from core.llms.openai.patience import Slots
from core.llms.openai.request import Caller

_Result = TypeVar("_Result")
TRIES = 4
_TOO_MUCH = ("time-out", "rate limit")
"""How a server says that it gets more at once than it can answer."""
_POLL_S = 0.1
_CANCELLED = Failure("cancelled", "Stopped before the answer was complete.")
back_off_s = wait_exponential_jitter(multiplier=0.5, max=20, jitter=0.5)


class Batches:
    """Answers batches with a common bound on requests that run at once.

    All of it runs in one event loop.
    """

    def __init__(
        self,
        caller: Caller,
        model: str,
        concurrency: int,
        sleep: Callable[[float], Awaitable[None]],
    ) -> None:
        self._caller = caller
        self._model = model
        self._slots = Slots(concurrency)
        self._sleep = sleep

    async def answer(
        self, messages: Sequence[str], frame: Frame | None, control: Control
    ) -> list[Completion | Failure]:
        """Answer each message; an error of one of the caller's hooks stops all and is raised."""
        tasks = [
            asyncio.create_task(self._answer_one(position, message, frame, control))
            for position, message in enumerate(messages)
        ]
        running = set(tasks)
        try:
            while running and not _broken(tasks) and not control.cancelled():
                _, running = await asyncio.wait(
                    running, timeout=_POLL_S, return_when=asyncio.FIRST_EXCEPTION
                )
        finally:
            for task in running:
                task.cancel()
        return [_result(end) for end in await asyncio.gather(*tasks, return_exceptions=True)]

    async def _answer_one(
        self, position: int, message: str, frame: Frame | None, control: Control
    ) -> Completion | Failure:
        retrying = AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(TRIES),
            wait=_wait_s,
            retry=retry_if_exception(lambda error: isinstance(error, TryError) and error.again),
            reraise=True,
        )
        try:
            return await retrying(self._try_adapted, position, message, frame, control)
        except TryError as error:
            return error.failure

    async def _try_adapted(
        self, position: int, message: str, frame: Frame | None, control: Control
    ) -> Completion:
        """Try, and at once again without each parameter that the server does not take."""
        while True:
            try:
                return await self._try(position, message, frame, control)
            except TryError as error:
                if not error.parameters:
                    raise
                self._caller.leave_out(error.parameters)

    async def _try(
        self, position: int, message: str, frame: Frame | None, control: Control
    ) -> Completion:
        on_text = control.on_text
        async with self._slots.one() as told:
            if control.cancelled():
                raise TryError(_CANCELLED)
            when, start = now(), time.perf_counter()
            outcome: Literal["ok"] | FailureKind = "cancelled"
            usage = UNKNOWN_USAGE
            try:
                completion = await self._caller.ask(
                    message, frame, on_text and (lambda piece: on_text(position, piece))
                )
                outcome, usage = "ok", completion.usage
                return replace(completion, seconds=time.perf_counter() - start)
            except TryError as error:
                outcome, usage = error.failure.kind, error.usage
                raise
            finally:
                seconds = time.perf_counter() - start
                if outcome in ("ok", *_TOO_MUCH):
                    told(outcome == "ok")
                control.on_attempt(Attempt(position, when, self._model, outcome, usage, seconds))


def _broken(tasks: "Sequence[asyncio.Task[Completion | Failure]]") -> bool:
    """Whether a task ended with an error, which only a caller's hook brings about."""
    ended = [task for task in tasks if task.done() and not task.cancelled()]
    return any(task.exception() is not None for task in ended)


def _result(end: Completion | Failure | BaseException) -> Completion | Failure:
    if isinstance(end, asyncio.CancelledError):
        return _CANCELLED
    if isinstance(end, BaseException):
        raise end
    return end


def _wait_s(state: RetryCallState) -> float:
    """Seconds before the next try: what the server asks for, or longer each time and jittered."""
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, TryError) and error.wait_s is not None:
        return error.wait_s
    return back_off_s(state)


class BackgroundLoop:
    """Runs coroutines for any number of threads, also for those that run a loop themselves.

    anyio's portal does the same, but whoever opened it has to wait at its end for requests that
    hang; the end of this one comes when an LLM is collected, in whatever thread that happens.
    """

    def __init__(self, name: str) -> None:
        self._loop = asyncio.new_event_loop()
        # A daemon, so that a request that hangs does not keep the program from ending.
        threading.Thread(target=_run, args=(self._loop,), name=name, daemon=True).start()

    def submit(self, coroutine: Coroutine[Any, Any, _Result]) -> "Future[_Result]":
        """Start a coroutine; cancelling the future cancels it."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def stop(self, close: Callable[[], Awaitable[None]]) -> None:
        """End the thread once ``close`` is done, without waiting for it."""
        self.submit(self._stop(close))

    async def _stop(self, close: Callable[[], Awaitable[None]]) -> None:
        try:
            await close()
        finally:
            self._loop.stop()


def _run(loop: asyncio.AbstractEventLoop) -> None:
    try:
        loop.run_forever()
    finally:
        loop.close()
