"""Rebuilds what ships in `precomputed/`: models, tables, the data card and the README's figures."""
