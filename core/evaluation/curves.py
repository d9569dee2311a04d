"""What the accuracy-cost curves of policies have in common figures: areas, and where they meet."""

from collections.abc import Mapping
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

CURVES = (
    "majority-vote",
    "reward-vote",
    "adaptive-consistency",
    "capped-consistency",
    "budgeted",
    "budgeted-tokens",
    "budgeted-2-at-once",
    "budgeted-4-at-once",
)

Outcomes = Mapping[tuple[str, float | None], Outcome]
Metric = tuple[str, str, Interval]
"""Its name, the policy and the value."""


def exact(value: float) -> Interval:
    """A value without an interval."""
    return Interval(value, float("nan"), float("nan"))


@dataclass(frozen=True)
class _Curve:
    """Points of one policy, by rising mean calls; ``draws`` has shape (resamples, points)."""

    calls: np.ndarray
    tokens: np.ndarray
    accuracy: np.ndarray
    draws: np.ndarray


def _curve(outcomes: Outcomes, bootstrap: ClusterBootstrap, name: str) -> _Curve | None:
    """The points of a policy, None when there are fewer than two."""
    points = sorted(
        (
            outcome
            for (policy, _), outcome in outcomes.items()
            if policy == name or (policy == "best-of-n" and name == "reward-vote")
        ),
        key=lambda outcome: float(outcome.calls.mean()),
    )
    if len(points) < 2:
        return None
    return _Curve(
        np.array([point.calls.mean() for point in points]),
        np.array([(point.prompt_tokens + point.completion_tokens).mean() for point in points]),
        np.array([point.correct.mean() for point in points]),
        np.column_stack([bootstrap.draws(point.correct) for point in points]),
    )


def curve_metrics(outcomes: Outcomes, bootstrap: ClusterBootstrap, prompts: int) -> list[Metric]:
    """Areas under each policy's curve and the calls at which it matches exhaustive prompting.

    Args:
        outcomes: By policy and parameter, the majority vote of all prompts among them.
        bootstrap: Over the same queries.
        prompts: How many there are.
    """
    target = float(outcomes["majority-vote", prompts].correct.mean())
    curves = {
        name: curve for name in CURVES if (curve := _curve(outcomes, bootstrap, name)) is not None
    }
    found: list[Metric] = []
    for name, curve in curves.items():
        area = float(normalised_area(curve.calls, curve.accuracy))
        draws = normalised_area(curve.calls, curve.draws)
        found.append(("normalised_area", name, summarise(area, draws)))
        matched = calls_to_reach(curve.calls, curve.accuracy, target)
        found.append(("calls_to_match_exhaustive", name, exact(matched)))
    return found + _budget_metrics(curves, prompts)


def _budget_metrics(curves: dict[str, _Curve], prompts: int) -> list[Metric]:
    """Areas up to half of the prompts' calls, and by how much the budget policy's is larger.

    By tokens the span ends where the majority vote of half of the prompts does, and a call is the
    mean tokens of the best single prompt.
    """
    if "budgeted" not in curves:
        return []
    found: list[Metric] = []
    half, vote = prompts / 2, curves["majority-vote"]
    unit = vote.tokens[0]
    spans = {
        "area_to_half": ("budgeted", half, lambda curve: curve.calls),
        "area_to_half_by_tokens": (
            "budgeted-tokens",
            float(np.interp(half, vote.calls, vote.tokens)) / unit,
            lambda curve: curve.tokens / unit,
        ),
    }
    for metric, (mine, last, cost) in spans.items():
        areas = {
            name: (
                float(area_up_to(cost(curve), curve.accuracy, last)),
                area_up_to(cost(curve), curve.draws, last),
            )
            for name, curve in curves.items()
        }
        for name, (area, draws) in areas.items():
            found.append((metric, name, summarise(area, draws)))
            if not name.startswith("budgeted"):
                gain = summarise(areas[mine][0] - area, areas[mine][1] - draws)
                found.append((f"{metric}_minus", name, gain))
    return found
