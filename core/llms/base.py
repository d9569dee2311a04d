"""What every LLM answers to: messages in, completions with their token usage out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Usage:
    """Tokens of one call as the LLM's own tokenizer counts them; None where nobody counted."""

    prompt_tokens: int | None
    completion_tokens: int | None

    @property
    def total(self) -> int | None:
        """All tokens of the call, or None when either part is unknown."""
        if self.prompt_tokens is None or self.completion_tokens is None:
            return None
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True)
class Completion:
    """One answer of an LLM.

    Attributes:
        text: The answer as written.
        usage: Its tokens.
        model: The LLM that wrote it.
        seconds: Wall-clock time of the call, None for a recorded one.
    """

    text: str
    usage: Usage
    model: str
    seconds: float | None = None


class LLM(Protocol):
    """A source of answers, reached by its name through ``core.llms.get``."""

    name: str
    model: str

    def complete(self, messages: Sequence[str]) -> list[Completion]:
        """Answer each user message, in order; a batch is one call of this protocol."""
        ...
