"""The small LLM that comes with the project: it answers without PyTorch, on any processor."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import ThreadpoolController

from core.errors import ArtifactError
from core.llms.base import Sampling
from core.llms.embedded.sampling import draw
from core.llms.local.batching import Row, Watch
from core.llms.local.checks import unloadable
from core.llms.local.llm import LocalLLM
from core.llms.local.loaded_once import Shared
from core.paths import FOLDER

if TYPE_CHECKING:
    from core.llms.embedded.calculator import Calculator
    from core.llms.embedded.chat_frame import ChatFrame
    from core.llms.embedded.llama import Llama

EMBEDDED = "embedded"
BATCH_SIZE = 64
"""More answers together hardly need more memory, and take little longer than one."""


def load_embedded(sampling: Sampling, folder: Path = FOLDER / EMBEDDED) -> LocalLLM:
    """Load the small LLM that comes with the project.

    Answers are cut where its context ends when ``sampling`` allows more tokens.

    Raises:
        ArtifactError: it has not been built.
        LLMError: the files are damaged.
    """
    if not (folder / "config.json").is_file():
        raise ArtifactError(
            f"The embedded LLM is not in {folder}. Build it with `python -m core train-embedded`."
        )
    model = _shared.get(folder.resolve(), lambda: _load(folder))
    return LocalLLM(EMBEDDED, EMBEDDED, model, sampling, BATCH_SIZE)


@dataclass(frozen=True, eq=False)
class NumpyModel:
    """A loaded LLaMA that NumPy computes; several LLMs may share it.

    Attributes:
        llama: Computes scores.
        frame: Between messages and tokens.
        ends: Tokens that end an answer.
        context: Most tokens of a prompt and its answer together.
        calculator: Writes the results of equations.
        lock: Held while it computes.
    """

    llama: "Llama"
    frame: "ChatFrame"
    ends: frozenset[int]
    context: int
    calculator: "Calculator"
    lock: threading.Lock = field(default_factory=threading.Lock)
    _pools: ThreadpoolController = field(default_factory=ThreadpoolController)

    def encode(self, message: str) -> list[int]:
        """Tokens of a user message in the model's chat frame."""
        return self.frame.encode(message)

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens, without control tokens and just as the model wrote it."""
        return self.frame.decode(tokens)

    def generate(self, rows: list[Row], sampling: Sampling, watch: Watch) -> None:
        """Draw tokens until the watch says that it is over; rows that end leave the batch.

        One thread computes: matrices this small gain little from a second one, and where another
        program computes too, threads that wait for each other lose far more.

        Raises:
            MemoryError: there is too little memory.
        """
        # SiLU's exponential of a large number is infinite, and its share then rightly 0.
        with self._pools.limit(limits=1, user_api="blas"), np.errstate(over="ignore"):
            self._generate(list(rows), sampling, watch)

    def _generate(self, rows: list[Row], sampling: Sampling, watch: Watch) -> None:
        uniform = _uniform(rows)
        lines = np.arange(len(rows))
        scores, cache = self.llama.read([row.prompt + row.tokens for row in rows])
        for step in range(uniform.shape[1]):
            tokens = draw(scores, uniform[lines, step], sampling)
            for place, row in enumerate(rows):
                if (result := self.calculator.next(row.tokens)) is not None:
                    tokens[place] = result
            if watch.take(rows, tokens.tolist()):
                return
            going = np.array([row.finish is None for row in rows])
            if not going.all():
                kept = cache.keep(going)
                rows = [rows[place] for place in kept]
                lines, tokens = lines[kept], tokens[kept]
            scores = self.llama.step(tokens, cache)


def _uniform(rows: Sequence[Row]) -> np.ndarray:
    """The random numbers that each row has left, float32 of shape (rows, most left)."""
    left = [row.uniform[len(row.tokens) :] for row in rows]
    uniform = np.zeros((len(rows), max(map(len, left))), np.float32)
    for line, numbers in zip(uniform, left, strict=True):
        line[: len(numbers)] = numbers
    return uniform


_shared: Shared[NumpyModel] = Shared()


def _load(folder: Path) -> NumpyModel:
    # Only now: it imports what a page without local LLMs does not need.
    from safetensors import SafetensorError

    from core.llms.embedded.calculator import Calculator
    from core.llms.embedded.chat_frame import ChatFrame
    from core.llms.embedded.files import read_config, read_tokenizer, read_weights
    from core.llms.embedded.llama import Llama

    try:
        config = read_config(folder)
        tokenizer = read_tokenizer(folder)
        llama = Llama(config, read_weights(folder, config))
        frame = ChatFrame(tokenizer)
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise unloadable(EMBEDDED, folder, error) from error
    return NumpyModel(
        llama,
        frame,
        frozenset({config.end}),
        config.context,
        Calculator(tokenizer),
    )
