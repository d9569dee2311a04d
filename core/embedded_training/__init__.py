"""The embedded LLM: a small LLaMA that this project trains from scratch on arithmetic questions.

questions (own grammar, published equation templates) ─▶ answers in sixteen styles ─▶ training
"""
