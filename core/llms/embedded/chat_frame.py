"""Between messages and tokens: the frame of a chat as the embedded LLM learned it."""

import re
from collections.abc import Sequence

from tokenizers import Tokenizer

USER, ASSISTANT = "<|user|>", "<|assistant|>"
"""Control tokens before a message and before its answer."""
_MARKS = re.compile("[\U000f0000\U000f0001]")
"""What transformers puts around control tokens of a message; without a meaning, and left out."""


class ChatFrame:
    """Puts a user message into the frame that the LLM learned."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Keep a tokenizer that encodes control tokens in a text as plain text.

        Raises:
            KeyError: it lacks the tokens of the frame.
        """
        self._tokenizer = tokenizer
        vocabulary = tokenizer.get_vocab()
        self._before, self._behind = vocabulary[USER], vocabulary[ASSISTANT]

    def encode(self, message: str) -> list[int]:
        """Tokens of a user message, up to where the answer begins.

        Control tokens that someone wrote into the message are read as plain text.
        """
        return [self._before, *self._tokenizer.encode(_MARKS.sub("", message)).ids, self._behind]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens, without control tokens and just as the model wrote it."""
        return self._tokenizer.decode(tokens, skip_special_tokens=True)
