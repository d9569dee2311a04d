"""A batch of training: the loss, what lowers it, and how fast."""

import torch
from torch.nn import functional
from transformers import LlamaForCausalLM

from core.embedded_training.batches import IGNORED
from core.embedded_training.progress import Training
from core.embedded_training.recipe import Recipe

WARM_UP = 100
"""Batches in which the learning rate rises."""
_WEIGHT_DECAY = 0.05


def optimizers_of(recipe: Recipe, model: LlamaForCausalLM) -> tuple[torch.optim.Optimizer, ...]:
    matrices = [weight for weight in model.model.layers.parameters() if weight.ndim == 2]
    known = {id(weight) for weight in matrices}
    others = [weight for weight in model.parameters() if id(weight) not in known]
    muon = torch.optim.Muon(
        matrices,
        lr=recipe.matrix_rate,
        weight_decay=_WEIGHT_DECAY,
        adjust_lr_fn="match_rms_adamw",
    )
    adam = torch.optim.AdamW(others, lr=recipe.rate, betas=(0.9, 0.98), weight_decay=0.0)
    return muon, adam


def learn(training: Training, tokens: torch.Tensor, labels: torch.Tensor) -> float:
    """One step of gradient descent; returns the loss before it."""
    model, device = training.model, training.model.device
    tokens, labels = tokens.to(device), labels.to(device)
    asked = labels != IGNORED
    with torch.autocast(device.type, torch.bfloat16, enabled=_fast_bfloat16(device)):
        hidden = model.model(input_ids=tokens, use_cache=False).last_hidden_state
        # Only the answers' tokens need the wide product with the vocabulary.
        logits = model.lm_head(hidden[asked])
    loss = functional.cross_entropy(logits.float(), labels[asked])
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    share = schedule(training.recipe, training.progress.step)
    rates = training.recipe.matrix_rate, training.recipe.rate
    for optimizer, rate in zip(training.optimizers, rates, strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate * share
        optimizer.step()
        optimizer.zero_grad()
    return loss.item()


def _fast_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is faster than float32; many processors take twenty times longer."""
    return device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()


def schedule(recipe: Recipe, step: int) -> float:
    """Share of the learning rate at a step: rises, stays, falls in a straight line."""
    rise = (step + 1) / WARM_UP
    fall = (recipe.steps - step) / (recipe.steps * recipe.decay)
    return min(1.0, rise, fall)
