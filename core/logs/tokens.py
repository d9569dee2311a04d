"""Token counts of recorded messages and answers with the LLM's own tokenizer."""

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from core.logs import download

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LLAMA2 = "llama-2"
LLAMA2_FILE = "tokenizers/llama-2/tokenizer.json"
_BATCH = 500
_LLAMA2_FRAME = ("[INST] ", " [/INST]")


@lru_cache(maxsize=1)
def _llama2() -> "Tokenizer":
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(download.locate(LLAMA2_FILE)))


def is_available() -> bool:
    """Whether the LLaMA-2 tokenizer is on this machine; without it counts stay empty."""
    return download.is_present(LLAMA2_FILE)


def prompt_tokens(messages: Sequence[str]) -> np.ndarray:
    """Tokens the LLM reads for each user message in LLaMA-2's chat frame, its start included.

    Returns:
        Integers of shape (messages,).

    Raises:
        MissingDataError: the tokenizer is not on this machine.
    """
    before, after = _LLAMA2_FRAME
    framed = [f"{before}{message.strip()}{after}" for message in messages]
    return _lengths(framed, special=True)


def completion_tokens(answers: Sequence[str]) -> np.ndarray:
    """Tokens of each answer, the end-of-answer token included. Shape (answers,).

    Raises:
        MissingDataError: the tokenizer is not on this machine.
    """
    return _lengths(answers, special=False) + 1


def _lengths(texts: Sequence[str], *, special: bool) -> np.ndarray:
    # An encoding holds far more than its length; a part at a time keeps memory small.
    counts = [
        len(encoding.ids)
        for start in range(0, len(texts), _BATCH)
        for encoding in _llama2().encode_batch_fast(
            list(texts[start : start + _BATCH]), add_special_tokens=special
        )
    ]
    return np.array(counts, dtype=np.int64)
