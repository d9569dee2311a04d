"""A loaded model of transformers, and how it draws the tokens of a batch."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import (
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
    TopPLogitsWarper,
)

from core.llms.base import Sampling
from core.llms.local.batching import Row, Watch

_SMALL = 50_000_000
"""Parameters up to which a model on the processor computes in one thread."""

# It warns when a batch with its padding is longer than the context, which no row of it is.
logging.getLogger("transformers.generation.stopping_criteria").setLevel(logging.ERROR)


@dataclass(frozen=True, eq=False)
class Weights:
    """A loaded model; several LLMs may share it.

    Attributes:
        model: In evaluation mode, without gradients.
        tokenizer: Has a chat template.
        ends: Tokens that end an answer.
        padding: The token that fills up shorter prompts of a batch; it is masked.
        context: Most tokens of a prompt and its answer together.
        forced: The token that has to follow the tokens of an answer, None where any may; None
            when the model writes all of its answers itself.
        lock: Held while the model computes.
    """

    # transformers does not say in its types what a call returns; these are chat models.
    model: Any
    tokenizer: Any
    ends: frozenset[int]
    padding: int
    context: int
    forced: Callable[[Sequence[int]], int | None] | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def encode(self, message: str) -> list[int]:
        """Tokens of a user message in the model's chat frame.

        Control tokens that someone wrote into the message are read as plain text.
        """
        return self.tokenizer.apply_chat_template(
            [{"role": "user", "content": message}],
            add_generation_prompt=True,
            sanitize_control_tokens=True,
            return_dict=False,
        )

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens, without control tokens and just as the model wrote it."""
        return self.tokenizer.decode(
            tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False
        )

    def generate(self, rows: list[Row], sampling: Sampling, watch: Watch) -> None:
        """Draw tokens until the watch says that it is over.

        Raises:
            MemoryError: the GPU's memory ran out; it is given back first.
        """
        if not _fits(self, rows, sampling, watch):
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            raise MemoryError


def _fits(weights: Weights, rows: list[Row], sampling: Sampling, watch: Watch) -> bool:
    """Draw; False when memory ran out. Once it returns, no error holds on to the tensors."""
    try:
        with _threads(weights):
            _generate(weights, rows, sampling, watch)
    except torch.OutOfMemoryError:
        return False
    return True


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


def _generate(weights: Weights, rows: list[Row], sampling: Sampling, watch: Watch) -> None:
    device = weights.model.device
    inputs = [row.prompt + row.tokens for row in rows]
    width = max(map(len, inputs))
    ids = torch.full((len(rows), width), weights.padding)
    mask = torch.zeros_like(ids)
    for number, tokens in enumerate(inputs):
        ids[number, width - len(tokens) :] = torch.tensor(tokens)
        mask[number, width - len(tokens) :] = 1
    processors: list[LogitsProcessor] = []
    if sampling.temperature > 0:
        processors.append(Draw(rows, sampling, width, device))
    if weights.forced is not None:
        processors.append(_Force(rows, weights.forced))
    weights.model.generate(
        input_ids=ids.to(device),
        attention_mask=mask.to(device),
        generation_config=GenerationConfig(
            do_sample=False,
            max_new_tokens=max(row.limit - len(row.tokens) for row in rows),
            pad_token_id=weights.padding,
        ),
        logits_processor=LogitsProcessorList(processors),
        stopping_criteria=StoppingCriteriaList([_Stop(rows, watch)]),
    )


class Draw(LogitsProcessor):
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


class _Force(LogitsProcessor):
    """Leaves the one token that has to follow, in the rows where one has to."""

    def __init__(self, rows: list[Row], forced: Callable[[Sequence[int]], int | None]) -> None:
        self._rows = rows
        self._forced = forced

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        for number, row in enumerate(self._rows):
            token = self._forced(row.tokens) if row.finish is None else None
            if token is not None:
                scores[number] = -torch.inf
                scores[number, token] = 0.0
        return scores


class _Stop(StoppingCriteria):
    """Passes each new token on, and ends the rows that are done."""

    def __init__(self, rows: list[Row], watch: Watch) -> None:
        self._rows = rows
        self._watch = watch

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor, **_: object) -> Any:
        over = self._watch.take(self._rows, input_ids[:, -1].tolist())
        done = [over or row.finish is not None for row in self._rows]
        return torch.tensor(done, device=input_ids.device)
