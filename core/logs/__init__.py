"""Logs: one table for all of them, where they come from, and how they are read and checked."""
