"""What the budget policy learned from a log: order, learned vote, value of another call, dial."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from core import boosting
from core.errors import DataError
from core.policies.budget.evidence import Evidence
from core.policies.verifier.features import read
from core.policies.verifier.model import Verifier

if TYPE_CHECKING:
    import lightgbm as lgb

    from core.policies.base import Context, Reply

HORIZONS = (1, 2, 3, 4, 6, 8, 12, 16)
"""Numbers of further calls whose gain is predicted. One alone is too short-sighted: the first
answer that differs changes nothing, the second may."""
UNITS = ("calls", "tokens")
"""What a call may be charged for: alike for all, or by its expected tokens."""
BATCHES = (1, 2, 4)
"""Calls at once for which the dial was measured."""
FIRST = ("accuracy", "reward")
"""Which prompt may be asked first: the most accurate of the log, or the best for the query."""
_REMEMBERED = 20_000
"""States whose assessment is kept, for replays at several settings and for the page."""


@dataclass(frozen=True)
class Assessment:
    """What is believed after some calls.

    Attributes:
        chances: P(right) of each reply by itself, from its text.
        beliefs: P(right) of each candidate answer, in the order in which they came.
        horizons: Numbers of further calls that are possible, shape (h,).
        gains: By how much P(right answer is returned) rises with so many calls, shape (h,).
    """

    chances: tuple[float, ...]
    beliefs: dict[str, float]
    horizons: np.ndarray
    gains: np.ndarray


@dataclass(frozen=True)
class BudgetModel:
    """Learned from a log by ``core.policies.budget.training.fit``.

    Attributes:
        prompts: Ids of the logged prompts.
        order: Their positions in the order in which they are asked.
        first: ``accuracy`` asks in that order; ``reward`` puts the prompt before it that the
            rewards rank first (best-of-N).
        verifier: Of single answers; None where the log has no texts.
        vote: Booster from ``VOTE_FEATURES`` to P(right).
        gain: Booster from ``STATE_FEATURES`` and a horizon to the gain per call.
        opening: P(right) after the first 1, 2, … N calls as a line over the mean reward of the
            prompts, from logged queries that the vote did not see: height at zero and slope, shape
            (prompts, 2).
        prices: Settings of the dial: what a call costs in probability of a right answer, falling,
            shape (settings,). The last are below zero, where calls go on though nothing is gained.
        calls: Mean calls at these prices on logged queries that the boosters did not see, for
            each of ``UNITS`` and ``BATCHES``, shape (units, batches, settings).
        description: What it was trained from; plain JSON values.
    """

    prompts: tuple[str, ...]
    order: tuple[int, ...]
    first: Literal["accuracy", "reward"]
    verifier: Verifier | None
    vote: "lgb.Booster"
    gain: "lgb.Booster"
    opening: np.ndarray
    prices: np.ndarray
    calls: np.ndarray
    description: dict[str, Any]
    _memory: OrderedDict = field(init=False, repr=False, compare=False, default_factory=OrderedDict)

    @property
    def unit(self) -> Literal["calls", "tokens"]:
        """What a call is charged for where nobody says it: dollars, where arms have their own."""
        return "tokens" if self.description.get("unit") == "tokens" else "calls"

    def order_for(self, prompts: Sequence[str]) -> tuple[int, ...]:
        """Positions in ``prompts`` (ids) in the order to ask them; unknown ones come last."""
        place = {self.prompts[position]: rank for rank, position in enumerate(self.order)}
        known = range(len(prompts))
        return tuple(sorted(known, key=lambda i: place.get(prompts[i], len(place))))

    def price_for(self, calls: float, *, batch: int = 1, unit: str = "calls") -> float:
        """The price of a call at which queries like the logged ones take ``calls`` on average.

        With batches or by tokens another price leads to as many calls. A batch is whole, so mean
        calls rise in steps there, and the nearest step may be off the number that was asked for.

        Args:
            calls: From 1 to the number of prompts.
            batch: One of ``BATCHES``, the most calls made at once.
            unit: One of ``UNITS``.

        Raises:
            DataError: a value is not one of these.
        """
        if batch not in BATCHES:
            allowed = ", ".join(map(str, BATCHES))
            raise DataError(f"A batch has {batch!r} calls; the dial was measured for {allowed}.")
        if unit not in UNITS:
            raise DataError(f"The unit is {unit!r}; it must be {' or '.join(UNITS)}.")
        if not 1 <= calls <= len(self.prompts):
            raise DataError(
                f"The mean number of calls is {calls!r}; it must be from 1 to {len(self.prompts)}."
            )
        measured = self.calls[UNITS.index(unit), BATCHES.index(batch)]
        if calls <= measured[0]:
            return float(self.prices[0])
        # Calls rise while prices fall; where several prices give equal calls, one of them serves.
        return float(np.interp(calls, measured, self.prices))

    def assess(self, context: "Context", replies: Sequence["Reply"]) -> Assessment:
        """Judge the candidates and the value of further calls; remembers recent states."""
        seen = tuple((reply.request.prompt, reply.answer, reply.text) for reply in replies)
        key = (context.query, context.reward.tobytes(), seen)
        found = self._memory.get(key)
        if found is None:
            found = self._assess(context, replies)
            self._memory[key] = found
            if len(self._memory) > _REMEMBERED:
                self._memory.popitem(last=False)
        return found

    def _assess(self, context: "Context", replies: Sequence["Reply"]) -> Assessment:
        evidence = Evidence(context.reward)
        chances = self._chances(context, replies)
        for reply, chance in zip(replies, chances, strict=True):
            evidence.add(reply.request.prompt, reply.answer, chance)
        table = evidence.table()
        beliefs = as_beliefs(boosting.predict(self.vote, table)) if len(table) else np.zeros(0)
        left = len(context.reward) - evidence.calls
        horizons = np.array([steps for steps in HORIZONS if steps <= left], dtype=int)
        gains = np.zeros(0)
        if not replies:
            gains = opening_gains(self.opening, evidence.difficulty, horizons)
        elif left:
            state = evidence.state(table, beliefs)
            gains = horizons * boosting.predict(
                self.gain, with_horizons(np.array([state]), horizons)
            )
        return Assessment(
            chances, dict(zip(evidence.candidates, beliefs.tolist(), strict=True)), horizons, gains
        )

    def _chances(self, context: "Context", replies: Sequence["Reply"]) -> tuple[float, ...]:
        """P(right) of each reply by itself; of one that cannot be read its prompt's reward."""
        chances = context.reward[[reply.request.prompt for reply in replies]]
        rows = [read(context.query, reply.text, reply.answer) for reply in replies]
        readable = [place for place, row in enumerate(rows) if row is not None]
        if readable and self.verifier is not None:
            table = np.array([rows[place] for place in readable])
            chances[readable] = self.verifier.chances(table)
        return tuple(chances.tolist())


