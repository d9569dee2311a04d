"""Answers that were logged, played back through the LLM protocol."""

from collections.abc import Sequence
from functools import cached_property

import pandas as pd

from core.llms.base import (
    NO_CONTROL,
    UNKNOWN_USAGE,
    Attempt,
    Completion,
    Control,
    Failure,
    Sampling,
    Usage,
    now,
)
from core.logs import published, tokens
from core.prompts import PROMPTS, message

MODEL = "llama2-7b-chat"


class RecordedGSM8K:
    """LLaMA2-7B-chat's published answers to 1,000 GSM8K test questions with sixteen prompts.

    It answers a message only when that very message was logged.
    """

    name = "recorded:gsm8k"
    model = MODEL
    base_url = None
    max_tokens = Sampling().max_tokens

    @cached_property
    def questions(self) -> pd.DataFrame:
        """The questions it can be asked, as ``published.questions`` gives them, test part only.

        Raises:
            MissingDataError: the published files are not on this machine.
        """
        table = published.questions("gsm8k")
        return table[table["split"] == "test"].reset_index(drop=True)

    @cached_property
    def _answers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for prompt in PROMPTS:
            texts = published.llama_answers("gsm8k", "test", prompt) or []
            messages = (message(query, prompt) for query in self.questions["query"])
            found.update(zip(messages, texts, strict=True))
        return found

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        """Play back the logged answers; a message that was never logged is a failure.

        Raises:
            MissingDataError: the published files are not on this machine.
        """
        return [self._play(position, text, control) for position, text in enumerate(messages)]

    def _play(self, position: int, text: str, control: Control) -> Completion | Failure:
        answer = self._answers.get(text)
        if answer is None:
            control.on_attempt(Attempt(position, now(), self.model, "not recorded"))
            return Failure(
                "not recorded",
                "This question was not recorded with this prompt. The recorded answers cover 1,000 "
                f"GSM8K test questions and the sixteen published prompts; asked: {text[:60]!r}…",
            )
        usage = UNKNOWN_USAGE
        if tokens.is_available():
            usage = Usage(
                int(tokens.prompt_tokens([text])[0]), int(tokens.completion_tokens([answer])[0])
            )
        control.on_attempt(Attempt(position, now(), self.model, "ok", usage))
        if control.on_text is not None:
            control.on_text(position, answer)
        return Completion(answer, usage, self.model)
