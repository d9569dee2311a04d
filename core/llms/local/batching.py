"""Writing answers with a model in this process, many at once, whatever computes it."""

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

import numpy as np

from core.llms.base import Control, FinishReason, Sampling, now
from core.llms.local.text_stream import TextStream

_SPARE = 4
"""A batch ends when one in so many of its answers goes on and others wait."""


@dataclass(eq=False)
class Row:
    """One answer while it is written.

    Attributes:
        position: Index of its message in the caller's batch.
        prompt: Tokens of the message in its chat frame.
        limit: Most tokens of the answer, its end token included.
        uniform: Numbers in [0, 1) that decide the tokens, shape (limit,).
        stream: Collects the text.
        tokens: Drawn so far.
        finish: Why the answer ended, None while it has not.
        failure: Why there is no answer, None when nothing went wrong.
        started: When its first batch began, None before.
        seconds: Its share of the time that its batches took.
    """

    position: int
    prompt: list[int]
    limit: int
    uniform: np.ndarray
    stream: TextStream
    tokens: list[int] = field(default_factory=list)
    finish: FinishReason | None = None
    failure: Literal["cancelled", "out of memory"] | None = None
    started: datetime | None = None
    seconds: float = 0.0

    def take(self, token: int, ends: frozenset[int]) -> str:
        """Append a token; return the text that is complete with it."""
        self.tokens.append(token)
        if token in ends:
            self.finish = "stop"
            return self.stream.finish()
        piece = self.stream.push(token)
        if len(self.tokens) == self.limit:
            self.finish = "length"
            piece += self.stream.finish()
        return piece


class Watch:
    """Hands new tokens to the rows of a batch, tells the caller, and says when it is over."""

    def __init__(self, rows: list[Row], ends: frozenset[int], control: Control, spare: int) -> None:
        self._rows = rows
        self._ends = ends
        self._control = control
        self._spare = spare
        self.stopped = False
        """Whether the caller has cancelled."""

    def take(self, rows: Sequence[Row], tokens: Sequence[int]) -> bool:
        """Give each of these rows its next token; True when no further ones are wanted.

        A row that has ended takes none.
        """
        for row, token in zip(rows, tokens, strict=True):
            if row.finish is None:
                piece = row.take(token, self._ends)
                if piece and self._control.on_text is not None:
                    self._control.on_text(row.position, piece)
        self.stopped = self._control.cancelled()
        return self.stopped or sum(row.finish is None for row in self._rows) <= self._spare


class Model(Protocol):
    """A loaded chat model; several LLMs may share it."""

    @property
    def ends(self) -> frozenset[int]:
        """Tokens that end an answer."""
        ...

    @property
    def context(self) -> int:
        """Most tokens of a prompt and its answer together."""
        ...

    @property
    def lock(self) -> threading.Lock:
        """Held while it computes."""
        ...

    def encode(self, message: str) -> list[int]:
        """Tokens of a user message in the model's chat frame."""
        ...

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens, without control tokens and just as the model wrote it."""
        ...

    def generate(self, rows: list[Row], sampling: Sampling, watch: Watch) -> None:
        """Go on with the rows, token by token, until the watch says that it is over.

        Raises:
            MemoryError: memory ran out; the rows keep what they had until then.
        """
        ...


def write(
    model: Model, rows: Sequence[Row], sampling: Sampling, control: Control, batch_size: int
) -> Iterator[Row]:
    """Write all answers, at most ``batch_size`` at a time, and yield each row as it is done.

    Prompts of like length share a batch, so that little is padded; the longest come first, which
    shows soonest when memory is short. Then the batch is halved and goes on where it stopped. The
    last few answers of a batch, which would keep the places of all others, go on at the end.
    """
    waiting = deque(sorted(rows, key=lambda row: len(row.prompt), reverse=True))
    while waiting:
        batch = [waiting.popleft() for _ in range(min(batch_size, len(waiting)))]
        spare = len(batch) // _SPARE if waiting else 0
        if _fits(model, batch, sampling, control, spare):
            waiting.extend(row for row in batch if row.finish is None and row.failure is None)
        elif len(batch) == 1:
            batch[0].failure = "out of memory"
        else:
            batch_size = len(batch) // 2
            waiting.extendleft(row for row in reversed(batch) if row.finish is None)
        yield from (row for row in batch if row.finish or row.failure)


def _fits(model: Model, rows: list[Row], sampling: Sampling, control: Control, spare: int) -> bool:
    """Write the answers of one batch but the last ``spare``; False when memory ran out before."""
    with model.lock:
        stopped = control.cancelled()
        if not stopped:
            watch = Watch(rows, model.ends, control, spare)
            start, when = time.perf_counter(), now()
            for row in rows:
                row.started = row.started or when
            try:
                model.generate(rows, sampling, watch)
            except MemoryError:
                return False
            finally:
                share = (time.perf_counter() - start) / len(rows)
                for row in rows:
                    row.seconds += share
            stopped = watch.stopped
    for row in rows:
        if stopped and row.finish is None:
            row.failure = "cancelled"
    return True
