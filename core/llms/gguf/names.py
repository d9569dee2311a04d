"""What may follow ``gguf:`` in the name of an LLM."""

import re
from dataclasses import dataclass
from pathlib import Path

from core.errors import UnknownNameError

_LLAMA2_TEMPLATE = (
    "{% for message in messages %}[INST] {{ message['content'] | trim }} [/INST]{% endfor %}"
)
"""LLaMA2's GGUF files are older than chat templates in such files. This is the frame of
https://huggingface.co/meta-llama/Llama-2-7b-chat-hf for a single user message."""


_OTHERS = ("OWNER/REPO/FILE.gguf of the Hugging Face Hub", "/a/file.gguf")
_LONGEST_LABEL = 40
"""Characters of a label that a narrow menu can show."""
_ON_HUB = re.compile(r"([\w.-]+/[\w.-]+)/((?:[\w.-]+/)*[\w.-]+\.gguf)", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """Where a GGUF file is, or comes from.

    Attributes:
        name: As the user knows it, with ``gguf:``.
        label: As people call it.
        path: Of a file that the user named; None for one of the Hub.
        repo: On the Hub, empty for a path.
        file: Within ``repo``.
        gigabytes: About its size, where it has a short name; as much memory is needed, and a little
            more.
        licence: Of a model with a short name.
        template: Chat template where the file has none.
    """

    name: str
    label: str
    path: Path | None = None
    repo: str = ""
    file: str = ""
    gigabytes: float = 0.0
    licence: str = ""
    template: str = ""


SHORT_NAMES = {
    "llama2-7b-chat": Source(
        "gguf:llama2-7b-chat",
        "LLaMA2-7B-chat",
        None,
        "TheBloke/Llama-2-7B-Chat-GGUF",
        "llama-2-7b-chat.Q4_K_M.gguf",
        4.1,
        "Llama 2",
        _LLAMA2_TEMPLATE,
    ),
    "qwen2.5-0.5b-instruct": Source(
        "gguf:qwen2.5-0.5b-instruct",
        "Qwen2.5-0.5B",
        None,
        "Qwen/Qwen2.5-0.5B-Instruct-GGUF",
        "qwen2.5-0.5b-instruct-q4_k_m.gguf",
        0.5,
        "Apache 2.0",
    ),
    "qwen2.5-1.5b-instruct": Source(
        "gguf:qwen2.5-1.5b-instruct",
        "Qwen2.5-1.5B",
        None,
        "Qwen/Qwen2.5-1.5B-Instruct-GGUF",
        "qwen2.5-1.5b-instruct-q4_k_m.gguf",
        1.1,
        "Apache 2.0",
    ),
}


def parse(model: str) -> Source:
    """Read what follows ``gguf:``.

    Raises:
        UnknownNameError: it is no short name, no file of the Hub and no path; the message lists
            what there is.
    """
    if model in SHORT_NAMES:
        return SHORT_NAMES[model]
    name, path = f"gguf:{model}", Path(model).expanduser()
    label = path.name.removesuffix(".gguf")
    if len(label) > _LONGEST_LABEL:
        label = f"{label[: _LONGEST_LABEL - 1]}…"
    if model.startswith((".", "~")) or path.is_absolute() or path.is_file():
        return Source(name, label, path)
    found = _ON_HUB.fullmatch(model)
    if found is None:
        raise UnknownNameError("GGUF model", model, (*SHORT_NAMES, *_OTHERS))
    return Source(name, label, None, found[1], found[2])
