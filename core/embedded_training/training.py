"""Train the embedded LLM, from scratch or from given weights; can be stopped at any time."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from random import Random

import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from core.embedded_training import accuracy, checkpoints
from core.embedded_training import tokenizer as tokenization
from core.embedded_training.batches import batches
from core.embedded_training.examples import examples
from core.embedded_training.learning import learn, optimizers_of
from core.embedded_training.progress import Progress, Training
from core.embedded_training.published_templates import Template
from core.embedded_training.recipe import Recipe
from core.embedded_training.splits import templates
from core.errors import DataError
from core.llms.base import Completion, Failure, Sampling
from core.llms.embedded.calculator import Calculator
from core.llms.local.llm import LocalLLM
from core.llms.local.transformers_model import Weights
from core.prompts import prompt_by_id

CHECKPOINT_SECONDS = 120
"""Most training that a kill can cost."""
_TOKENIZER_EXAMPLES = 40_000
_SMOOTHING = 0.98
CURVE_PROMPT = "cot"
WEIGHTS, RECORD = "model.safetensors", "training.json"
_OWN_ITEMS = 200
_CURVE_SEED = 0
_LONGEST = 120
"""Tokens of an answer while the curve is measured; steps take fewer."""


def build(
    recipe: Recipe,
    work: Path,
    out: Path,
    *,
    on_step: Callable[[Progress], None],
    on_measure: Callable[[dict[str, float]], None],
    source: Path | None = None,
) -> dict[str, float]:
    """Train, or go on training, and write the finished model to ``out``.

    Args:
        recipe: What the model depends on.
        work: Folder for checkpoints.
        out: Folder for the model, in the layout of the Hugging Face Hub.
        on_step: Called after every batch.
        on_measure: Called with each row of the learning curve: step, loss, seconds, and the share
            right of own questions in unseen phrases, of MAWPS and of SVAMP development questions.
        source: Folder of the model to go on from, in the layout of ``out``; none for a training
            from scratch.

    Returns:
        The last row.

    Raises:
        DataError: ``work`` holds a training of another recipe.
        MissingDataError: the published questions are not on this machine.
    """
    sets = {
        "own": accuracy.own_items(_OWN_ITEMS, _CURVE_SEED),
        **{
            source: accuracy.published_items(
                [one for one in templates()["development"] if one.source == source]
            )
            for source in ("mawps", "svamp")
        },
    }

    def measure(training: Training) -> dict[str, float]:
        return {name: _share_right(training, items) for name, items in sets.items()}

    training = train(recipe, work, on_step, measure, on_measure, source)
    save(training, out)
    return training.curve[-1]


def _share_right(training: Training, items: Sequence[accuracy.Item]) -> float:
    right = accuracy.grades(_Unfinished(training), items, prompt_by_id(CURVE_PROMPT))
    return sum(right) / len(right)


class _Unfinished:
    """The model as it is now, answering without chance."""

    def __init__(self, training: Training) -> None:
        self._model = training.model
        self._llm = _greedy(training)

    def complete(self, messages: Sequence[str]) -> list[Completion | Failure]:
        """Answer each message in evaluation mode."""
        self._model.eval()
        try:
            with torch.no_grad():
                return self._llm.complete(messages)
        finally:
            self._model.train()


def _greedy(training: Training) -> LocalLLM:
    tokenizer = training.tokenizer
    weights = Weights(
        training.model,
        tokenizer,
        frozenset({tokenizer.eos_token_id}),
        tokenizer.pad_token_id,
        training.model.config.max_position_embeddings,
        Calculator(tokenizer.backend_tokenizer).next,
    )
    training.model.generation_config = GenerationConfig()
    sampling = Sampling(temperature=0, max_tokens=_LONGEST)
    return LocalLLM("embedded", "embedded", weights, sampling, batch_size=64)


def train(
    recipe: Recipe,
    work: Path,
    on_step: Callable[[Progress], None],
    measure: Callable[[Training], dict[str, float]],
    on_measure: Callable[[dict[str, float]], None] = lambda row: None,
    source: Path | None = None,
) -> Training:
    """Train from the start, from a model or from the last checkpoint of the same recipe.

    Args:
        recipe: Everything that the model depends on.
        work: Folder for tokenizer and checkpoint.
        on_step: Called after every batch.
        measure: Called every ``recipe.measure_every`` batches and at the end; its figures become
            a row of the learning curve.
        on_measure: Called with each such row.
        source: Folder of the model to go on from.

    Raises:
        DataError: ``work`` is no folder, or its checkpoint is damaged or of another recipe.
        MissingDataError: the published questions are not on this machine.
    """
    published = templates()["train"]
    training = _start(recipe, work, published, source)
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
        loss = learn(training, tokens, labels)
        step, mean = training.progress.step + 1, training.progress.loss
        mean = loss if step == 1 else _SMOOTHING * mean + (1 - _SMOOTHING) * loss
        training.progress = Progress(step, mean, time.monotonic() - began)
        on_step(training.progress)
        if step % recipe.measure_every == 0 or step == recipe.steps:
            training.curve.append({**asdict(training.progress), **measure(training)})
            on_measure(training.curve[-1])
        if time.monotonic() - saved > CHECKPOINT_SECONDS or step == recipe.steps:
            checkpoints.save(training, work)
            saved = time.monotonic()
    return training


def save(training: Training, folder: Path) -> None:
    """Write the model in half precision with its tokenizer, in the layout of the Hugging Face Hub.

    ``training.json`` beside it holds the recipe and the learning curve, and as ``before`` the same
    of the training that this one went on from.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shipped = LlamaForCausalLM(training.model.config).half()
    shipped.load_state_dict(training.model.state_dict())
    shipped.save_pretrained(folder)
    training.tokenizer.save_pretrained(folder)
    record = {"recipe": asdict(training.recipe), "learning_curve": training.curve}
    if training.before is not None:
        record["before"] = training.before
    (folder / RECORD).write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _start(
    recipe: Recipe, work: Path, published: list[Template], source: Path | None = None
) -> Training:
    if work.is_file():
        raise DataError(f"{work} is a file; checkpoints need a folder.")
    work.mkdir(parents=True, exist_ok=True)
    before = None
    if source is None:
        tokenizer = _tokenizer(recipe, work, published)
        torch.manual_seed(recipe.seed)
        model = LlamaForCausalLM(_config(recipe, tokenizer))
    else:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(source)
        model = LlamaForCausalLM.from_pretrained(source, dtype=torch.float32).train()
        before = json.loads((source / RECORD).read_text("utf-8"))
    # transformers types this method as one that takes a model.
    model.to(_device())  # type: ignore[arg-type]
    training = Training(recipe, tokenizer, model, optimizers_of(recipe, model), before=before)
    if (work / checkpoints.CHECKPOINT).exists():
        checkpoints.load(training, work)
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


def _device() -> str:
    return "cuda" if torch.cuda.is_available() else "cpu"
