"""What unit tests share."""

from pathlib import Path

import pytest
from tiny_llama import make_tiny_llama


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny LLaMA's folder; a test that changes it makes a copy."""
    return make_tiny_llama(tmp_path_factory.mktemp("tiny") / "llama")
