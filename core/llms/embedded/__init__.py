"""The small LLaMA that comes with the project, computed with NumPy alone."""
