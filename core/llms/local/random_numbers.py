"""Random numbers for sampling that depend on the seed and the message alone."""

import hashlib
import threading
from collections import Counter

import numpy as np


class Draws:
    """Uniform numbers, one for each token of an answer.

    The n-th answer to a message is drawn from the seed, the message and n. So a program that asks
    the same again gets the same texts, whatever else is in a batch, however a batch is split and
    whichever thread comes first; and asking one message twice gives two independent answers.
    """

    def __init__(self, seed: int | None) -> None:
        self._seed = seed
        self._asked: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, message: str, count: int) -> np.ndarray:
        """Numbers in [0, 1) for the next answer to ``message``: float32 of shape (count,)."""
        if self._seed is None:
            return np.random.default_rng().random(count, dtype=np.float32)
        with self._lock:
            self._asked[message] += 1
            nth = self._asked[message]
        digest = hashlib.sha256(f"{self._seed} {nth} {message}".encode()).digest()
        generator = np.random.default_rng(int.from_bytes(digest))
        return generator.random(count, dtype=np.float32)
