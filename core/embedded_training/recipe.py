"""What a training of the embedded LLM depends on."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True)
class Recipe:
    """Everything that the embedded LLM depends on, besides the code and the published questions.

    Attributes:
        steps: Batches.
        batch: Examples in a batch.
        matrix_rate: Highest learning rate of the layers' matrices, which Muon trains (Jordan et
            al. 2024); scaled so that it means what it means to AdamW.
        rate: The same of everything else, which AdamW trains.
        hidden, layers, heads, inner: Shape of the LLaMA.
        seed: Of the weights and of every question.
        measure_every: Batches between two points of the learning curve.
        decay: Last part of the training in which the learning rate falls to nothing.
        start: SHA-256 of the weights that it goes on from; empty for a training from scratch.
    """

    steps: int = 12000
    batch: int = 48
    matrix_rate: float = 3e-3
    rate: float = 1.5e-3
    hidden: int = 192
    layers: int = 4
    heads: int = 4
    inner: int = 512
    seed: int = 1
    measure_every: int = 1250
    decay: float = 0.4
    start: str = ""

    def going_on(self, weights: Path) -> "Recipe":
        """The same from given weights: at half the learning rate, which falls all the way."""
        return replace(
            self,
            matrix_rate=self.matrix_rate / 2,
            rate=self.rate / 2,
            decay=1.0,
            start=hashlib.sha256(weights.read_bytes()).hexdigest(),
        )
