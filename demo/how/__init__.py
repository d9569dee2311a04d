"""The tab How it works: the idea on one screen."""
