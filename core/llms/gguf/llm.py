"""An LLM in a GGUF file, asked as all others are."""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from core.llms.base import NO_CONTROL, Attempt, Completion, Control, Failure, Sampling, now
from core.llms.gguf.batch import Batch
from core.llms.gguf.checks import File, inspect
from core.llms.gguf.hub import located
from core.llms.gguf.names import parse
from core.llms.local.checks import require_packages
from core.llms.local.random_numbers import Draws

if TYPE_CHECKING:
    from core.llms.gguf.engine import Engine

MESSAGE_TOKENS = 512
"""Room for a message before longer ones are asked; a question of GSM8K with its prompt has 300."""
_ROUNDED = 256
_SEEDS = 2**24
"""As many as the numbers of a seeded draw tell apart."""


def load_gguf(model: str, sampling: Sampling) -> "GgufLLM":
    """Open the LLM called ``gguf:`` and ``model``; nothing is downloaded.

    Raises:
        UnknownNameError: there is no such name.
        LLMError: the file or a package is missing, the file is damaged or none of an LLM, or
            memory is too little.
    """
    require_packages(("xllamacpp",))
    source = parse(model)
    path = located(source)
    identity = f"{source.repo}/{source.file}" if source.path is None else str(path.resolve())
    llm = GgufLLM(inspect(source, path), identity, sampling)
    with llm.engine():
        return llm


class GgufLLM:
    """A chat model in a GGUF file that llama.cpp runs; its answers cost time.

    Threads that ask it take turns. With a seed, the n-th answer to a message starts from the same
    random numbers; llama.cpp adds in another order in batches of another size, so that likewise
    texts are the same only while the batches are.
    """

    base_url = None

    def __init__(self, file: File, model: str, sampling: Sampling) -> None:
        """Nothing is loaded yet.

        Args:
            file: That has been looked at.
            model: As logs know it.
            sampling: How tokens are drawn.
        """
        self.name = file.name
        self.model = model
        self.max_tokens = sampling.max_tokens
        self._file = file
        self._sampling = sampling
        self._draws = Draws(sampling.seed)
        tokens = "|".join(map(re.escape, file.header.control_tokens)) or "(?!)"
        self._control_tokens = re.compile(tokens)

    @contextmanager
    def engine(self, message_tokens: int = MESSAGE_TOKENS) -> Iterator["Engine"]:
        """The engine with room for so many tokens and an answer, loaded if need be.

        Raises:
            LLMError: it cannot be loaded, or memory is too little.
        """
        from core.llms.gguf.engine import lend

        wanted = -(-(message_tokens + self.max_tokens) // _ROUNDED) * _ROUNDED
        with lend(self._file, min(wanted, self._file.header.context), _threads()) as engine:
            yield engine

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        """Answer each message; one that is longer than the model's context fails."""
        if not messages:
            return []
        plain = [self._without_control_tokens(message) for message in messages]
        with self.engine() as engine:
            counts = [engine.count(message) for message in plain]
        fitting = [n for n, count in enumerate(counts) if count < self._file.header.context]
        results: dict[int, Completion | Failure] = {
            n: self._too_long(n, count, control)
            for n, count in enumerate(counts)
            if n not in fitting
        }
        if fitting:
            longest = max(MESSAGE_TOKENS, *(counts[n] for n in fitting))
            with self.engine(longest) as engine:
                texts = {n: plain[n] for n in fitting}
                request = partial(self._request, longest=engine.context)
                results |= Batch(engine, self, request, control).answer(texts)
        return [results[n] for n in range(len(messages))]

    def _request(self, message: str, longest: int) -> dict[str, Any]:
        """How llama.cpp is to draw the next answer to a message."""
        sampling = self._sampling
        return {
            "max_tokens": min(sampling.max_tokens, longest),
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            # In this order, and nothing else: top-k, min-p and penalties are llama.cpp's defaults.
            "samplers": ["temperature", "top_p"],
            "seed": int(self._draws.take(message, 1)[0] * _SEEDS),
        }

    def _without_control_tokens(self, message: str) -> str:
        """A blank inside what someone wrote like a control token keeps it from being one."""
        return self._control_tokens.sub(lambda found: f"{found[0][0]} {found[0][1:]}", message)

    def _too_long(self, position: int, count: int, control: Control) -> Failure:
        control.on_attempt(Attempt(position, now(), self.model, "bad request"))
        return Failure(
            "bad request",
            f"The message has {count:,} tokens; {self.name} reads and writes at most "
            f"{self._file.header.context:,} together. Shorten the question or the prompt.",
        )


def _threads() -> int:
    """One processor stays free: threads that wait for one that is busy slow all of them down.

    On two processors beside another program, two threads wrote 4 to 10 tokens a second where one
    wrote 70 to 83.
    """
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (usable or 1) - 1)
