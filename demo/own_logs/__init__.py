"""The tab Your logs: a log of one's own, checked, learned from and judged."""
