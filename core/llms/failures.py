"""How a call can fail, and what follows from it: one table for all who have to decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

FailureKind = Literal[
    "bad key",
    "not found",
    "retired model",
    "rate limit",
    "no credit",
    "bad request",
    "server error",
    "no connection",
    "time-out",
    "cut off",
    "malformed",
    "out of memory",
    "not recorded",
    "cancelled",
]
Affair = Literal["key", "operator", "provider", "asker"]
"""Who can mend it: whoever owns the key, whoever runs this program, the provider by and by, or
whoever wrote the question."""


@dataclass(frozen=True)
class Consequence:
    """What follows from a failure.

    Attributes:
        retried: Whether the same call may succeed a little later.
        fatal: Whether every further call of a run would fail alike.
        charged: Whether the LLM may have worked, and a provider charge, although nobody reported
            tokens: the request was taken and its answer did not arrive whole.
        affair: Who can mend it.
    """

    retried: bool
    fatal: bool
    charged: bool
    affair: Affair


CONSEQUENCES: Mapping[FailureKind, Consequence] = MappingProxyType(
    {
        #                              retried fatal  charged whose affair
        "bad key": Consequence(False, True, False, "key"),
        "not found": Consequence(False, True, False, "operator"),
        "retired model": Consequence(False, True, False, "operator"),
        "rate limit": Consequence(True, False, False, "provider"),
        "no credit": Consequence(False, True, False, "key"),
        "bad request": Consequence(False, False, False, "asker"),
        "server error": Consequence(True, False, True, "provider"),
        "no connection": Consequence(True, False, False, "operator"),
        "time-out": Consequence(True, False, True, "provider"),
        "cut off": Consequence(True, False, True, "provider"),
        "malformed": Consequence(True, False, True, "operator"),
        "out of memory": Consequence(False, False, True, "operator"),
        "not recorded": Consequence(False, False, False, "asker"),
        "cancelled": Consequence(False, True, True, "asker"),
    }
)


def may_be_charged(outcome: Literal["ok"] | FailureKind) -> bool:
    """Whether a try that ended so may cost something although its tokens are unknown."""
    return outcome == "ok" or CONSEQUENCES[outcome].charged
