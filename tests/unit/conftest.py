"""What unit tests share."""

from pathlib import Path

import pytest
from budget_log import MadeUp, made_up_log
from tiny_llama import make_tiny_embedded, make_tiny_llama

from core.policies.budget import BudgetModel
from core.policies.budget.training import fit


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny LLaMA's folder; a test that changes it makes a copy."""
    return make_tiny_llama(tmp_path_factory.mktemp("tiny") / "llama")


@pytest.fixture(scope="session")
def tiny_embedded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny LLaMA of the embedded LLM's kind; a test that changes it copies it."""
    return make_tiny_embedded(tmp_path_factory.mktemp("tiny") / "embedded")


@pytest.fixture(scope="session")
def made_up() -> MadeUp:
    """A small log for the budget policy."""
    return made_up_log(60)


@pytest.fixture(scope="session")
def budget_model(made_up: MadeUp) -> BudgetModel:
    """What the budget policy learns from it."""
    return fit(*made_up)
