"""What must hold before a GGUF file is loaded, and how much of it fits into memory."""

from dataclasses import dataclass
from pathlib import Path

from core.llms.gguf.header import Header, NoGGUF, read_header
from core.llms.gguf.names import Source
from core.llms.local.checks import GIB, refusal

SLOTS = 16
"""Most messages that are answered together."""
WORKING_MEMORY = 128 * 2**20
"""For computing a step, beside weights, keys and values."""
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class File:
    """A GGUF file that can be loaded.

    Attributes:
        name: As the user knows the LLM.
        path: Of the file.
        header: What it says of itself.
        template: Chat template where the file has none.
    """

    name: str
    path: Path
    header: Header
    template: str


def inspect(source: Source, path: Path) -> File:
    """Look at a file before it is loaded.

    Raises:
        LLMError: it is missing, no GGUF file, not complete, holds no LLM or has no chat template.
    """
    name = source.name
    try:
        header = read_header(path)
        size = path.stat().st_size
    except FileNotFoundError:
        raise refusal(
            "not found", f"There is no file {path}. Check the path in {name!r}."
        ) from None
    except NoGGUF as error:
        raise refusal("malformed", f"{path} is no GGUF file: {error}.") from None
    except OSError as error:
        raise refusal("not found", f"{path} cannot be read: {error.strerror}.") from error
    if size <= header.ends:
        raise refusal(
            "malformed",
            f"{path} is not complete: it has {size:,} bytes, and its last weights begin at "
            f"{header.ends:,}. Copy or download it again.",
        )
    if not header.context or not header.has_tokenizer:
        raise refusal(
            "bad request",
            f"{path} holds no LLM with its tokenizer (architecture {header.architecture!r}). "
            "Choose a GGUF file of a chat or instruct model.",
        )
    if not source.template and not header.has_template:
        raise refusal(
            "bad request",
            f"{name} has no chat template, so it is not known how to put a question to it. Choose "
            "a GGUF file of a chat or instruct model.",
        )
    return File(name, path.resolve(), header, "" if header.has_template else source.template)


def slots_that_fit(file: File, context: int) -> int:
    """How many messages can be answered together, 1 to ``SLOTS``.

    Args:
        file: Not loaded yet.
        context: Tokens of a message and its answer together.

    Raises:
        LLMError: there is too little memory even for one.
    """
    weights = file.path.stat().st_size + WORKING_MEMORY
    each = file.header.cache_bytes * context
    free = free_memory()
    if free < weights + each:
        raise refusal(
            "out of memory",
            f"{file.name} takes about {(weights + each) / GIB:.1f} GiB of memory; "
            f"{free / GIB:.1f} GiB are free. Close other programs, lower the token limit, or "
            "choose a smaller model.",
        )
    return min(SLOTS, max(1, (free - weights) // max(each, 1)))


def free_memory() -> int:
    """Bytes that this process may still take, of the machine or of its container."""
    import psutil

    free = psutil.virtual_memory().available
    try:
        most = int((_CGROUP / "memory.max").read_text())
        used = int((_CGROUP / "memory.current").read_text())
    except (OSError, ValueError):  # no container, or one without a limit
        return free
    return min(free, max(0, most - used + _reclaimable()))


def _reclaimable() -> int:
    """Bytes of files in a container's memory, which are given back when others need them."""
    lines = (_CGROUP / "memory.stat").read_text().splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("file ")), 0)
