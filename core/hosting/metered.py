"""An LLM whose calls the operator pays for: no batch begins that the purse does not cover."""

import math
import threading
from collections.abc import Sequence
from dataclasses import replace

from core.costs.prices import Price
from core.errors import PromptOIRLError
from core.hosting.spending import Purse, SpendingLimit
from core.llms.base import LLM, NO_CONTROL, Attempt, Completion, Control, Failure, FailureKind

FRAME_TOKENS = 64
"""More than the frame of a chat takes around a message."""

_FREE: frozenset[FailureKind] = frozenset(
    {
        "bad key",
        "not found",
        "retired model",
        "rate limit",
        "no credit",
        "bad request",
        "no connection",
        "not recorded",
    }
)
"""How a try ends that was refused before anything was computed."""


class MeteredLLM:
    """Asks another LLM within the limits of a purse.

    A batch is covered before its first call, by as many calls as it has messages and by the most
    that these can cost: no text has more tokens than bytes. A try that failed and may have been
    charged all the same, such as one that timed out, counts as a call at its full price, and its
    message is tried again only if the purse covers that too. What was not spent is given back.
    """

    def __init__(
        self, llm: LLM, purse: Purse, session: str, max_tokens: int, price: Price | None
    ) -> None:
        """Wrap an LLM; it is not asked yet.

        Args:
            llm: Answers.
            purse: Covers.
            session: Whose calls they are.
            max_tokens: Most tokens of an answer, as ``llm`` was told.
            price: What its tokens cost; None where only calls count.
        """
        self.name = llm.name
        self.model = llm.model
        self.base_url = llm.base_url
        self._llm = llm
        self._purse = purse
        self._session = session
        self._max_tokens = max_tokens
        self._price = price

    def __repr__(self) -> str:
        """The LLM that answers."""
        return f"MeteredLLM({self._llm!r})"

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        """Answer each message.

        Raises:
            SpendingLimit: the purse does not cover the batch; no call was made.
            LLMError: nothing can be answered at all.
        """
        if not messages:
            return []
        meter = _Meter(self._purse, self._session, [self._most(one) for one in messages])
        watched = replace(
            control,
            on_attempt=lambda attempt: self._count(attempt, meter, control),
            cancelled=lambda: meter.refusal is not None or control.cancelled(),
        )
        ended = False
        try:
            results = self._llm.complete(messages, watched)
            ended = True
        except PromptOIRLError:
            # By the protocol nothing was answered, and every try has been told.
            ended = True
            raise
        finally:
            # Otherwise some tries may go on unseen, or end without being told.
            meter.settle(ended=ended)
        return [meter.explained(result) for result in results]

    def _count(self, attempt: Attempt, meter: "_Meter", control: Control) -> None:
        meter.add(attempt, self._cost(attempt, meter))
        control.on_attempt(attempt)

    def _most(self, message: str) -> float:
        """The most dollars that one try at a message can cost."""
        if self._price is None:
            return 0.0
        tokens = len(message.encode("utf-8", "surrogatepass")) + FRAME_TOKENS
        return self._price.dollars(tokens, self._max_tokens)

    def _cost(self, attempt: Attempt, meter: "_Meter") -> float:
        usage = attempt.usage
        if self._price is None:
            return 0.0
        if usage.prompt_tokens is None or usage.completion_tokens is None:
            return meter.most[attempt.position]
        return self._price.dollars(usage.prompt_tokens, usage.completion_tokens)


class _Meter:
    """What one batch has spent so far; its methods are called from several threads.

    Attributes:
        most: The most dollars that a try at each message can cost.
        refusal: Why the purse did not cover another try, None when it did.
    """

    def __init__(self, purse: Purse, session: str, most: list[float]) -> None:
        self.most = most
        self.refusal: SpendingLimit | None = None
        self._purse = purse
        self._session = session
        self._taken = purse.reserve(session, len(most), math.fsum(most))
        self._calls = 0
        self._dollars: list[float] = []
        self._answered: set[int] = set()
        self._lock = threading.Lock()

    def add(self, attempt: Attempt, dollars: float) -> None:
        """Count a try as it ends, before its message is tried again."""
        if attempt.outcome in _FREE and attempt.usage.total is None:
            return
        with self._lock:
            if attempt.outcome not in ("ok", "cancelled"):
                # What covered this try is used up, so a further one is covered by itself.
                try:
                    self._purse.reserve(self._session, 1, dollars)
                except SpendingLimit as refusal:
                    self.refusal = refusal
                else:
                    return
            self._calls += 1
            self._dollars.append(dollars)
            self._answered.add(attempt.position)

    def settle(self, *, ended: bool) -> None:
        """Give back what was not spent; what may still be running is not given back."""
        with self._lock:
            calls, dollars = self._calls, list(self._dollars)
            if not ended:
                running = [n for n in range(len(self.most)) if n not in self._answered]
                calls += len(running)
                dollars += [self.most[position] for position in running]
        self._purse.settle(self._taken, calls, math.fsum(dollars))

    def explained(self, result: Completion | Failure) -> Completion | Failure:
        """A result; one that was stopped for want of cover says so."""
        if self.refusal is None or not isinstance(result, Failure) or result.kind != "cancelled":
            return result
        return Failure("no credit", str(self.refusal))
