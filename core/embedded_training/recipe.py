"""What a training of the embedded LLM depends on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Everything that the embedded LLM depends on, besides the code and the published questions.

    Attributes:
        steps: Batches.
        batch: Examples in a batch.
        learning_rate: Its highest value.
        hidden, layers, heads, inner: Shape of the LLaMA.
        seed: Of the weights and of every question.
        practice_from: Batch from which on practice is mixed in; stories alone come before.
        measure_every: Batches between two points of the learning curve.
    """

    steps: int = 5800
    batch: int = 32
    learning_rate: float = 1.5e-3
    hidden: int = 192
    layers: int = 4
    heads: int = 6
    inner: int = 512
    seed: int = 1
    practice_from: int = 1600
    measure_every: int = 1000
