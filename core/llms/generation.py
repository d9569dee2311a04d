"""Writing answers with a local model, many at once."""

import logging
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
import torch
from transformers import (
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
    TopPLogitsWarper,
)

from core.llms.base import Control, FinishReason, Sampling, now
from core.llms.text_stream import TextStream
from core.llms.weights import Weights

_SMALL = 50_000_000
"""Parameters up to which a model on the processor computes in one thread."""

_SPARE = 4
"""A batch ends when one in so many of its answers goes on and others wait."""

# It warns when a batch with its padding is longer than the context, which no row of it is.
logging.getLogger("transformers.generation.stopping_criteria").setLevel(logging.ERROR)


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


def write(
    weights: Weights, rows: Sequence[Row], sampling: Sampling, control: Control, batch_size: int
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
        if _fits(weights, batch, sampling, control, spare):
            waiting.extend(row for row in batch if row.finish is None and row.failure is None)
        else:
            _free_memory()
            if len(batch) == 1:
                batch[0].failure = "out of memory"
            else:
                batch_size = len(batch) // 2
                waiting.extendleft(row for row in reversed(batch) if row.finish is None)
        yield from (row for row in batch if row.finish or row.failure)


@contextmanager
def _threads(weights: Weights) -> Iterator[None]:
    """One thread for a small model: a second one saves a fifth of the time at best.

    Where another program computes too, threads that wait for each other at every small matrix
    made the answers of a 4.5M model on two cores 100 times slower.
    """
    before = torch.get_num_threads()
    if weights.model.device.type == "cpu" and weights.model.num_parameters() <= _SMALL:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _free_memory() -> None:
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def _fits(
    weights: Weights, rows: list[Row], sampling: Sampling, control: Control, spare: int
) -> bool:
    """Write the answers of one batch but the last ``spare``; False when memory ran out before."""
    with weights.lock:
        stopped = control.cancelled()
        if not stopped:
            start, when = time.perf_counter(), now()
            for row in rows:
                row.started = row.started or when
            try:
                with _threads(weights):
                    stopped = _generate(weights, rows, sampling, control, spare)
            except torch.OutOfMemoryError:
                return False
            finally:
                share = (time.perf_counter() - start) / len(rows)
                for row in rows:
                    row.seconds += share
    for row in rows:
        if stopped and row.finish is None:
            row.failure = "cancelled"
    return True


def _generate(
    weights: Weights, rows: list[Row], sampling: Sampling, control: Control, spare: int
) -> bool:
    """Draw tokens until at most ``spare`` rows go on; True when the caller stopped it before."""
    device = weights.model.device
    inputs = [row.prompt + row.tokens for row in rows]
    width = max(map(len, inputs))
    ids = torch.full((len(rows), width), weights.padding)
    mask = torch.zeros_like(ids)
    for number, tokens in enumerate(inputs):
        ids[number, width - len(tokens) :] = torch.tensor(tokens)
        mask[number, width - len(tokens) :] = 1
    watch = _Watch(rows, weights.ends, control, spare)
    weights.model.generate(
        input_ids=ids.to(device),
        attention_mask=mask.to(device),
        generation_config=GenerationConfig(
            do_sample=False,
            max_new_tokens=max(row.limit - len(row.tokens) for row in rows),
            pad_token_id=weights.padding,
        ),
        logits_processor=LogitsProcessorList(
            [_Draw(rows, sampling, width, device)] if sampling.temperature > 0 else []
        ),
        stopping_criteria=StoppingCriteriaList([watch]),
    )
    return watch.stopped


class _Draw(LogitsProcessor):
    """Leaves the one token that each row's own random number picks.

    ``generate`` would draw from PyTorch's shared generator, where a text depends on the rest of
    its batch and on other threads.
    """

    def __init__(
        self, rows: list[Row], sampling: Sampling, width: int, device: torch.device
    ) -> None:
        steps = max(row.limit - len(row.tokens) for row in rows)
        uniform = torch.zeros((len(rows), steps), dtype=torch.float64)
        for number, row in enumerate(rows):
            left = row.uniform[len(row.tokens) :]
            uniform[number, : len(left)] = torch.from_numpy(left)
        self._uniform = uniform.to(device)
        self._width = width
        self._temperature = sampling.temperature
        self._top_p = TopPLogitsWarper(sampling.top_p)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        highest = scores.max(dim=-1, keepdim=True).values
        scaled = (scores - highest).double() / self._temperature
        share = self._top_p(input_ids, scaled).softmax(dim=-1).cumsum(dim=-1)
        step = input_ids.shape[1] - self._width
        drawn = self._uniform[:, step : step + 1] * share[:, -1:]
        # Scores that are no numbers would point behind the last token, which breaks CUDA for good.
        token = torch.searchsorted(share, drawn, right=True).clamp_(max=scores.shape[1] - 1)
        return torch.full_like(scores, -torch.inf).scatter_(1, token, 0.0)


class _Watch(StoppingCriteria):
    """Hands each new token to its row, tells the caller, and ends rows that are done."""

    def __init__(self, rows: list[Row], ends: frozenset[int], control: Control, spare: int) -> None:
        self._spare = spare
        self._rows = rows
        self._ends = ends
        self._control = control
        self.stopped = False

    def __call__(
        self, input_ids: torch.Tensor, scores: torch.Tensor, **_: object
    ) -> torch.BoolTensor:
        for row, token in zip(self._rows, input_ids[:, -1].tolist(), strict=True):
            if row.finish is None:
                piece = row.take(token, self._ends)
                if piece and self._control.on_text is not None:
                    self._control.on_text(row.position, piece)
        self.stopped = self._control.cancelled()
        left = sum(row.finish is None for row in self._rows)
        over = self.stopped or left <= self._spare
        done = [over or row.finish is not None for row in self._rows]
        return torch.tensor(done, device=input_ids.device)
