"""LLMs that run in this process, and loading those that need transformers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from core.llms.base import NO_CONTROL, Attempt, Completion, Control, Failure, Sampling, Usage, now
from core.llms.local.batching import Model, Row, write
from core.llms.local.checks import (
    CPU_LIMIT,
    PACKAGES,
    require_gpu,
    require_gpu_memory,
    require_packages,
    stored_bytes,
)
from core.llms.local.random_numbers import Draws
from core.llms.local.text_stream import TextStream

if TYPE_CHECKING:
    from huggingface_hub import SafetensorsRepoMetadata

BATCH_SIZE = 16


def load_4bit(model: str, sampling: Sampling) -> "LocalLLM":
    """Load a model of the Hugging Face Hub or of a local folder in 4 bits.

    It runs on the first NVIDIA GPU; a folder with little in it also runs without one.

    Args:
        model: ``OWNER/NAME`` on the Hub, or the path of a folder.
        sampling: How its tokens are drawn.

    Raises:
        LLMError: a package, the GPU, its memory, the model or the right to use it is missing.
    """
    require_packages(PACKAGES)
    folder = local_folder(model)
    if folder is None:
        require_gpu(model)
    return LocalLLM.load(model, sampling, quantised=True, device=_device(model, folder))


class LocalLLM:
    """A chat model in this process; its answers cost time but no money.

    Threads that ask it take turns. With a seed, the n-th answer to a message is always the same.
    """

    base_url = None

    def __init__(
        self,
        name: str,
        model: str,
        loaded: Model,
        sampling: Sampling,
        batch_size: int = BATCH_SIZE,
    ) -> None:
        self.name = name
        self.model = model
        self.loaded = loaded
        self._sampling = sampling
        self.max_tokens = sampling.max_tokens
        self._batch_size = batch_size
        self._draws = Draws(sampling.seed)

    @classmethod
    def load(
        cls,
        source: str | Path,
        sampling: Sampling = Sampling(),  # noqa: B008 - frozen
        *,
        quantised: bool,
        device: str,
        batch_size: int = BATCH_SIZE,
    ) -> "LocalLLM":
        """Load a model with transformers; it is named ``hf:`` and its source.

        Args:
            source: A folder, or ``OWNER/NAME`` on the Hugging Face Hub.
            sampling: How its tokens are drawn.
            quantised: In 4 bits (NF4) rather than in 16, or float32 on a processor.
            device: ``cpu`` or ``cuda``.
            batch_size: Most messages that are answered together; more need more memory.

        Raises:
            LLMError: a package, the model, the right to use it or GPU memory is missing.
        """
        require_packages(PACKAGES)
        from core.llms.local import load as weights

        shown = f"hf:{source}"
        model, folder = str(source), local_folder(str(source))
        if folder is not None:
            model = str(folder.resolve())
        else:
            from core.llms.local.hub import fetch

            def check(sizes: "SafetensorsRepoMetadata") -> None:
                if device == "cuda":
                    require_gpu_memory(shown, sizes, quantised=quantised)

            folder = fetch(str(source), check)
        loaded = weights.load(folder, shown, quantised=quantised, device=device)
        return cls(shown, model, loaded, sampling, batch_size)

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        """Answer each message; a message that is too long or does not fit into memory fails.

        Once the caller cancels, answers that have ended are kept and the others dropped.
        """
        results: dict[int, Completion | Failure] = {}
        rows = []
        for position, message in enumerate(messages):
            row = self._row(position, message)
            if row.limit > 0:
                rows.append(row)
            else:
                results[position] = self._too_long(row, control)
        for row in write(self.loaded, rows, self._sampling, control, self._batch_size):
            results[row.position] = self._result(row, control)
        return [results[position] for position in range(len(messages))]

    def _row(self, position: int, message: str) -> Row:
        prompt = self.loaded.encode(message)
        limit = max(0, min(self._sampling.max_tokens, self.loaded.context - len(prompt)))
        return Row(
            position,
            prompt,
            limit,
            self._draws.take(message, limit),
            TextStream(self.loaded.decode),
        )

    def _too_long(self, row: Row, control: Control) -> Failure:
        control.on_attempt(Attempt(row.position, now(), self.model, "bad request"))
        return Failure(
            "bad request",
            f"The message has {len(row.prompt):,} tokens; {self.name} reads and writes at most "
            f"{self.loaded.context:,} together. Shorten the question or the prompt.",
        )

    def _result(self, row: Row, control: Control) -> Completion | Failure:
        usage = Usage(len(row.prompt), len(row.tokens))
        if row.started is not None:
            outcome = row.failure or "ok"
            control.on_attempt(
                Attempt(row.position, row.started, self.model, outcome, usage, row.seconds)
            )
        if row.failure == "cancelled":
            return Failure("cancelled", "Stopped before the answer was complete.")
        if row.failure == "out of memory":
            return Failure(
                "out of memory",
                f"One message of {len(row.prompt):,} tokens and its answer do not fit into memory "
                "(the GPU's where the model runs on one). Close what else uses it, lower the token "
                f"limit ({self._sampling.max_tokens}), or choose a smaller model.",
            )
        return Completion(row.stream.text, usage, self.model, row.seconds, row.finish)


def local_folder(source: str) -> Path | None:
    """The folder that a source means, whether or not it exists; None for a model of the Hub."""
    folder = Path(source).expanduser()
    if folder.is_dir() or source.startswith(("/", ".", "~")):
        return folder
    return None


def _device(model: str, folder: Path | None) -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    if folder is not None and folder.is_dir() and stored_bytes(folder) >= CPU_LIMIT:
        require_gpu(model)
    return "cpu"
