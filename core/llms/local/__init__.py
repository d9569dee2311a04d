"""LLMs on this machine in 4 bits: transformers and bitsandbytes on a GPU."""