def as_beliefs(chances: np.ndarray) -> np.ndarray:
    """Chances of candidates that exclude one another: scaled down where they exceed 1 together."""
    return chances / max(1.0, float(chances.sum()))


def opening_gains(
    opening: np.ndarray, difficulty: "float | np.ndarray", horizons: np.ndarray
) -> np.ndarray:
    """P(right) after the first so many calls.

    Args:
        opening: As in ``BudgetModel``.
        difficulty: Mean reward of the prompts, a number or shape (queries, 1).
        horizons: Numbers of calls, shape (h,); beyond the logged prompts P(right) stays as it is.

    Returns:
        Shape (h,) or (queries, h).
    """
    height, slope = opening[np.minimum(horizons, len(opening)) - 1].T
    return np.clip(height + slope * difficulty, 0.0, 1.0)


def with_horizons(states: np.ndarray, horizons: "Sequence[int] | np.ndarray") -> np.ndarray:
    """The gain booster's input: every state with every horizon, horizons changing fastest.

    Args:
        states: Shape (states, len(STATE_FEATURES)).
        horizons: Numbers of further calls.

    Returns:
        Shape (states · horizons, len(STATE_FEATURES) + 1).
    """
    repeated = np.repeat(states, len(horizons), axis=0)
    return np.column_stack([repeated, np.tile(np.asarray(horizons, dtype=float), len(states))])
