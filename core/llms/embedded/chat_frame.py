"""Between messages and tokens of the small LLM that comes with the project."""

from collections.abc import Sequence

from tokenizers import Tokenizer

USER, ASSISTANT = "<|user|>", "<|assistant|>"
"""Control tokens before a message and before its answer."""


class ChatFrame:
    """Puts a user message into the frame that the LLM learned."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Keep a tokenizer that encodes control tokens in a text as plain text."""
        self._tokenizer = tokenizer
        self._before, self._behind = map(tokenizer.token_to_id, (USER, ASSISTANT))

    def encode(self, message: str) -> list[int]:
        """Tokens of a user message, up to where the answer begins.

        Control tokens that someone wrote into the message are read as plain text.
        """
        return [self._before, *self._tokenizer.encode(message).ids, self._behind]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens, without control tokens and just as the model wrote it."""
        return self._tokenizer.decode(tokens, skip_special_tokens=True)
