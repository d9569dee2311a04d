"""Tidy tables of a panel: one row per policy and parameter, and the summary metrics."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.costs.prices import price_of
from core.evaluation import budgeted
from core.evaluation.curves import Metric, curve_metrics
from core.evaluation.frontier import PER_ARM
from core.evaluation.panels import Panel
from core.evaluation.replay import Outcome, average, hindsight_single, oracle, replay
from core.evaluation.statistics import (
    UNKNOWN,
    ClusterBootstrap,
    Interval,
    calibration_error,
    calibration_error_of_perfect,
    reliability,
    summarise,
)
from core.policies import entries
from core.policies.entry import Entry, Need

RANDOM_SEEDS = 5

FRONTIER_COLUMNS = [
    "llm",
    "dataset",
    "protocol",
    "prompt_set",
    "prompts",
    "grader",
    "policy",
    "parameter",
    "deployable",
    "n",
    "clusters",
    "accuracy",
    "accuracy_low",
    "accuracy_high",
    "calls",
    "prompt_tokens",
    "completion_tokens",
    "dollars_per_1000",
    "price",
    "dollars_per_correct",
    "minus_best_single",
    "minus_best_single_low",
    "minus_best_single_high",
    "minus_same_prompt",
    "minus_same_prompt_low",
    "minus_same_prompt_high",
    "minus_exhaustive",
    "minus_exhaustive_low",
    "minus_exhaustive_high",
]


@dataclass(frozen=True)
class Result:
    """Outcomes of every policy on one panel, and the draws that their intervals share."""

    panel: Panel
    outcomes: dict[tuple[str, float | None], Outcome]
    bootstrap: ClusterBootstrap

    @property
    def exhaustive(self) -> Outcome | None:
        """Majority vote over all prompts, None where answers cannot be compared."""
        return self.outcomes.get(("majority-vote", len(self.panel.log.prompts)))

    @property
    def best_single(self) -> Outcome | None:
        """The best prompt of the training log, None where no prompt was logged before."""
        return self.outcomes.get(("best-single", None))


def _has(panel: Panel) -> set[Need]:
    """What the panel's log has to replay policies with."""
    log = panel.log
    found: dict[Need, bool] = {
        "logged prompts": panel.prompt_set != "held-out",
        "tokens": not any(np.isnan(scores.tokens).any() for scores in panel.scores),
        "answers": log.answer is not None,
        "verdicts": log.verdict is not None,
        "nested folds": bool(panel.nested),
    }
    return {need for need, there in found.items() if there}


def _replayed(panel: Panel, entry: Entry) -> dict[tuple[str, float | None], Outcome]:
    """The outcomes of one row of the registry, by policy and parameter."""
    if entry.replayed is None or not entry.needs <= _has(panel):
        return {}
    prompts, seeds = len(panel.log.prompts), RANDOM_SEEDS if entry.drawn else 1
    return {
        (policy.name, policy.parameter): average(
            [
                # Anew each time: a policy that draws goes on where it stopped.
                replay(entry.replayed(prompts, seed)[place], panel.log, scores)
                for scores in panel.scores
                for seed in range(seeds)
            ]
        )
        for place, policy in enumerate(entry.replayed(prompts, 0))
    }


def evaluate(panel: Panel) -> Result:
    """Run every policy that the panel's log can feed."""
    outcomes: dict[tuple[str, float | None], Outcome] = {}
    for entry in entries().values():
        outcomes |= _replayed(panel, entry)
    if panel.nested:
        outcomes |= budgeted.outcomes(panel.log, panel.nested, panel.scores, panel.more)
    outcomes["hindsight-single", None] = hindsight_single(panel.log)
    outcomes["oracle", None] = oracle(panel.log)
    return Result(panel, outcomes, ClusterBootstrap(panel.log.group))


def _identity(panel: Panel) -> dict[str, object]:
    return {
        "llm": panel.log.llm,
        "dataset": panel.log.dataset,
        "protocol": panel.protocol,
        "prompt_set": panel.prompt_set,
        "prompts": len(panel.log.prompts),
        "grader": panel.log.grader,
    }


def _difference(result: Result, outcome: Outcome, base: Outcome | None) -> Interval:
    if base is None:
        return UNKNOWN
    return result.bootstrap.mean(outcome.correct - base.correct)


def _over_picked(result: Result, outcome: Outcome) -> Interval:
    """Against the best prompt of the log, which is picked anew in each resample."""
    base, panel = result.best_single, result.panel
    if base is None or not panel.folds:
        return _difference(result, outcome, base)
    if np.array_equal(outcome.correct, base.correct):
        return Interval(0.0, 0.0, 0.0)
    draw = result.bootstrap
    picked = [draw.picked_draws(panel.log.correct, fold) for fold in panel.folds]
    draws = draw.draws(outcome.correct) - np.mean(picked, axis=0)
    return summarise(float(np.mean(outcome.correct - base.correct)), draws)


def _over_same(result: Result, outcome: Outcome) -> Interval:
    """Against always one and the same prompt, whichever it is.

    The value is the difference from the best one in hindsight. The lower end is the lowest of the
    differences from every prompt, so that what it leaves above zero holds against all of them.
    """
    correct = result.panel.log.correct.astype(float)
    every = [result.bootstrap.mean(outcome.correct - one) for one in correct.T]
    best = every[int(correct.mean(axis=0).argmax())]
    return Interval(best.value, min(one.low for one in every), best.high)


