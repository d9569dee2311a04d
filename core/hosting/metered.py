"""An LLM whose calls the operator pays for: no batch begins that the limits do not cover."""

import math
import threading
from collections.abc import Sequence
from dataclasses import replace

from core.costs.cost import cost_of, most_dollars
from core.costs.prices import Price, live_price
from core.errors import PromptOIRLError
from core.hosting.spending import Spending
from core.llms.base import (
    LLM,
    NO_CONTROL,
    Attempt,
    Completion,
    Control,
    Failure,
    SpendingLimit,
)
from core.llms.failures import may_be_charged


class MeteredLLM:
    """Asks another LLM within spending limits.

    A batch is covered before its first call, by as many calls as it has messages and by the most
    that these can cost. A try that failed and may have been charged all the same, such as one that
    timed out, counts as a call at its full price, and its message is tried again only if the
    limits cover that too. What was not spent is given back.
    """

    def __init__(self, llm: LLM, spending: Spending, session: str, price: Price | None) -> None:
        """Wrap an LLM; it is not asked yet.

        Args:
            llm: Answers.
            spending: Covers.
            session: Whose calls they are.
            price: The most that its tokens cost at any hour; None where only calls count.
        """
        self.name = llm.name
        self.model = llm.model
        self.base_url = llm.base_url
        self._llm = llm
        self.max_tokens = llm.max_tokens
        self._spending = spending
        self._session = session
        self._price = price

    def __repr__(self) -> str:
        """The LLM that answers."""
        return f"MeteredLLM({self._llm!r})"

    def complete(
        self, messages: Sequence[str], control: Control = NO_CONTROL
    ) -> list[Completion | Failure]:
        """Answer each message.

        Raises:
            SpendingLimit: the limits do not cover the batch; no call was made.
            LLMError: nothing can be answered at all.
        """
        if not messages:
            return []
        most = [most_dollars(self._price, one, self.max_tokens) for one in messages]
        meter = _Meter(self._spending, self._session, most)
        watched = replace(
            control,
            on_attempt=lambda attempt: self._count(
                attempt, messages[attempt.position], meter, control
            ),
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

    def _count(self, attempt: Attempt, message: str, meter: "_Meter", control: Control) -> None:
        # Without a price only calls count.
        now = self._price and live_price(attempt.model, attempt.when, base_url=self.base_url)
        cost = cost_of(attempt, now or self._price, message, self.max_tokens)
        meter.add(attempt, cost.dollars or 0.0)
        control.on_attempt(attempt)


class _Meter:
    """What one batch has spent so far; its methods are called from several threads.

    Attributes:
        most: The most dollars that a try at each message can cost.
        refusal: Why the limits did not cover another try, None when they did.
    """

    def __init__(self, spending: Spending, session: str, most: list[float]) -> None:
        self.most = most
        self.refusal: SpendingLimit | None = None
        self._spending = spending
        self._session = session
        self._taken = spending.reserve(session, len(most), math.fsum(most))
        self._calls = 0
        self._dollars: list[float] = []
        self._answered: set[int] = set()
        self._lock = threading.Lock()

    def add(self, attempt: Attempt, dollars: float) -> None:
        """Count a try as it ends, before its message is tried again."""
        if attempt.usage.total is None and not may_be_charged(attempt.outcome):
            return
        with self._lock:
            if attempt.outcome not in ("ok", "cancelled"):
                # What covered this try is used up, so a further one is covered by itself.
                try:
                    self._spending.reserve(self._session, 1, dollars)
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
        self._spending.settle(self._taken, calls, math.fsum(dollars))

    def explained(self, result: Completion | Failure) -> Completion | Failure:
        """A result; one that was stopped for want of cover says so."""
        if self.refusal is None or not isinstance(result, Failure) or result.kind != "cancelled":
            return result
        return Failure("no credit", str(self.refusal))
