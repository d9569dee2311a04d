"""From a recipe to the folder that ships, with a learning curve measured on the way."""

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from transformers import GenerationConfig

from core.embedded_training import accuracy
from core.embedded_training.recipe import Recipe
from core.embedded_training.splits import templates
from core.embedded_training.training import Progress, Training, save, train
from core.llms.base import Completion, Failure, Sampling
from core.llms.embedded.calculator import Calculator
from core.llms.local.llm import LocalLLM
from core.llms.local.transformers_model import Weights
from core.prompts import prompt_by_id

CURVE_PROMPT = "cot"
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
) -> dict[str, float]:
    """Train, or go on training, and write the finished model to ``out``.

    Args:
        recipe: What the model depends on.
        work: Folder for checkpoints.
        out: Folder for the model, in the layout of the Hugging Face Hub.
        on_step: Called after every batch.
        on_measure: Called with each row of the learning curve: step, loss, seconds, and the share
            right of own questions in unseen phrases, of MAWPS and of SVAMP development questions.

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

    training = train(recipe, work, on_step, measure, on_measure)
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
