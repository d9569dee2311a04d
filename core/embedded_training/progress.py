"""Where a training stands."""

from dataclasses import dataclass, field
from typing import Any

import torch
from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

from core.embedded_training.recipe import Recipe


@dataclass(frozen=True)
class Progress:
    """Where a training stands.

    Attributes:
        step: Batches learned so far.
        loss: Mean cross-entropy per token of the answers, in nats, over the latest steps.
        seconds: Training time so far, all runs together.
    """

    step: int
    loss: float
    seconds: float


@dataclass
class Training:
    """A model while it learns.

    Attributes:
        recipe: Everything that it depends on.
        tokenizer: Learned from the same examples.
        model: In training mode.
        optimizers: Muon of the layers' matrices, AdamW of everything else.
        progress: Where it stands.
        curve: What was measured on the way, a row per measurement.
        before: Record of the training that this one goes on from.
    """

    recipe: Recipe
    tokenizer: PreTrainedTokenizerFast
    model: LlamaForCausalLM
    optimizers: tuple[torch.optim.Optimizer, ...]
    progress: Progress = field(default_factory=lambda: Progress(0, 0.0, 0.0))
    curve: list[dict[str, float]] = field(default_factory=list)
    before: dict[str, Any] | None = None
