"""Parts of a parsed document, whatever stands in their place."""

from typing import Any


def as_object(value: object) -> dict[str, Any]:
    """The object that a value is, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects(values: object, what: str) -> list[dict[str, Any]]:
    """The objects of a list.

    Raises:
        ValueError: it is no list, or holds something else.
    """
    if not isinstance(values, list) or not all(isinstance(one, dict) for one in values):
        raise ValueError(f"{what} must be a list of objects.")
    return values
