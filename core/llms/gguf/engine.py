"""llama.cpp in this process: one loaded file, answering in parallel slots.

The package starts llama.cpp's server, which also listens on a port of this machine; it is asked
there for what has no function, and nobody else knows its key.
"""

import json
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import xllamacpp

from core.llms.gguf.checks import File, slots_that_fit
from core.llms.local.checks import refusal
from core.llms.local.loaded_once import closers

_STEP = 64
"""Prompt tokens that are read between two looks at whether to stop."""
_PREFIX_FILE = "prefix"
_WAIT_S = 600


@dataclass
class Answered:
    """One streamed answer, put together from its chunks.

    Attributes:
        stop: Told of each piece of text; True ends the answer.
        prompt_tokens, completion_tokens: As the engine counts them; an answer that was stopped
            has those that it had until then.
        finish: ``stop`` or ``length``; None where it was stopped or failed.
        error: What the engine said where it failed.
        raised: What ``stop`` raised.
    """

    stop: Callable[[str], bool]
    prompt_tokens: int = 0
    completion_tokens: int = 0
    finish: str | None = None
    error: str = ""
    raised: Exception | None = None

    def take(self, chunk: dict[str, Any]) -> bool:
        """Note what a chunk says; True ends the answer."""
        if "error" in chunk:
            said = chunk["error"]
            self.error = str(said.get("error", said).get("message", said))
            return True
        if (timings := chunk.get("timings")) is not None:
            self.prompt_tokens = timings["cache_n"] + timings["prompt_n"]
            self.completion_tokens = timings["predicted_n"]
        text = ""
        for choice in chunk.get("choices", ()):
            text += choice["delta"].get("content") or ""
            self.finish = choice["finish_reason"] or self.finish
        try:
            return self.stop(text)
        except Exception as error:  # noqa: BLE001 - it ends in llama.cpp, which swallows it
            self.raised = error
            return True


class Engine:
    """A loaded GGUF file."""

    def __init__(self, file: File, context: int, threads: int) -> None:
        """Load the file.

        Args:
            file: To be loaded.
            context: Most tokens of a message and its answer together.
            threads: That compute.

        Raises:
            LLMError: memory is too little, or llama.cpp cannot load the file.
        """
        self.file = file
        self.context = context
        self.slots = slots_that_fit(file, context)
        self._folder = tempfile.TemporaryDirectory(prefix="prompt-oirl-gguf-")
        self._key = secrets.token_hex(16)
        # Nothing of this machine's proxies may come between.
        self._http = build_opener(ProxyHandler({}))
        try:
            self._server = xllamacpp.Server(self._parameters(threads))
        except RuntimeError:
            self._folder.cleanup()
            raise refusal(
                "malformed",
                f"{file.name} cannot be loaded by llama.cpp (xllamacpp {xllamacpp.__version__}): "
                f"its architecture is {file.header.architecture!r}. A newer xllamacpp may know it; "
                "otherwise the file is damaged: copy or download it again.",
            ) from None
        try:
            # A server whose queue of tasks has not begun when it is given back never ends.
            self._ask("/slots/0?action=erase", {})
        except OSError as error:
            raise refusal(
                "server error",
                f"llama.cpp was started for {file.name} and does not answer: {error}.",
            ) from error

    def _parameters(self, threads: int) -> Any:
        parameters = xllamacpp.CommonParams()
        parameters.model.path = str(self.file.path)
        parameters.n_parallel = self.slots
        parameters.n_ctx = self.slots * self.context
        parameters.n_batch = parameters.n_ubatch = _STEP
        parameters.cpuparams.n_threads = threads
        parameters.cpuparams_batch.n_threads = threads
        # The size was chosen here; texts are wanted as the model wrote them.
        parameters.fit_params = False
        parameters.warmup = False
        parameters.force_pure_content_parser = True
        parameters.cache_ram_mib = 0
        parameters.slot_save_path = f"{self._folder.name}/"
        parameters.api_keys = [self._key]
        parameters.ui = False
        parameters.verbosity = -1
        if self.file.template:
            parameters.chat_template = self.file.template
        return parameters

    def count(self, message: str) -> int:
        """Tokens of a message in the model's chat frame.

        Raises:
            LLMError: the model's chat template cannot be filled in.
        """
        asked = {"messages": [{"role": "user", "content": message}]}
        try:
            return self._ask("/v1/chat/completions/input_tokens", asked)["input_tokens"]
        except OSError as error:
            raise refusal(
                "malformed", f"The chat template of {self.file.name} cannot be used: {error}."
            ) from error

    def share(self, message: str, slots: int) -> None:
        """Read a message once; the first ``slots`` slots then know what theirs have in common."""
        self.answer(message, 0, {"max_tokens": 0}, lambda text: False)
        self._ask("/slots/0?action=save", {"filename": _PREFIX_FILE})
        for slot in range(1, slots):
            self._ask(f"/slots/{slot}?action=restore", {"filename": _PREFIX_FILE})
        Path(self._folder.name, _PREFIX_FILE).unlink()

    def answer(
        self, message: str, slot: int, sampling: dict[str, Any], stop: Callable[[str], bool]
    ) -> Answered:
        """Write the answer to a message.

        Args:
            message: Of the user.
            slot: That no other thread uses meanwhile.
            sampling: Fields of llama.cpp's request.
            stop: Told of each piece of text, empty ones while the message is read; True ends the
                answer.

        Raises:
            Exception: whatever ``stop`` raises.
        """
        answered = Answered(stop)
        request = {
            "messages": [{"role": "user", "content": message}],
            "id_slot": slot,
            "stream": True,
            "timings_per_token": True,
            "return_progress": True,
            **sampling,
        }
        self._server.handle_chat_completions(request, answered.take)
        if answered.raised is not None:
            raise answered.raised
        return answered

    def _ask(self, path: str, content: dict[str, Any]) -> Any:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"}
        address = self._server.listening_address + path
        request = Request(address, json.dumps(content).encode(), headers)
        with self._http.open(request, timeout=_WAIT_S) as reply:
            return json.loads(reply.read())

    def close(self) -> None:
        """Give the memory back."""
        del self._server
        self._folder.cleanup()


class _Owner:
    """Holds the one engine of this process."""

    def __init__(self) -> None:
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    @contextmanager
    def lend(self, file: File, context: int, threads: int) -> Iterator[Engine]:
        """The engine of a file, for one thread at a time; that of another file is closed."""
        with self._lock:
            loaded = self._engine
            if loaded is None or loaded.file != file or loaded.context < context:
                self._close()
                loaded = self._engine = Engine(file, context, threads)
            yield loaded

    def close(self) -> None:
        """Give the memory back once nobody uses it."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._engine is not None:
            self._engine.close()
            self._engine = None


_owner = _Owner()
lend = _owner.lend
closers.append(_owner.close)


def device() -> str:
    """What answers, such as a GPU's name; the processor where the package has no GPU."""
    found = [
        one
        for one in xllamacpp.get_device_info()
        if one["type"] != xllamacpp.ggml_backend_dev_type.GGML_BACKEND_DEVICE_TYPE_CPU
    ]
    if found:
        return ", ".join(one["description"].strip() for one in found)
    return "the processor"
