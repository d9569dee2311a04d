"""How far a collection is, and the error that says why it stopped."""

from dataclasses import dataclass
from typing import Literal

from core.errors import PromptOIRLError
from core.llms.base import FailureKind


@dataclass(frozen=True)
class Failed:
    """Calls of this run that failed in the same way, with the message of the first."""

    kind: FailureKind
    calls: int
    message: str


@dataclass(frozen=True)
class Progress:
    """How far a collection is.

    Attributes:
        done: Calls answered, in earlier runs too.
        calls: Calls in all.
        dollars: Spent so far, in earlier runs too, with unknown costs at their most; None when
            the LLM has no price.
        failed: Failures of this run, which the next one tries again.
        cut: Answers that ended at the limit of tokens.
    """

    done: int
    calls: int
    dollars: float | None
    failed: tuple[Failed, ...]
    cut: int = 0


class StoppedError(PromptOIRLError):
    """A collection stopped before its end; everything answered so far is kept.

    Attributes:
        reason: ``limit`` for the spending limit, ``cancelled`` for the caller or Ctrl-C.
        progress: How far it came.
    """

    def __init__(
        self, reason: Literal["limit", "cancelled"], message: str, progress: Progress
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.progress = progress


def kept(now: Progress, journal: str) -> str:
    """What is safe, and how to go on."""
    return (
        f"{now.done:,} of {now.calls:,} calls are answered and kept in {journal}; "
        "the same command goes on from there."
    )


def over_limit(now: Progress, limit: float, most: float) -> str:
    """Why no further call fits into the limit, and how to go on; dollars all three."""
    return (
        f"Stopped within the limit of ${limit:g}: ${now.dollars or 0:.6f} is spent, and the next "
        f"call may cost up to ${most:.6f}. {now.calls - now.done:,} of {now.calls:,} calls are "
        "left; the same command with a higher limit goes on."
    )
