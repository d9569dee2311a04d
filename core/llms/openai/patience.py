"""How long a server may be silent, and how many requests it gets at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

LONGEST = 5
"""Waits after which a request is given up although the server answers others."""


class Patience:
    """Gives requests up once a server has said nothing for some time.

    A server that answers one request after the other lets the last of many wait long. So whatever
    it sends for one of them begins the waits of all anew.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._waits: dict[asyncio.Timeout, float] = {}

    @asynccontextmanager
    async def waiting(self) -> AsyncIterator[Callable[[], None]]:
        """Wait for what is awaited inside, which may say that something came of its own answer.

        Raises:
            TimeoutError: the server was silent too long.
        """
        clock = asyncio.get_running_loop().time
        async with asyncio.timeout(self._seconds) as wait:

            def heard() -> None:
                self._waits[wait] = clock() + LONGEST * self._seconds
                self._begin_anew(clock() + self._seconds)

            self._waits[wait] = clock() + LONGEST * self._seconds
            try:
                yield heard
            finally:
                del self._waits[wait]

    def _begin_anew(self, end: float) -> None:
        for wait, last in self._waits.items():
            if not wait.expired():
                wait.reschedule(min(end, last))


class Slots:
    """A bound on requests that run at once, which falls while a server cannot keep up.

    It is halved when a request times out or is one too many, and grows again by one for every
    round of answers, as TCP does with its packets (Jacobson 1988).
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._allowed = float(most)
        self._busy = 0
        self._freed = asyncio.Condition()
        self._halved = 0.0

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Callable[[bool], None]]:
        """Hold a slot; yields what is told whether the server kept up."""
        async with self._freed:
            await self._freed.wait_for(lambda: self._busy < int(self._allowed))
            self._busy += 1
        clock = asyncio.get_running_loop().time
        began = clock()

        def told(kept_up: bool) -> None:
            if kept_up:
                self._allowed = min(self._most, self._allowed + 1 / self._allowed)
            elif began >= self._halved:
                # Those that ran beside it say nothing new.
                self._halved = clock()
                self._allowed = max(1.0, self._allowed / 2)

        try:
            yield told
        finally:
            self._busy -= 1
            async with self._freed:
                self._freed.notify_all()
