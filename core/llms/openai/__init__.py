"""LLMs behind the OpenAI API, or behind any server that speaks it."""