def frontier(result: Result) -> pd.DataFrame:
    """One row per policy and parameter with the columns of ``FRONTIER_COLUMNS``.

    Accuracies and differences are shares (0..1), tokens and calls means per query; unknown
    tokens and dollars are NaN. ``price`` says whose price and of which day, or "no price", or
    that the log has dollars of its own.
    """
    rows = []
    log = result.panel.log
    # What the log says that calls cost goes before any list.
    price = price_of(log.llm) if log.dollars is None else None
    said = f"{price.provider}, {price.day}, {price.source}" if price else "no price"
    if log.dollars is not None:
        said = PER_ARM if log.is_priced else "as logged"
    for (policy, parameter), outcome in result.outcomes.items():
        tokens = outcome.prompt_tokens.mean(), outcome.completion_tokens.mean()
        dollars = price.dollars(*tokens) if price else outcome.dollars.mean()
        accuracy = result.bootstrap.mean(outcome.correct)
        rows.append(
            _identity(result.panel)
            | {
                "policy": policy,
                "parameter": parameter,
                "deployable": entries()[policy].deployable,
                "n": len(outcome.correct),
                "clusters": len(np.unique(result.panel.log.group)),
                "calls": outcome.calls.mean(),
                "prompt_tokens": tokens[0],
                "completion_tokens": tokens[1],
                "dollars_per_1000": dollars * 1000,
                "price": said,
                "dollars_per_correct": dollars / accuracy.value,
            }
            | accuracy.columns("accuracy")
            | _over_picked(result, outcome).columns("minus_best_single")
            | _over_same(result, outcome).columns("minus_same_prompt")
            | _difference(result, outcome, result.exhaustive).columns("minus_exhaustive")
        )
    return pd.DataFrame(rows)[FRONTIER_COLUMNS]


def reliability_curve(result: Result) -> pd.DataFrame:
    """Predicted against observed share right: n, predicted, observed and the panel's key."""
    panel = result.panel
    reward = np.concatenate([scores.reward for scores in panel.scores])
    correct = np.concatenate([panel.log.correct] * len(panel.scores))
    return reliability(reward, correct).assign(**_identity(panel))


def summary(result: Result) -> pd.DataFrame:
    """The summary metrics of one panel: metric, subject (policy), value and 95 % interval."""
    curves = (
        ()
        if result.exhaustive is None
        else curve_metrics(result.outcomes, result.bootstrap, len(result.panel.log.prompts))
    )
    metrics = [*_model_metrics(result), *_gap_metrics(result), *curves]
    rows = [
        _identity(result.panel) | {"metric": metric, "subject": subject} | value.columns("value")
        for metric, subject, value in [*metrics, *_break_even(result)]
    ]
    return pd.DataFrame(rows)


def _model_metrics(result: Result) -> list[Metric]:
    """Calibration error of the reward model and its selections' regret to the oracle."""
    error = calibration_error(reliability_curve(result))
    perfect = calibration_error_of_perfect(result.panel.scores[0].reward)
    outcome, best = result.outcomes["best-of-n", None], result.outcomes["oracle", None]
    return [
        ("calibration_error", "reward-model", Interval(error)),
        ("calibration_error_of_perfect", "reward-model", Interval(perfect)),
        ("regret_to_oracle", "best-of-n", result.bootstrap.mean(best.correct - outcome.correct)),
    ]


def _gap_metrics(result: Result) -> list[Metric]:
    """Share of the gap between best single and exhaustive that a policy closes.

    "Performance gap recovered" of Ong et al. 2024 (RouteLLM), section 3: 0 is the best single
    prompt, 1 is exhaustive prompting.
    """
    if result.exhaustive is None or result.best_single is None:
        return []
    draw = result.bootstrap.draws
    low, high = result.best_single.correct, result.exhaustive.correct
    found = []
    for (policy, parameter), outcome in result.outcomes.items():
        if not entries()[policy].deployable:
            continue
        gain, gap = outcome.correct - low, high - low
        subject = policy if parameter is None else f"{policy} {parameter:g}"
        value = float(gain.mean() / gap.mean())
        with np.errstate(divide="ignore", invalid="ignore"):
            draws = draw(gain) / draw(gap)
        found.append(("gap_recovered", subject, summarise(value, draws)))
    return found


def _break_even(result: Result) -> list[Metric]:
    """What logging every prompt once cost, and after how many queries best-of-N has paid for it.

    The log is paid for with N calls per logged query; each later query saves the difference
    between exhaustive prompting and one call. Counted in calls always and in dollars where a price
    and tokens are known.
    """
    log, price = result.panel.log, price_of(result.panel.log.llm)
    queries, prompts = log.correct.shape
    found = [
        ("offline_calls", "log", Interval(float(queries * prompts))),
        ("break_even_queries", "calls", Interval(queries * prompts / (prompts - 1))),
    ]
    one = result.outcomes["best-of-n", None]
    if price is None or result.exhaustive is None:
        return found
    offline = price.dollars(log.prompt_tokens.sum(), log.completion_tokens.sum())
    saved = price.dollars(
        result.exhaustive.prompt_tokens.mean() - one.prompt_tokens.mean(),
        result.exhaustive.completion_tokens.mean() - one.completion_tokens.mean(),
    )
    found.append(("offline_dollars", "log", Interval(offline)))
    found.append(("break_even_queries", "dollars", Interval(offline / saved)))
    return found
