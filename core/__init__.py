"""Prompt-OIRL: learn offline which prompt answers a query best, then spend one LLM call on it.

The method is that of Sun, Hüyük and van der Schaar, "Query-Dependent Prompt Evaluation and
Optimization with Offline Inverse RL", ICLR 2024.
"""
