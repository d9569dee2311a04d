"""The card that goes with the artifacts: what was made from what, under which licence, and how."""

import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import pandas as pd

from core.costs.prices import PRICE_DATE, price_of
from core.demonstrations import DATASET_LABELS
from core.evaluation.budgeted import BATCH_DIALS
from core.evaluation.crossfit import FOLDS, REPETITIONS
from core.evaluation.frontier import one_row
from core.evaluation.statistics import RESAMPLES
from core.policies import entries, label_of
from core.policies.verifier.features import FEATURES
from core.reward import RewardModel

_TEXT = Path(__file__).with_name("data_card.md")
"""The card, with names in braces where figures stand."""
_LIBRARIES = ("lightgbm", "scikit-learn", "numpy", "scipy", "pandas", "genai-prices")


def data_card(models: Mapping[str, RewardModel], frontier: pd.DataFrame) -> str:
    """Write the card as Markdown.

    Args:
        models: The reward models that were saved, by the LLM they are for.
        frontier: The table that was saved.
    """
    trained = "\n".join(
        f"| `reward-{llm}.zip` | {model.description['demonstrations']:,} | "
        f"{model.description['queries']:,} | {len(model.prompts)} |"
        for llm, model in models.items()
    )
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return _TEXT.read_text("utf-8").format(
        trained=trained,
        repetitions=REPETITIONS,
        folds=FOLDS,
        resamples=RESAMPLES,
        prices=_prices(models),
        day=PRICE_DATE,
        python=platform.python_version(),
        libraries=libraries,
        dials=_dials(frontier),
        features=len(FEATURES),
    )


def _dials(frontier: pd.DataFrame) -> str:
    """Accuracy and mean calls of each variant of the budget policy, a row per number asked for."""
    names = [entry.name for entry in entries().values() if entry.learned is not None]
    lines = [
        f"| LLM | data set | asked for | {' | '.join(map(label_of, names))} |",
        f"| --- | --- | ---: |{' ---: |' * len(names)}",
    ]
    given = frontier[frontier["prompt_set"] != "mended"]
    rows = given[given["policy"].isin(names) & given["parameter"].isin(BATCH_DIALS)]
    for (llm, dataset, asked), mine in rows.groupby(["llm", "dataset", "parameter"], sort=False):
        shown = " | ".join(_in_calls(one_row(mine, name)) for name in names)
        lines.append(f"| {llm} | {DATASET_LABELS[dataset]} | {asked:g} | {shown} |")
    return "\n".join(lines)


def _in_calls(row: pd.Series | None) -> str:
    return "—" if row is None else f"{100 * row['accuracy']:.1f} in {row['calls']:.1f}"


def _prices(models: Mapping[str, RewardModel]) -> str:
    parts = []
    for llm in models:
        price = price_of(llm)
        parts.append(
            f"{llm} ${price.prompt:g} in and ${price.completion:g} out per million tokens "
            f"({price.provider}, {price.source})"
            if price
            else f"{llm} no price"
        )
    return "; ".join(parts)
