"""What a person asks for: rank the prompts, solve a question, learn from a log of their own."""
