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
        reason: ``limit`` for the spending limit, ``cancelled`` for Ctrl-C.
        progress: How far it came.
    """

    def __init__(
        self, reason: Literal["limit", "cancelled"], message: str, progress: Progress
    ) -> None:
        super().__init__(message)
        self.reason = reason
        self.progress = progress
