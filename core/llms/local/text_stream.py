"""Text out of tokens as they come, piece by piece."""

from collections.abc import Callable, Sequence

_BROKEN = "\N{REPLACEMENT CHARACTER}"
"""What decoders write for the bytes of a character that is not complete."""


class TextStream:
    """The text of one answer while its tokens are drawn.

    A token is not always a piece of text: it may hold a part of a character, and decoders drop a
    blank at the start of what they are given. So each new token is decoded together with the last
    piece, and what comes out behind that piece is new. Nothing is given out while the last
    character is incomplete.
    """

    def __init__(self, decode: Callable[[Sequence[int]], str]) -> None:
        self._decode = decode
        self._tokens: list[int] = []
        self._shown = 0
        self._before = ""
        self._pieces: list[str] = []

    @property
    def text(self) -> str:
        """All pieces so far."""
        return "".join(self._pieces)

    def push(self, token: int) -> str:
        """Take the next token and return the text that is complete with it, often a word."""
        self._tokens.append(token)
        after = self._decode(self._tokens)
        return "" if after.endswith(_BROKEN) else self._give_out(after)

    def finish(self) -> str:
        """Return what is left when no token follows, an incomplete character included."""
        return self._give_out(self._decode(self._tokens))

    def _give_out(self, after: str) -> str:
        piece = after[len(self._before) :]
        if piece:
            self._pieces.append(piece)
            self._tokens = self._tokens[self._shown :]
            self._shown = len(self._tokens)
            self._before = self._decode(self._tokens)
        return piece
