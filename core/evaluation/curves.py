"""What the accuracy-cost curves of policies have in common figures: areas, and where they meet."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from core.evaluation.replay import Outcome
from core.evaluation.statistics import (
    ClusterBootstrap,
    Interval,
    area_up_to,
    calls_to_reach,
    normalised_area,
    summarise,
)
from core.policies import entries

Outcomes = Mapping[tuple[str, float | None], Outcome]
Metric = tuple[str, str, Interval]
"""Its name, the policy and the value."""


@dataclass(frozen=True)
class Curve:
    """Points of one policy, by rising mean calls; ``draws`` has shape (resamples, points)."""

    calls: np.ndarray
    tokens: np.ndarray
    accuracy: np.ndarray
    draws: np.ndarray


def curve_of(points: Iterable[Outcome], bootstrap: ClusterBootstrap) -> Curve:
    """The curve through some outcomes of one policy, in any order."""
    points = sorted(points, key=lambda point: float(point.calls.mean()))
    return Curve(
        np.array([point.calls.mean() for point in points]),
        np.array([(point.prompt_tokens + point.completion_tokens).mean() for point in points]),
        np.array([point.correct.mean() for point in points]),
        np.column_stack([bootstrap.draws(point.correct) for point in points]),
    )


def curves_of(outcomes: Outcomes, bootstrap: ClusterBootstrap) -> dict[str, Curve]:
    """The curve of every policy that has one and at least two points."""
    points: dict[str, list[Outcome]] = {
        entry.name: [] for entry in entries().values() if entry.curve
    }
    for (policy, _), outcome in outcomes.items():
        # The reward-weighted vote of one call is best-of-N.
        name = "reward-vote" if policy == "best-of-n" else policy
        if name in points:
            points[name].append(outcome)
    return {name: curve_of(mine, bootstrap) for name, mine in points.items() if len(mine) > 1}


@dataclass(frozen=True)
class Estimate:
    """A figure and its resampled values, shape (resamples,)."""

    value: float
    draws: np.ndarray

    @property
    def interval(self) -> Interval:
        """With its 95 % interval."""
        return summarise(self.value, self.draws)

    def minus(self, other: "Estimate") -> Interval:
        """The paired difference."""
        return summarise(self.value - other.value, self.draws - other.draws)


def at(curve: Curve, cost: np.ndarray, place: float) -> Estimate:
    """Accuracy at a cost; ``cost`` is that of the curve's points in any unit, as below."""
    # Reading a curve off is linear in its accuracies: the weights are read off unit curves.
    weights = np.array([np.interp(place, cost, unit) for unit in np.eye(len(cost))])
    return Estimate(float(curve.accuracy @ weights), curve.draws @ weights)


def area(curve: Curve, cost: np.ndarray, last: float) -> Estimate:
    """Mean accuracy from one call to ``last``."""
    return Estimate(
        float(area_up_to(cost, curve.accuracy, last)), area_up_to(cost, curve.draws, last)
    )


@dataclass(frozen=True)
class Span:
    """The costs from one call to ``last`` calls over which curves are compared, in one unit.

    Attributes:
        unit: ``calls`` or ``tokens``.
        budgeted: The variant of the budget policy that is compared with others.
        last: Where the span ends: half of the prompts, in calls.
        cost: Costs of a curve's points in calls. By tokens a call is the mean tokens of the best
            single prompt, and the span ends where the majority vote of half of the prompts does.
    """

    unit: str
    budgeted: str
    last: float
    cost: Callable[[Curve], np.ndarray]


def spans(curves: Mapping[str, Curve], prompts: int) -> tuple[Span, Span]:
    """The span by calls and that by tokens; majority vote and budget policy must have curves."""
    half, vote = prompts / 2, curves["majority-vote"]
    unit = vote.tokens[0]
    last = float(np.interp(half, vote.calls, vote.tokens)) / unit
    return (
        Span("calls", "budgeted", half, lambda curve: curve.calls),
        Span("tokens", "budgeted-tokens", last, lambda curve: curve.tokens / unit),
    )


def curve_metrics(outcomes: Outcomes, bootstrap: ClusterBootstrap, prompts: int) -> list[Metric]:
    """Areas under each policy's curve and the calls at which it matches exhaustive prompting.

    Args:
        outcomes: By policy and parameter, the majority vote of all prompts among them.
        bootstrap: Over the same queries.
        prompts: How many there are.
    """
    target = float(outcomes["majority-vote", prompts].correct.mean())
    curves = curves_of(outcomes, bootstrap)
    found: list[Metric] = []
    for name, curve in curves.items():
        whole = float(normalised_area(curve.calls, curve.accuracy))
        draws = normalised_area(curve.calls, curve.draws)
        found.append(("normalised_area", name, summarise(whole, draws)))
        matched = calls_to_reach(curve.calls, curve.accuracy, target)
        found.append(("calls_to_match_exhaustive", name, Interval(matched)))
    return found + _budget_metrics(curves, prompts)


def _budget_metrics(curves: dict[str, Curve], prompts: int) -> list[Metric]:
    """Areas up to half of the prompts' calls, and by how much the budget policy's is larger."""
    if "budgeted" not in curves:
        return []
    found: list[Metric] = []
    for span in spans(curves, prompts):
        metric = "area_to_half" + ("_by_tokens" if span.unit == "tokens" else "")
        areas = {name: area(curve, span.cost(curve), span.last) for name, curve in curves.items()}
        for name, other in areas.items():
            found.append((metric, name, other.interval))
            if entries()[name].learned is None:
                found.append((f"{metric}_minus", name, areas[span.budgeted].minus(other)))
    return found
