"""The same curves under either grader: the published labels, and this project's reading.

What a vote gains depends on how answers are read, so no row of one grader is set beside a row of
the other: reward models, votes, the budget policy and the judgement all use one of them.
"""

from collections.abc import Callable
from itertools import product

import pandas as pd

from core.evaluation.crossfit import REPETITIONS, clean_scores, cross_fit, query_index
from core.evaluation.curves import Estimate, area, at, curves_of, spans
from core.evaluation.nested import nested
from core.evaluation.panels import Panel, answered_prompts, answered_rows
from core.evaluation.report import Result, evaluate
from core.evaluation.statistics import UNKNOWN
from core.logs.answers import answers_beside
from core.logs.matrix import build
from core.policies.registry import rivals

GRADERS = ("published", "project")
AT_CALLS = (1, 2, 3, 4, 6, 8, 16)
"""Mean calls at which the curves are read off."""
_LABELS = {"published": "published_correct", "project": "correct"}


def graded_panel(
    table: pd.DataFrame,
    dataset: str,
    grader: str,
    *,
    repetitions: int = REPETITIONS,
    on_fit: Callable[[], None] = lambda: None,
) -> Panel:
    """The clean protocol on the answered prompts of one data set, everything by one grader.

    Args:
        table: All demonstrations of one LLM.
        dataset: One whose answers were logged.
        grader: One of ``GRADERS``.
        repetitions: Of the cross-validation.
        on_fit: Called after each fit of a reward model.
    """
    mine = table[table["dataset"] == dataset]
    rows = answered_rows(mine)
    log = build(rows, answered_prompts(rows), grader=grader)
    scores, parts = [], []
    for seed in range(repetitions):
        fit = cross_fit(rows, log.prompts, label=_LABELS[grader], seed=seed, on_fit=on_fit)
        scores.append(clean_scores(log, fit))
        fold = fit.fold.reindex(query_index(log)).to_numpy()
        parts.append(nested(rows, log, fold, seed=seed, on_fit=on_fit))
    more = answers_beside(mine, log)
    return Panel("clean", "answered", log, tuple(scores), None, tuple(parts), more=more)


def compare_graders(
    table: pd.DataFrame, dataset: str, on_fit: Callable[[], None] = lambda: None
) -> pd.DataFrame:
    """Evaluate one data set under each grader; rows as ``read_off`` gives them."""
    panels = (graded_panel(table, dataset, grader, on_fit=on_fit) for grader in GRADERS)
    return pd.concat([read_off(evaluate(panel)) for panel in panels], ignore_index=True)


def read_off(result: Result) -> pd.DataFrame:
    """Accuracies at round costs and mean accuracies over a span, with paired differences.

    Curves are straight between their points.

    Returns:
        A row per cost unit (``calls`` or ``tokens``, see ``Span``), policy and place: llm, dataset,
        grader, cost, policy, measure (``accuracy`` at ``calls``, or ``area``: the mean from one
        call to ``calls``), calls, and, each with its 95 % interval, value, minus_exhaustive (of an
        accuracy) and budgeted_minus: how far the budget policy is above this one.
    """
    log, prompts = result.panel.log, len(result.panel.log.prompts)
    curves = curves_of(result.outcomes, result.bootstrap)
    others = [name for name in curves if name in rivals()]
    identity: dict[str, object] = {"llm": log.llm, "dataset": log.dataset, "grader": log.grader}
    exhaustive = result.outcomes["majority-vote", prompts].correct
    target = Estimate(float(exhaustive.mean()), result.bootstrap.draws(exhaustive))
    rows: list[dict[str, object]] = []
    for span in spans(curves, prompts):
        best = curves[span.budgeted]
        places = [(at, calls) for calls in AT_CALLS if calls <= prompts] + [(area, span.last)]
        for name, (read, place) in product((*others, span.budgeted), places):
            mine = read(curves[name], span.cost(curves[name]), place)
            rows.append(
                identity
                | {"cost": span.unit, "policy": name, "measure": _MEASURES[read], "calls": place}
                | mine.interval.columns("value")
                | (mine.minus(target) if read is at else UNKNOWN).columns("minus_exhaustive")
                | read(best, span.cost(best), place).minus(mine).columns("budgeted_minus")
            )
    return pd.DataFrame(rows)


_MEASURES = {at: "accuracy", area: "area"}
