"""Training examples as padded tensors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from random import Random

import torch
from tokenizers import Tokenizer

from core.embedded_training.examples import Example, examples
from core.embedded_training.published_templates import Template
from core.embedded_training.tokenizer import ASSISTANT, CONTEXT, END, PAD, USER
from core.llms.embedded.calculator import Calculator

IGNORED = -100
POOL = 64
"""Batches that are drawn together and sorted by length, so that little of them is padding."""


@dataclass(frozen=True)
class _Row:
    """One example: its tokens, and which of them are to be learned."""

    ids: list[int]
    learned: list[bool]


def batches(
    tokenizer: Tokenizer,
    templates: Sequence[Template],
    size: int,
    seed: int,
    start: int = 0,
) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Draw batches without end; which one comes at which place depends on the arguments alone.

    Args:
        tokenizer: The embedded LLM's.
        templates: Published questions of the training part.
        size: Examples in a batch.
        seed: Of all batches.
        start: Number of batches to leave out, to take up a training where it stopped.

    Yields:
        Token ids and labels, both int64 of shape (size, longest). The label of a token is the
        token after it where that is to be learned, else ``IGNORED``.
    """
    pad = tokenizer.token_to_id(PAD) or 0
    calculator = Calculator(tokenizer)
    first, skipped = divmod(start, POOL)
    for pool in count(first):
        random = Random(f"{seed}:{pool}")
        drawn = _pool(tokenizer, calculator, templates, size, random)
        for rows in islice(drawn, skipped, None):
            yield _padded(rows, pad)
        skipped = 0


def _pool(
    tokenizer: Tokenizer,
    calculator: Calculator,
    templates: Sequence[Template],
    size: int,
    random: Random,
) -> list[list[_Row]]:
    source = examples(templates, random)
    wanted = size * POOL
    rows: list[_Row] = []
    while len(rows) < wanted:
        rows += _rows(tokenizer, calculator, list(islice(source, wanted - len(rows))))
    rows.sort(key=lambda row: len(row.ids))
    starts = list(range(0, len(rows), size))
    random.shuffle(starts)
    return [rows[start : start + size] for start in starts]


def _rows(tokenizer: Tokenizer, calculator: Calculator, drawn: Sequence[Example]) -> list[_Row]:
    """The rows of examples, too long ones left out; what the calculator writes is not learned."""
    messages = tokenizer.encode_batch([f"{USER}{one.message}{ASSISTANT}" for one in drawn])
    answers = tokenizer.encode_batch([f"{one.answer}{END}" for one in drawn])
    rows = [
        _Row(
            asked.ids + answered.ids,
            [False] * len(asked.ids) + [not one for one in calculator.results(answered.ids)],
        )
        for asked, answered in zip(messages, answers, strict=True)
    ]
    return [row for row in rows if len(row.ids) <= CONTEXT]


def _padded(rows: Sequence[_Row], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(len(row.ids) for row in rows)
    tokens = torch.full((len(rows), longest), pad)
    labels = torch.full((len(rows), longest), IGNORED)
    for place, row in enumerate(rows):
        ids = torch.tensor(row.ids)
        tokens[place, : len(ids)] = ids
        after = torch.where(torch.tensor(row.learned[1:]), ids[1:], IGNORED)
        labels[place, : len(ids) - 1] = after
    return tokens, labels
