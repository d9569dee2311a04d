"""What every LLM answers to: messages in, completions with their token usage out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol

from core.errors import DataError, PromptOIRLError
from core.llms.failures import FailureKind

FinishReason = Literal["stop", "length", "content_filter"]
CONCURRENCY = 16
"""Most calls at once of an LLM behind an API, where nobody says otherwise."""


@dataclass(frozen=True)
class Usage:
    """Tokens of one call as the LLM's own tokenizer counts them; None where nobody counted.

    Attributes:
        prompt_tokens: Of the message.
        completion_tokens: Of the answer.
        cached_tokens: Those of the message that a provider had read before and sells for less.
        dollars: What a provider says that the call cost.
    """

    prompt_tokens: int | None
    completion_tokens: int | None
    cached_tokens: int | None = None
    dollars: float | None = None

    @property
    def total(self) -> int | None:
        """All tokens of the call, or None when either part is unknown."""
        if self.prompt_tokens is None or self.completion_tokens is None:
            return None
        return self.prompt_tokens + self.completion_tokens


UNKNOWN_USAGE = Usage(None, None)


@dataclass(frozen=True)
class Completion:
    """One answer of an LLM.

    Attributes:
        text: The answer as written.
        usage: Its tokens.
        model: The model that wrote it, as its provider names it.
        seconds: Wall-clock time until it was complete, None for a recorded one. In a batch that is
            computed together each answer carries its share, so that they add up.
        finish_reason: ``stop`` when the LLM ended by itself, ``length`` when it was cut at the
            token limit; None when nobody said.
    """

    text: str
    usage: Usage
    model: str
    seconds: float | None = None
    finish_reason: FinishReason | None = None


@dataclass(frozen=True)
class Failure:
    """A message that got no answer after every retry; ``message`` is written for the user."""

    kind: FailureKind
    message: str


@dataclass(frozen=True)
class Attempt:
    """One try at one message, successful or not; what a provider may charge for.

    Attributes:
        position: Index of the message within its batch.
        when: Start, in UTC.
        model: The model asked.
        outcome: ``ok`` or the kind of failure.
        usage: Tokens, unknown when the try failed before they were reported.
        seconds: Wall-clock time of the try, None for a recorded answer.
    """

    position: int
    when: datetime
    model: str
    outcome: Literal["ok"] | FailureKind
    usage: Usage = UNKNOWN_USAGE
    seconds: float | None = None


class SpendingLimit(PromptOIRLError):  # noqa: N818 - it is a limit, not a fault
    """A call would cost its payer more than is allowed; the message says what to do."""


class LLMError(PromptOIRLError):
    """No LLM could answer; the message says why and what to do."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.kind: FailureKind = failure.kind


@dataclass(frozen=True)
class Sampling:
    """How tokens are drawn; the defaults are those of the published logs (Sun et al. 2024, A.3).

    Attributes:
        temperature: 0 means greedy: the likeliest token each time.
        top_p: Mass of the likeliest tokens that are drawn from, in (0, 1].
        max_tokens: Most tokens of an answer.
        seed: Makes local sampling repeatable; providers treat it as a wish. None: fresh each time.
        unsent: Of ``temperature`` and ``top_p`` what a server is not told, which then chooses.
    """

    temperature: float = 0.6
    top_p: float = 0.9
    max_tokens: int = 512
    seed: int | None = None
    unsent: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raise DataError for a value outside its range."""
        if not 0 <= self.temperature <= 2:
            raise DataError(f"temperature is {self.temperature}; allowed: 0 to 2.")
        if not 0 < self.top_p <= 1:
            raise DataError(f"top_p is {self.top_p}; allowed: more than 0, at most 1.")
        if self.max_tokens < 1:
            raise DataError(f"max_tokens is {self.max_tokens}; at least 1 is needed.")


@dataclass(frozen=True)
class Control:
    """What a caller may watch or stop while a batch is being answered.

    The hooks may be called from other threads than the caller's.

    Attributes:
        on_attempt: Told of every try as it ends.
        on_text: Told of each piece of text as it is written, with the position of its message;
            None when nobody watches, so that an LLM need not stream.
        cancelled: Asked now and then; once it says True no new try starts, running ones stop as
            soon as the LLM can, and messages without an answer become ``cancelled`` failures.
    """

    on_attempt: Callable[[Attempt], None] = field(default=lambda attempt: None)
    on_text: Callable[[int, str], None] | None = None
    cancelled: Callable[[], bool] = field(default=lambda: False)


NO_CONTROL = Control()


def now() -> datetime:
    """The present moment in UTC, as attempts carry it."""
    return datetime.now(UTC)


class LLM(Protocol):
    """A source of answers, reached by its name through ``core.llms.get``."""

    @property
    def name(self) -> str:
        """How it is asked for, ``kind:model``."""
        ...

    @property
    def model(self) -> str:
        """The model as prices and logs know it."""
        ...

    @property
    def base_url(self) -> str | None:
        """Where a remote one is served, None for one on this machine."""
        ...

    @property
    def max_tokens(self) -> int:
        """Most tokens of an answer."""
        ...

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        """Answer each user message, in order; a batch is one call of this protocol.

        A message that cannot be answered becomes a Failure and does not stop the others.

        Raises:
            LLMError: nothing can be answered at all, such as without a key, a GPU or the model.
        """
        ...
