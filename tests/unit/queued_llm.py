"""An LLM for tests that answers with the texts it was given."""

from collections.abc import Sequence

from core.llms import Attempt, Completion, Control, Failure, Usage
from core.llms.base import NO_CONTROL, now


class QueuedLLM:
    """Answers with its texts, in order, and remembers what it was asked."""

    name = "queued"
    max_tokens = 512

    def __init__(
        self, texts: Sequence[str], model: str = "llama2-7b-chat", base_url: str | None = None
    ) -> None:
        self.model = model
        self.base_url = base_url
        self.texts = list(texts)
        self.asked: list[list[str]] = []

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        """Take the next texts from the queue; an empty one is a time-out."""
        self.asked.append(list(messages))
        return [self._next(position, control) for position in range(len(messages))]

    def _next(self, position: int, control: Control) -> Completion | Failure:
        text = self.texts.pop(0)
        if not text:
            control.on_attempt(Attempt(position, now(), self.model, "time-out"))
            return Failure("time-out", "The LLM did not answer in time.")
        usage = Usage(50, 150)
        control.on_attempt(Attempt(position, now(), self.model, "ok", usage, 0.5))
        if control.on_text is not None:
            control.on_text(position, text)
        return Completion(text, usage, self.model, 0.5, "stop")
