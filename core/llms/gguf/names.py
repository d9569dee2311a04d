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


@dataclass(frozen=True)
class Chosen:
    """A model with a short name.

    Attributes:
        label: As people call it.
        repo: On the Hugging Face Hub.
        file: Within it.
        gigabytes: Of the file, about; as much memory is needed, and a little more.
        licence: Its name.
        template: Chat template where the file has none.
    """

    label: str
    repo: str
    file: str
    gigabytes: float
    licence: str
    template: str = ""


SHORT_NAMES: dict[str, Chosen] = {
    "llama2-7b-chat": Chosen(
        "LLaMA2-7B-chat",
        "TheBloke/Llama-2-7B-Chat-GGUF",
        "llama-2-7b-chat.Q4_K_M.gguf",
        4.1,
        "Llama 2",
        _LLAMA2_TEMPLATE,
    ),
    "qwen2.5-0.5b-instruct": Chosen(
        "Qwen2.5-0.5B",
        "Qwen/Qwen2.5-0.5B-Instruct-GGUF",
        "qwen2.5-0.5b-instruct-q4_k_m.gguf",
        0.5,
        "Apache 2.0",
    ),
    "qwen2.5-1.5b-instruct": Chosen(
        "Qwen2.5-1.5B",
        "Qwen/Qwen2.5-1.5B-Instruct-GGUF",
        "qwen2.5-1.5b-instruct-q4_k_m.gguf",
        1.1,
        "Apache 2.0",
    ),
}
_OTHERS = ("OWNER/REPO/FILE.gguf of the Hugging Face Hub", "/a/file.gguf")
_LONGEST_LABEL = 40
"""Characters of a label that a narrow menu can show."""
_ON_HUB = re.compile(r"([\w.-]+/[\w.-]+)/((?:[\w.-]+/)*[\w.-]+\.gguf)", re.IGNORECASE)


@dataclass(frozen=True)
class Source:
    """Where a GGUF file is, or comes from.

    Attributes:
        name: As the user knows it, with ``gguf:``.
        path: Of a file that the user named; None for one of the Hub.
        repo: On the Hub, empty for a path.
        file: Within ``repo``.
        licence: Of a model with a short name.
        template: Chat template where the file has none.
    """

    name: str
    path: Path | None = None
    repo: str = ""
    file: str = ""
    licence: str = ""
    template: str = ""


def parse(model: str) -> Source:
    """Read what follows ``gguf:``.

    Raises:
        UnknownNameError: it is no short name, no file of the Hub and no path; the message lists
            what there is.
    """
    name = f"gguf:{model}"
    chosen = SHORT_NAMES.get(model)
    if chosen is not None:
        return Source(
            name,
            repo=chosen.repo,
            file=chosen.file,
            licence=chosen.licence,
            template=chosen.template,
        )
    path = Path(model).expanduser()
    if model.startswith((".", "~")) or path.is_absolute() or path.is_file():
        return Source(name, path=path)
    found = _ON_HUB.fullmatch(model)
    if found is None:
        raise UnknownNameError("GGUF model", model, (*SHORT_NAMES, *_OTHERS))
    return Source(name, repo=found[1], file=found[2])


def label_of(model: str) -> str:
    """A model as people call it: by its name, or by its file without the folder, shortened."""
    chosen = SHORT_NAMES.get(model)
    if chosen:
        return chosen.label
    name = Path(model).name.removesuffix(".gguf")
    return name if len(name) <= _LONGEST_LABEL else f"{name[: _LONGEST_LABEL - 1]}…"
