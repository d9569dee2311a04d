"""An OpenAI-compatible server that chooses the prompt for the LLM behind it."""
