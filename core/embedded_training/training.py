"""Train the embedded LLM from scratch; can be stopped and taken up again at any time."""

import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from pickle import UnpicklingError
from random import Random
from typing import BinaryIO

import torch
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from core.embedded_training import tokenizer as tokenization
from core.embedded_training.batches import IGNORED, batches
from core.embedded_training.examples import examples
from core.embedded_training.published_templates import Template
from core.embedded_training.recipe import Recipe
from core.embedded_training.splits import templates
from core.errors import DataError

_CHECKPOINT = "checkpoint.pt"
CHECKPOINT_SECONDS = 120
"""Most training that a kill can cost."""
_TOKENIZER_EXAMPLES = 40_000
_WARM_UP = 100
_WEIGHT_DECAY = 0.05
_DECAY = 0.4
"""Last part of the training in which the learning rate falls to nothing."""
_SMOOTHING = 0.98


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
    """

    recipe: Recipe
    tokenizer: PreTrainedTokenizerFast
    model: LlamaForCausalLM
    optimizers: tuple[torch.optim.Optimizer, ...]
    progress: Progress = field(default_factory=lambda: Progress(0, 0.0, 0.0))
    curve: list[dict[str, float]] = field(default_factory=list)


def train(
    recipe: Recipe,
    work: Path,
    on_step: Callable[[Progress], None],
    measure: Callable[[Training], dict[str, float]],
    on_measure: Callable[[dict[str, float]], None] = lambda row: None,
) -> Training:
    """Train from the start or from the last checkpoint of the same recipe.

    Args:
        recipe: Everything that the model depends on.
        work: Folder for tokenizer and checkpoint.
        on_step: Called after every batch.
        measure: Called every ``recipe.measure_every`` batches and at the end; its figures become
            a row of the learning curve.
        on_measure: Called with each such row.

    Raises:
        DataError: ``work`` is no folder, or its checkpoint is damaged or of another recipe.
        MissingDataError: the published questions are not on this machine.
    """
    published = templates()["train"]
    training = _start(recipe, work, published)
    steps = batches(
        training.tokenizer.backend_tokenizer,
        published,
        recipe.batch,
        recipe.seed,
        training.progress.step,
    )
    began = time.monotonic() - training.progress.seconds
    saved = time.monotonic()
    for tokens, labels in islice(steps, recipe.steps - training.progress.step):
        loss = _learn(training, tokens, labels)
        step, mean = training.progress.step + 1, training.progress.loss
        mean = loss if step == 1 else _SMOOTHING * mean + (1 - _SMOOTHING) * loss
        training.progress = Progress(step, mean, time.monotonic() - began)
        on_step(training.progress)
        if step % recipe.measure_every == 0 or step == recipe.steps:
            training.curve.append({**asdict(training.progress), **measure(training)})
            on_measure(training.curve[-1])
        if time.monotonic() - saved > CHECKPOINT_SECONDS or step == recipe.steps:
            _save_checkpoint(training, work)
            saved = time.monotonic()
    return training


def save(training: Training, folder: Path) -> None:
    """Write the model in half precision with its tokenizer, in the layout of the Hugging Face Hub.

    ``training.json`` beside it holds the recipe and the learning curve.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shipped = LlamaForCausalLM(training.model.config).half()
    shipped.load_state_dict(training.model.state_dict())
    shipped.save_pretrained(folder)
    training.tokenizer.save_pretrained(folder)
    record = {"recipe": asdict(training.recipe), "learning_curve": training.curve}
    (folder / "training.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _start(recipe: Recipe, work: Path, published: list[Template]) -> Training:
    if work.is_file():
        raise DataError(f"{work} is a file; checkpoints need a folder.")
    work.mkdir(parents=True, exist_ok=True)
    tokenizer = _tokenizer(recipe, work, published)
    torch.manual_seed(recipe.seed)
    model = LlamaForCausalLM(_config(recipe, tokenizer))
    # transformers types this method as one that takes a model.
    model.to(_device())  # type: ignore[arg-type]
    training = Training(recipe, tokenizer, model, _optimizers(recipe, model))
    if (work / _CHECKPOINT).exists():
        _load_checkpoint(training, work)
    return training


def _tokenizer(recipe: Recipe, work: Path, published: list[Template]) -> PreTrainedTokenizerFast:
    """Learn the tokenizer, or take the one that was learned for the same seed."""
    folder = work / f"tokenizer-{recipe.seed}"
    if not folder.exists():
        partial = work / "tokenizer.partial"
        drawn = islice(examples(published, Random(recipe.seed)), _TOKENIZER_EXAMPLES)
        tokenization.train((text for one in drawn for text in (one.message, one.answer)), partial)
        # Whole or not at all, whenever the program is killed.
        partial.replace(folder)
    return PreTrainedTokenizerFast.from_pretrained(folder)


def _config(recipe: Recipe, tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=recipe.hidden,
        intermediate_size=recipe.inner,
        num_hidden_layers=recipe.layers,
        num_attention_heads=recipe.heads,
        num_key_value_heads=recipe.heads,
        max_position_embeddings=tokenization.CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def _optimizers(recipe: Recipe, model: LlamaForCausalLM) -> tuple[torch.optim.Optimizer, ...]:
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


def _learn(training: Training, tokens: torch.Tensor, labels: torch.Tensor) -> float:
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
    share = _schedule(training.recipe, training.progress.step)
    rates = training.recipe.matrix_rate, training.recipe.rate
    for optimizer, rate in zip(training.optimizers, rates, strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate * share
        optimizer.step()
        optimizer.zero_grad()
    return loss.item()


def _fast_bfloat16(device: torch.device) -> bool:
    """Whether bfloat16 is computed faster than float32; many processors take twenty times longer."""
    return device.type == "cuda" or torch.cpu._is_avx512_bf16_supported()


def _schedule(recipe: Recipe, step: int) -> float:
    """Share of the learning rate at a step: rises, stays, falls in a straight line."""
    rise = (step + 1) / _WARM_UP
    fall = (recipe.steps - step) / (recipe.steps * _DECAY)
    return min(1.0, rise, fall)


def _save_checkpoint(training: Training, work: Path) -> None:
    state = {
        "recipe": asdict(training.recipe),
        "model": training.model.state_dict(),
        "optimizers": [one.state_dict() for one in training.optimizers],
        "progress": asdict(training.progress),
        "curve": training.curve,
    }
    partial = work / "checkpoint.partial"
    with _durable(partial) as file:
        torch.save(state, file)
    partial.replace(work / _CHECKPOINT)


@contextmanager
def _durable(path: Path) -> Iterator[BinaryIO]:
    with path.open("wb") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


def _load_checkpoint(training: Training, work: Path) -> None:
    path = work / _CHECKPOINT
    try:
        state = torch.load(path, map_location=training.model.device, weights_only=True)
    except (UnpicklingError, RuntimeError, EOFError) as error:
        raise DataError(
            f"{path} is damaged ({type(error).__name__}). Delete it to start anew."
        ) from error
    if state["recipe"] != asdict(training.recipe):
        raise DataError(
            f"{path} is a training with other settings, {state['recipe']}. Use those settings, "
            "choose another --work folder, or delete that file to start anew."
        )
    training.model.load_state_dict(state["model"])
    for optimizer, stored in zip(training.optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(stored)
    training.progress = Progress(**state["progress"])
    training.curve = state["curve"]


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"
