"""The tab Ask: a question, its ranked prompts, answers and what they cost."""
