"""4-bit LLMs on a Space that is lent a GPU for each batch (ZeroGPU).

The package `spaces` runs a decorated function in another process, which has the GPU until the
function ends; arguments and what it yields are pickled in between. It is there on such a Space
alone, and wants to be imported before the page is launched, so nothing else imports this module.
Errors of lending itself, such as a visitor's quota, are Gradio's and pass through as they are.
"""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import lru_cache
from queue import SimpleQueue
from threading import Event

import spaces

from core.llms.base import (
    NO_CONTROL,
    Attempt,
    Completion,
    Control,
    Failure,
    LLMError,
    Sampling,
    now,
)
from core.llms.local.llm import BATCH_SIZE, LocalLLM, load_4bit, local_folder
from core.llms.local.loaded_once import closers

LOADING_S = 60
BATCH_S = 30
"""Generous guesses for a 7B model; the GPU goes back as soon as the answers are there."""

Told = tuple[int, str] | Attempt | list[Completion | Failure] | Failure
"""A piece of text, a try that ended, all results, or why nothing can be answered at all."""


def _seconds(model: str, sampling: Sampling, messages: Sequence[str]) -> int:
    """How long the GPU is asked for."""
    return LOADING_S + BATCH_S * math.ceil(len(messages) / BATCH_SIZE)


@spaces.GPU(duration=_seconds)
def _answer(model: str, sampling: Sampling, messages: Sequence[str]) -> Iterator[Told]:
    """Load the model where it is not loaded yet, and answer; closing the iterator stops it."""
    told: SimpleQueue[Told | None] = SimpleQueue()
    stopped = Event()
    control = Control(told.put, lambda *piece: told.put(piece), stopped.is_set)
    with ThreadPoolExecutor(1) as thread:
        results = thread.submit(lambda: _loaded(model, sampling).complete(messages, control))
        results.add_done_callback(lambda _: told.put(None))
        try:
            while (event := told.get()) is not None:
                yield event
            yield results.result()
        except LLMError as error:
            yield Failure(error.kind, str(error))
        finally:
            stopped.set()


@lru_cache(maxsize=1)
def _loaded(model: str, sampling: Sampling) -> LocalLLM:
    return load_4bit(model, sampling)


closers.append(_loaded.cache_clear)


class LentGPU:
    """A chat model in 4 bits on a GPU that is lent for each batch."""

    base_url = None

    def __init__(self, model: str, sampling: Sampling) -> None:
        """Bring the model's files here, so that no GPU waits for a download.

        Raises:
            LLMError: the model or the right to use it is missing.
        """
        self.name = f"hf:{model}"
        self.model = model
        self.max_tokens = sampling.max_tokens
        self._sampling = sampling
        if local_folder(model) is None:
            from core.llms.local.hub import fetch

            fetch(model, lambda sizes: None)

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        """Answer each message; once the caller cancels, the GPU goes back.

        Answers that had ended by then are kept.

        Raises:
            LLMError: nothing can be answered at all.
        """
        begun = None
        texts = [""] * len(messages)
        ended: dict[int, Attempt] = {}
        with closing(_answer(self.model, self._sampling, list(messages))) as told:
            while not control.cancelled():
                begun = begun or now()
                event = next(told)
                if isinstance(event, list):
                    return event
                if isinstance(event, Failure):
                    raise LLMError(event)
                if isinstance(event, Attempt):
                    ended[event.position] = event
                    control.on_attempt(event)
                else:
                    texts[event[0]] += event[1]
                    if control.on_text is not None:
                        control.on_text(*event)
        # Nobody told which of the others had begun, so all of them count.
        if begun is not None:
            for position in sorted(set(range(len(texts))) - ended.keys()):
                control.on_attempt(Attempt(position, begun, self.model, "cancelled"))
        return [self._stopped(text, ended.get(n)) for n, text in enumerate(texts)]

    def _stopped(self, text: str, attempt: Attempt | None) -> Completion | Failure:
        if attempt is not None and attempt.outcome == "ok":
            return Completion(text, attempt.usage, self.model, attempt.seconds)
        return Failure("cancelled", "Stopped before the answer was complete.")
