"""Accuracy against cost over recorded logs: matrices, splits, replay, statistics, tables."""
