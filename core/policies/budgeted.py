"""The policy that spends calls where they help, with one dial."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from core.errors import DataError
from core.policies.base import Context, Policy, Reply, Request, vote
from core.policies.budget import Assessment, BudgetModel
from core.policies.budget.model import UNITS
from core.policies.budget.order import led_by

Unit = Literal["calls", "tokens"]
_TRUSTED = 0.5
"""Belief from which a stopped query counts as settled, in words."""


class Budgeted(Policy):
    """Ask prompt after prompt while another call is worth its price; return the likeliest answer.

    A query goes on while, for some number h of further calls, the predicted rise of P(right) is
    larger than h · ``price`` (value of computation; Russell and Wefald 1991, section 3). So a
    higher price never leads to more calls when they are made one by one.

    Args:
        model: Learned from a log.
        price: Of a call, in probability of a right answer; at 0.01 a call is made while it makes
            more than one answer in 100 right. Below zero calls go on though nothing is gained.
        batch: Most calls made at once. Fewer are made where fewer promise most for their price.
        unit: ``tokens`` charges a call for its expected tokens: ``price`` is then that of a call
            with as many tokens as the prompts take on average. Where they are unknown, all calls
            cost the same.
        order: Positions of the prompts in the order to ask them, by default the model's. Give
            ``model.order_for(ids)`` where the prompts are not exactly the logged ones.
        calls: Reported as ``parameter``, by default the price.

    Raises:
        DataError: ``price`` is not finite, ``batch`` is not 1 or more, or ``unit``
            is unknown.
    """

    needs_answers = True

    def __init__(
        self,
        model: BudgetModel,
        price: float,
        *,
        batch: int = 1,
        unit: Unit | None = None,
        order: Sequence[int] | None = None,
        calls: float | None = None,
    ) -> None:
        if not np.isfinite(price):
            raise DataError(f"The price of a call is {price!r}; it must be a finite number.")
        if batch < 1:
            raise DataError(f"A batch has {batch!r} calls; it must have 1 or more.")
        if unit not in (None, *UNITS):
            raise DataError(f"The unit is {unit!r}; it must be 'calls' or 'tokens'.")
        self.name = "budgeted" + ("-tokens" if unit == "tokens" else "")
        self.name += f"-{batch}-at-once" if batch > 1 else ""
        self.parameter = price if calls is None else calls
        self._model, self._price, self._batch = model, price, batch
        self._unit = unit or model.unit
        self._order = tuple(model.order if order is None else order)

    @classmethod
    def for_calls(
        cls,
        model: BudgetModel,
        calls: float,
        *,
        batch: int = 1,
        unit: Unit | None = None,
        order: Sequence[int] | None = None,
    ) -> "Budgeted":
        """The policy that takes ``calls`` calls a query on average, on queries like the logged.

        Raises:
            DataError: ``calls`` is not from 1 to the number of prompts, or the dial was not
                measured for such batches.
        """
        price = model.price_for(calls, batch=batch, unit=unit or model.unit)
        return cls(model, price, batch=batch, unit=unit, order=order, calls=calls)

    @classmethod
    def for_worth(
        cls,
        model: BudgetModel,
        calls: float,
        *,
        batch: int = 1,
        unit: Unit | None = None,
        order: Sequence[int] | None = None,
    ) -> "Budgeted":
        """The policy for someone to whom a right answer is worth ``calls`` calls.

        Another call is made while it makes more than one answer in ``calls`` right. A worth in
        dollars is divided by the dollars of a call.

        Args:
            model: Learned from a log.
            calls: Worth of a right answer; those of average length with ``unit`` tokens.
            batch: Most calls made at once.
            unit: ``calls`` or ``tokens``, as for the class.
            order: Positions of the prompts, as for the class.

        Raises:
            DataError: ``calls`` is not a finite number above 0.
        """
        if not 0 < calls < np.inf:
            raise DataError(f"A right answer is worth {calls!r} calls; it must be more than 0.")
        return cls(model, 1 / calls, batch=batch, unit=unit, order=order)

    def next_requests(self, context: Context, replies: Sequence[Reply]) -> Sequence[Request]:
        left = self._left(context, replies)
        if not left:
            return []
        found = self._model.assess(context, replies)
        surplus = found.gains - self._price * self._cost(context, left, found.horizons)
        best = int(surplus.argmax())
        if replies and surplus[best] <= 0:
            return []
        # The first call is made whatever it costs: there is no answer without one.
        wanted = int(found.horizons[best]) if surplus[best] > 0 else 1
        return [Request(prompt) for prompt in left[: min(wanted, self._batch)]]

    def choose(self, context: Context, replies: Sequence[Reply]) -> Reply:
        beliefs = self.beliefs(context, replies)
        if not beliefs:
            return vote(replies, [1.0] * len(replies))
        best = max(beliefs, key=beliefs.__getitem__)
        chances = self.chances(context, replies)
        given = [place for place, reply in enumerate(replies) if reply.answer == best]
        # Of equal answers the user should read the one that looks right by itself.
        return replies[max(given, key=chances.__getitem__)]

    def chances(self, context: Context, replies: Sequence[Reply]) -> tuple[float, ...]:
        """P(right) of each reply by itself, from its text."""
        return self._model.assess(context, replies).chances

    def beliefs(self, context: Context, replies: Sequence[Reply]) -> dict[str, float]:
        """P(right) of each candidate answer, in the order in which they came."""
        return dict(self._model.assess(context, replies).beliefs)

    def reason(self, context: Context, replies: Sequence[Reply]) -> str:
        """In words, why no call follows ``replies``, or why one does."""
        left = self._left(context, replies)
        if not left:
            return f"All {len(self._order)} prompts were asked."
        if not replies:
            return "Nothing was asked yet."
        found = self._model.assess(context, replies)
        if self.next_requests(context, replies):
            return self._going_on(context, left, found)
        top = max(found.beliefs.values(), default=0.0)
        each = 100 * max(0.0, float((found.gains / found.horizons).max()))
        more = f"a further call is expected to add at most {each:.1f} points, less than it costs"
        if top >= _TRUSTED:
            return f"Settled: the leading answer is right with {top:.0%}; {more}."
        return f"Given up: no answer is likelier right than {top:.0%}, and {more}."

    def _going_on(self, context: Context, left: Sequence[int], found: Assessment) -> str:
        # Gains of long horizons are the least certain; per call they are what the rule compares.
        surplus = found.gains - self._price * self._cost(context, left, found.horizons)
        best = int(surplus.argmax())
        each = 100 * found.gains[best] / found.horizons[best]
        return f"Going on: a further call is expected to add {each:.1f} points."

    def _left(self, context: Context, replies: Sequence[Reply]) -> list[int]:
        asked = {reply.request.prompt for reply in replies}
        order = self._order
        if self._model.first == "reward":
            order = led_by(order, int(context.reward.argmax()))
        return [prompt for prompt in order if prompt not in asked]

    def _cost(self, context: Context, left: Sequence[int], horizons: np.ndarray) -> np.ndarray:
        """Cost of the next h calls in calls of average length, shape (horizons,)."""
        if self._unit == "calls" or np.isnan(context.tokens).any():
            return horizons
        tokens = context.tokens[list(left)].cumsum()[horizons - 1]
        return tokens / context.tokens.mean()
