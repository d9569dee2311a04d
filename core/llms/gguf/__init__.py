"""LLMs in GGUF files: 4 bits on any processor, with llama.cpp (package xllamacpp).

Importing this package loads neither llama.cpp nor huggingface_hub; opening an LLM or asking the
Hub does.
"""

from core.llms.gguf.names import SHORT_NAMES, Source, parse

__all__ = ["SHORT_NAMES", "Source", "parse"]
