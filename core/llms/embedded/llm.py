"""The small LLM that comes with the project: it answers without PyTorch, on any processor."""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import ThreadpoolController

from core.errors import ArtifactError
from core.llms.base import Sampling
from core.llms.embedded.files import read_config
from core.llms.embedded.sampling import draw
from core.llms.local.batching import Row, Watch
from core.llms.local.checks import refusal, require_packages, unloadable
from core.llms.local.llm import LocalLLM
from core.llms.local.loaded_once import Shared
from core.paths import FOLDER

if TYPE_CHECKING:
    from core.llms.embedded.chat_frame import ChatFrame
    from core.llms.embedded.llama import Llama

EMBEDDED = "embedded"
BATCH_SIZE = 64
"""More answers together hardly need more memory, and take little longer than one."""
_PACKAGES = ("safetensors", "tokenizers", "jinja2")


def load_embedded(sampling: Sampling, folder: Path = FOLDER / EMBEDDED) -> LocalLLM:
    """Load the small LLM that comes with the project.

    Answers are cut where its context ends when ``sampling`` allows more tokens.

    Raises:
        ArtifactError: it has not been built.
        LLMError: a package is missing, the files are damaged, or the model is of another kind.
    """
    if not (folder / "config.json").is_file():
        raise ArtifactError(
            f"The embedded LLM is not in {folder}. Build it with `python -m core train-embedded`."
        )
    require_packages(_PACKAGES)
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
        lock: Held while it computes.
    """

    llama: "Llama"
    frame: "ChatFrame"
    ends: frozenset[int]
    context: int
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
    from core.llms.embedded.chat_frame import load_frame, load_tokenizer
    from core.llms.embedded.llama import Llama
    from core.llms.embedded.weights import read_weights

    config = read_config(folder / "config.json", EMBEDDED)
    tokenizer, special = load_tokenizer(folder, EMBEDDED)
    if tokenizer.get_vocab_size() > config.vocabulary:
        raise refusal(
            "malformed",
            f"The tokenizer of {EMBEDDED} has {tokenizer.get_vocab_size():,} tokens, its model "
            f"{config.vocabulary:,}. Copy or build them together.",
        )
    ends = {tokenizer.token_to_id(special["eos_token"])} if "eos_token" in special else set()
    return NumpyModel(
        Llama(config, read_weights(folder, config, EMBEDDED)),
        load_frame(folder, EMBEDDED, tokenizer, special),
        frozenset(ends | _stored_ends(folder)) - {None},
        config.context,
    )


def _stored_ends(folder: Path) -> set[int | None]:
    """End tokens by the model's own files, where these name any."""
    path = folder / "generation_config.json"
    if not path.is_file():
        path = folder / "config.json"
    try:
        stored = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise unloadable(EMBEDDED, folder, f"{path.name}: {error}") from error
    if not isinstance(stored, dict):
        raise unloadable(EMBEDDED, folder, f"{path.name} is {stored!r:.40}, not an object")
    named = stored.get("eos_token_id")
    ends = named if isinstance(named, list) else [named]
    if not all(end is None or type(end) is int for end in ends):
        raise unloadable(
            EMBEDDED,
            folder,
            f"eos_token_id in {path.name} is {named!r:.40}; a token number or a list of them is "
            "allowed",
        )
    return set(ends)
