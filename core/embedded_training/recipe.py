"""What a training of the embedded LLM depends on."""

from dataclasses import dataclass


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
