"""Between messages and tokens, with a tokenizer's own chat template."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from jinja2 import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from tokenizers import Tokenizer

from core.llms.local.checks import refusal, unloadable

_CONFIG = "tokenizer_config.json"
_START, _END = "\U000f0000", "\U000f0001"
"""Characters without a meaning, around what is written by the user and looks like a control
token."""


class ChatFrame:
    """Puts a user message into the frame that a chat model learned; as transformers does it."""

    def __init__(self, tokenizer: Tokenizer, template: str, special: Mapping[str, str]) -> None:
        """Compile the template.

        Args:
            tokenizer: Its added tokens are the control tokens.
            template: Jinja, with ``messages``, ``add_generation_prompt`` and the special tokens.
            special: Those tokens by their role, such as ``eos_token``.

        Raises:
            TemplateError: the template is damaged.
        """
        self._tokenizer = tokenizer
        self._special = dict(special)
        sandbox = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        self._template = sandbox.from_string(template)
        added = (token.content for token in tokenizer.get_added_tokens_decoder().values())
        any_control = "|".join(map(re.escape, sorted(added, key=len, reverse=True))) or "(?!)"
        self._control = re.compile(any_control)
        self._marked = re.compile(f"{_START}({any_control}){_END}|[{_START}{_END}]")

    def encode(self, message: str) -> list[int]:
        """Tokens of a user message, up to where the answer begins.

        Control tokens that someone wrote into the message are read as plain text.

        Raises:
            TemplateError: the template cannot be filled in.
        """
        plain = re.sub(f"[{_START}{_END}]", "", message)
        marked = self._control.sub(f"{_START}\\g<0>{_END}", plain)
        text = self._fill(marked)
        # Between two pieces of the frame stands a control token of the user, or None for a mark
        # that the template has cut off from its token.
        first, *others = self._marked.split(text)
        tokens = self._encode(first)
        for number, piece in enumerate(others):
            if piece:
                tokens += self._inside(piece, as_text=number % 2 == 0)
        return tokens

    def _fill(self, content: str) -> str:
        """The frame around the content of a user message."""
        messages = [{"role": "user", "content": content}]
        try:
            return self._template.render(
                messages=messages, add_generation_prompt=True, **self._special
            )
        except TemplateError:
            raise
        except Exception as error:  # a template is a program and may raise anything
            raise TemplateError(f"{type(error).__name__}: {error}") from error

    def _inside(self, piece: str, *, as_text: bool) -> list[int]:
        """Tokens of a piece from inside a text: some tokenizers put a blank before a text's start.

        A line break takes the blank, and its tokens are taken away again.
        """
        encode = self._encode_as_text if as_text else self._encode
        line_break = self._encode("\n")
        tokens = encode("\n" + piece)
        if tokens[: len(line_break)] == line_break:
            return tokens[len(line_break) :]
        return encode(piece)

    def _encode(self, text: str) -> list[int]:
        return self._tokenizer.encode(text, add_special_tokens=False).ids

    def _encode_as_text(self, text: str) -> list[int]:
        """Tokens of a text in which no control token is recognised."""
        normalizer, splitter = self._tokenizer.normalizer, self._tokenizer.pre_tokenizer
        text = text if normalizer is None else normalizer.normalize_str(text)
        pieces = [text]
        if splitter is not None:
            pieces = [piece for piece, _ in splitter.pre_tokenize_str(text)]
        return [token.id for piece in pieces for token in self._tokenizer.model.tokenize(piece)]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of tokens, without control tokens and just as the model wrote it."""
        return self._tokenizer.decode(tokens, skip_special_tokens=True)


def load_tokenizer(folder: Path, name: str) -> tuple[Tokenizer, dict[str, str]]:
    """Read a tokenizer and its special tokens by their role.

    Raises:
        LLMError: the files are missing or damaged.
    """
    try:
        stored = json.loads((folder / _CONFIG).read_text("utf-8"))
        text = (folder / "tokenizer.json").read_text("utf-8")
    except (OSError, ValueError) as error:
        raise unloadable(name, folder, error) from error
    try:
        tokenizer = Tokenizer.from_str(text)
    except Exception as error:  # tokenizers raises nothing narrower
        raise unloadable(name, folder, error) from error
    if not isinstance(stored, dict):
        raise unloadable(name, folder, f"{_CONFIG} is {stored!r:.40}, not an object")
    special = {}
    for role, token in stored.items():
        if not role.endswith("_token") or not isinstance(token, str | dict):
            continue
        text = token.get("content") if isinstance(token, dict) else token
        if not isinstance(text, str):
            said = f"{role} in {_CONFIG} is {token!r:.40}; its content has to be a text"
            raise unloadable(name, folder, said)
        special[role] = text
    return tokenizer, special


def load_frame(
    folder: Path, name: str, tokenizer: Tokenizer, special: Mapping[str, str]
) -> ChatFrame:
    """Read and try a chat template.

    Raises:
        LLMError: it is missing or damaged.
    """
    path = folder / "chat_template.jinja"
    if not path.is_file():
        raise refusal(
            "bad request",
            f"{name} has no chat template, so it is not known how to put a question to it. Add a "
            f"chat_template.jinja to {folder}.",
        )
    try:
        frame = ChatFrame(tokenizer, path.read_text("utf-8"), special)
        frame.encode("How many?")
    except (TemplateError, UnicodeDecodeError) as error:
        raise unloadable(name, folder, f"{path.name}: {error}") from error
    return frame
