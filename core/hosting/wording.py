"""Failures as visitors of a page read them: what only its operator can mend goes to the log."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from core.llms.base import LLM, NO_CONTROL, Completion, Control, Failure, LLMError
from core.llms.failures import CONSEQUENCES

_LOG = logging.getLogger(__name__)
_PRIVATE = ("key", "operator")
"""Whose affairs are told to the log alone; what others can mend names no setting."""


class ForVisitors:
    """Opens and asks another LLM, and words its failures for visitors."""

    def __init__(self, opened: Callable[[], LLM], label: str, *, own_key: bool) -> None:
        """Open an LLM; it is not asked yet.

        Args:
            opened: Gives it.
            label: As the page calls it.
            own_key: Whether its key is the visitor's.

        Raises:
            LLMError: it cannot be opened.
        """
        with _for_visitors(label, own_key=own_key):
            llm = opened()
        self.name = llm.name
        self.model = llm.model
        self.base_url = llm.base_url
        self.max_tokens = llm.max_tokens
        self._llm = llm
        self._label = label
        self._own_key = own_key

    def __repr__(self) -> str:
        """The LLM that answers."""
        return f"ForVisitors({self._llm!r})"

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        """Answer each message.

        Raises:
            LLMError: nothing can be answered at all.
        """
        with _for_visitors(self._label, own_key=self._own_key):
            results = self._llm.complete(messages, control)
        failures = {result for result in results if isinstance(result, Failure)}
        worded = {failure: self._worded(failure) for failure in failures}
        return [worded[one] if isinstance(one, Failure) else one for one in results]

    def _worded(self, failure: Failure) -> Failure:
        affair = CONSEQUENCES[failure.kind].affair
        if affair in _PRIVATE and not (self._own_key and affair == "key"):
            return _plain(failure, self._label)
        # The name may hold the path of a folder.
        return Failure(failure.kind, failure.message.replace(self.name, self._label))


@contextmanager
def _for_visitors(label: str, *, own_key: bool) -> Iterator[None]:
    """Word the errors of opening or asking an LLM for visitors.

    Raises:
        LLMError: one was raised; its message now names no setting, and the log has the first one.
    """
    try:
        yield
    except LLMError as error:
        if own_key and CONSEQUENCES[error.kind].affair == "key":
            raise
        raise LLMError(_plain(Failure(error.kind, str(error)), label)) from None


def _plain(failure: Failure, label: str) -> Failure:
    _LOG.warning("“%s” cannot be asked (%s): %s", label, failure.kind, failure.message)
    if failure.kind == "retired model":
        reason = "was shut down by its provider"
    else:
        reason = "cannot be asked at the moment"
    return Failure(failure.kind, f"“{label}” {reason}; choose another LLM.")
