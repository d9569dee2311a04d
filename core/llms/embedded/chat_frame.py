"""Between messages and tokens: the frame of a chat as the embedded LLM learned it."""

import re
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

USER, ASSISTANT = "<|user|>", "<|assistant|>"
_MARKS = re.compile("[\U000f0000\U000f0001]")
"""What transformers puts around control tokens of a message; without a meaning, and left out."""


class ChatFrame:
    """Puts a user message into its frame, as the model's chat template does in transformers."""

    def __init__(self, folder: Path) -> None:
        """Read tokenizer.json.

        Raises:
            Exception: it is missing or damaged; tokenizers raises nothing narrower.
            KeyError: it lacks the tokens of the frame.
        """
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._before, self._after = (self._control(token) for token in (USER, ASSISTANT))

    def _control(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise KeyError(token)
        return number

    def encode(self, message: str) -> list[int]:
        """Tokens of a user message, up to where the answer begins.

        Control tokens that someone wrote into the message are read as plain text.
        """
        pieces = self._tokenizer.pre_tokenizer.pre_tokenize_str(_MARKS.sub("", message))
        tokenize = self._tokenizer.model.tokenize
        inside = [token.id for piece, _ in pieces for token in tokenize(piece)]
        return [self._before, *inside, self._after]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens, without control tokens and just as the model wrote it."""
        return self._tokenizer.decode(tokens, skip_special_tokens=True)
