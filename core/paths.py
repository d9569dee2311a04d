"""Where the project's own files lie."""

from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "precomputed"
"""What ships: models, tables, examples, the embedded LLM and its log."""
