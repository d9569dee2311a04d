"""Models behind the OpenAI API, or any server that speaks it."""

import asyncio
import math
import weakref
from collections.abc import Awaitable, Callable, Sequence
from copy import copy

from core.environment import number
from core.errors import DataError
from core.llms.base import CONCURRENCY, NO_CONTROL, Completion, Control, Failure, Sampling
from core.llms.openai.frame import Frame
from core.llms.openai.server import find_server

TIMEOUT_S = 60.0
TIMEOUT_VARIABLE = "PROMPT_OIRL_TIMEOUT"
"""Seconds that a server may be silent before a request is given up."""


class OpenAICompatible:
    """A chat model on a server; every message is one chat completion.

    Threads share it, and with it the bound on requests that run at once. The hooks of ``Control``
    are called from a thread of its own; none of them may call ``complete``. The ``seconds`` of a
    completion are those of the try that was answered.

    Attributes:
        name: ``openai:`` and the model.
        model: As the server names it.
        base_url: The address of the server.
    """

    def __init__(
        self,
        model: str,
        sampling: Sampling = Sampling(),  # noqa: B008 - frozen
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        concurrency: int = CONCURRENCY,
        timeout_s: float | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Prepare a client; nothing is sent yet.

        Args:
            model: As the server names it.
            sampling: How its tokens are drawn; what a server does not take is left out with a
                warning in the log.
            api_key: A key instead of ``OPENAI_API_KEY``.
            base_url: An address instead of ``OPENAI_BASE_URL``; one that differs from it is not
                sent the key of the environment.
            concurrency: Most requests at once, over all threads.
            timeout_s: Seconds that the server may be silent; None for ``PROMPT_OIRL_TIMEOUT``,
                or 60 without it.
            sleep: Waits so many seconds before a message is tried again.

        Raises:
            DataError: the address or a number is not allowed.
            LLMError: the key is missing.
        """
        if concurrency < 1:
            raise DataError(f"concurrency is {concurrency}; at least 1 is needed.")
        if timeout_s is None:
            set_s = number(TIMEOUT_VARIABLE, lambda s: 0 < s < math.inf, "seconds, more than 0")
            timeout_s = TIMEOUT_S if set_s is None else set_s
        if not 0 < timeout_s < math.inf:
            raise DataError(f"timeout_s is {timeout_s}; more than 0 is needed.")
        server = find_server(api_key, base_url)
        from core.llms.openai.batch import BackgroundLoop, Batches
        from core.llms.openai.request import Caller, make_client

        self.name = f"openai:{model}"
        self.model = model
        self.base_url: str = server.base_url
        self.max_tokens = sampling.max_tokens
        client = make_client(server)
        caller = Caller(client, server, model, sampling, timeout_s)
        self._batches = Batches(caller, model, concurrency, sleep)
        self._loop = BackgroundLoop(self.name)
        self._frame: Frame | None = None
        self._origin: OpenAICompatible | None = None
        # A visitor's own key makes an LLM of its own, whose thread ends with it.
        weakref.finalize(self, self._loop.stop, client.close).atexit = False

    def __repr__(self) -> str:
        """The model and its address."""
        return f"OpenAICompatible({self.model!r}, base_url={self.base_url!r})"

    def framed(self, frame: Frame, max_tokens: int) -> "OpenAICompatible":
        """The same server and model, with a caller's own messages and settings around each message.

        Connections and the bound on requests are shared.

        Args:
            frame: What goes along.
            max_tokens: Most tokens of an answer under these settings.
        """
        other = copy(self)
        # Connections end with the object that made them.
        other._origin = self._origin or self
        other.max_tokens = max_tokens
        other._frame = frame
        return other

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        """Answer each message; one that fails for a passing reason is tried up to four times.

        Answers are streamed when ``control.on_text`` is set. One that breaks off after some of its
        text was passed on is a failure. Once the caller cancels, complete answers are kept.
        """
        future = self._loop.submit(self._batches.answer(messages, self._frame, control))
        try:
            return future.result()
        finally:
            # When this thread is interrupted, nobody waits for the answers any more.
            future.cancel()
