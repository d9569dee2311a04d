"""An event loop in a thread of its own, for asynchronous clients behind synchronous methods."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

_Result = TypeVar("_Result")


class BackgroundLoop:
    """Runs coroutines for any number of threads, also for those that run a loop themselves."""

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
