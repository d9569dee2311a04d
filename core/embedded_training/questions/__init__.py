"""The questions that train the embedded LLM: kinds, stories and sums, in many words."""
