"""The page: layout only, everything on it is computed by ``core``."""
