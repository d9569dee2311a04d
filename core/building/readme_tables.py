"""The results as Markdown, for README and RESULTS, from the shipped tables."""

import pandas as pd

from core.demonstrations import DATASET_LABELS, LLAMA2
from core.evaluation.frontier import exhaustive_row, hero, share_of_bill, significant
from core.policies import entries, label_of
from core.policies.registry import rivals

PAPER = {
    # Sun et al. 2024: Prompt-OIRL with LLaMA2-7B-chat, by set of prompts and data set.
    ("training", "gsm8k"): 0.258,
    ("training", "mawps"): 0.686,
    ("training", "svamp"): 0.672,
    ("held-out", "gsm8k"): 0.190,
    ("held-out", "mawps"): 0.487,
    ("held-out", "svamp"): 0.434,
}
_SETS = {
    "training": "six training",
    "held-out": "ten held-out",
    "answered": "all answered",
    "mended": "all, mended",
}
_DIALS = (2, 3, 4, 6, 8)
_AREAS = {"area_to_half_minus": "calls", "area_to_half_by_tokens_minus": "tokens"}
_AT_CALLS = 4
_VARIES = {"capped-consistency": "the same, capped"}
"""Right after the policy that it varies a name can be shorter."""
_SIGNIFICANT = (
    "\\* significant: the interval leaves zero out, and a gain over single prompts holds against "
    "every one of them. *Best single* is the best prompt of the other folds, picked anew in each "
    "resample of the bootstrap. *Any one prompt* is the best in hindsight, with the lowest of all "
    "intervals. *A perfect model* is one whose chances are all true: what luck leaves of its ECE."
)
_KEY = ["llm", "dataset", "protocol", "prompt_set"]


def results_markdown(frontier: pd.DataFrame, summary: pd.DataFrame) -> str:
    """Both protocols as tables, accuracies in percent.

    Args:
        frontier: The shipped frontier table.
        summary: The shipped summary metrics, for the calibration error.
    """
    parts = (
        _published(frontier),
        _clean(frontier, summary),
        _budget(frontier, summary),
        _parts(frontier),
        _published_rivals(frontier),
    )
    return "\n\n".join(parts) + "\n"


def summary_markdown(frontier: pd.DataFrame) -> str:
    """What one call, our policies and all prompts come to on the logs with answers to all of them.

    Args:
        frontier: The shipped frontier table.
    """
    lines = [
        "| LLM, data set | prompts | always the best one | best-of-N, one call | exhaustive "
        "| as right for less | its cost |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    rows = frontier[(frontier["protocol"] == "clean") & (frontier["prompt_set"] == "answered")]
    for (llm, dataset, *_), panel in rows.groupby(_KEY, sort=False):
        exhaustive = exhaustive_row(panel)
        if exhaustive is None:
            continue
        single, best, told = _row(panel, "best-single"), _row(panel, "best-of-n"), hero(panel)
        saving, cost = "—", "—"
        if told["minus_exhaustive"] >= 0:
            share, unit = share_of_bill(told, exhaustive)
            gain = _difference(told, "minus_exhaustive")
            saving = f"{label_of(told['policy'])} {_percent(told)}, {gain}"
            cost = f"{told['calls']:.1f} calls, {100 * share:.0f} % of the {unit}"
        lines.append(
            f"| {llm}, {DATASET_LABELS[dataset]} | {best['prompts']} | {_percent(single)} | "
            f"{_percent(best)}, {_difference(best)} | {_percent(exhaustive)} | {saving} | "
            f"{cost} |"
        )
    return "\n".join(lines) + "\n"


def _published(frontier: pd.DataFrame) -> str:
    lines = [
        "Published protocol, LLaMA2-7B-chat, published labels:",
        "",
        "| prompts | data set | n | paper | best-of-N (95 %) | best single | self-critique "
        "| oracle |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    rows = frontier[frontier["protocol"] == "published"]
    for (prompts, dataset), paper in PAPER.items():
        panel = rows[(rows["prompt_set"] == prompts) & (rows["dataset"] == dataset)]
        best = _row(panel, "best-of-n")
        # Where no prompt was logged before, the best one is known in hindsight only.
        single = _row(panel, "best-single" if prompts == "training" else "hindsight-single")
        mark = "" if prompts == "training" else " †"
        lines.append(
            f"| {_SETS[prompts]} | {DATASET_LABELS[dataset]} | {best['n']:,} | {100 * paper:.1f} | "
            f"**{_percent(best)}** ({_interval(best)}) | {_percent(single)}{mark} | "
            f"{_percent(_row(panel, 'self-critique'))} | {_percent(_row(panel, 'oracle'))} |"
        )
    return "\n".join([*lines, "", "† known in hindsight only."])


def _clean(frontier: pd.DataFrame, summary: pd.DataFrame) -> str:
    lines = [
        "Clean protocol:",
        "",
        "| LLM | data set | prompts | n | best single | best-of-N | against it (95 %) "
        "| against any one prompt (95 %) | exhaustive | ECE | of a perfect model |",
        f"| --- | --- | --- |{' ---: |' * 8}",
    ]
    errors = summary.set_index(["metric", *_KEY])["value"]
    rows = frontier[frontier["protocol"] == "clean"]
    for key, panel in rows.groupby(_KEY, sort=False):
        llm, dataset, _, prompts = key
        best, single = _row(panel, "best-of-n"), _row(panel, "best-single")
        vote = exhaustive_row(panel)
        exhaustive = "—" if vote is None else f"{_percent(vote)} ({vote['calls']:.0f} calls)"
        lines.append(
            f"| {llm} | {DATASET_LABELS[dataset]} | {_SETS[prompts]} ({best['prompts']}) | "
            f"{best['n']:,} | {_percent(single)} | {_percent(best)} | {_difference(best)} | "
            f"{_difference(best, 'minus_same_prompt')} | {exhaustive} | "
            f"{errors.loc[('calibration_error', *key)].item():.3f} | "
            f"{errors.loc[('calibration_error_of_perfect', *key)].item():.3f} |"
        )
    return "\n".join([*lines, "", _SIGNIFICANT])


def _budget(frontier: pd.DataFrame, summary: pd.DataFrame) -> str:
    """The budget policy: points of its curve, and its area against those of other policies."""
    lines = [
        "Budgeted, clean protocol:",
        "",
        "| LLM | data set | mean calls | accuracy (95 %) | against exhaustive (95 %) |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    rows = frontier[(frontier["policy"] == "budgeted") & frontier["parameter"].isin(_DIALS)]
    for row in rows.to_dict("records"):
        lines.append(
            f"| {row['llm']} | {_judged(row['dataset'], row['prompt_set'])} | {row['calls']:.1f} | "
            f"{_percent(row)} ({_interval(row)}) | {_difference(row, 'minus_exhaustive')} |"
        )
    lines += [
        "",
        "Mean accuracy from one call to half of the prompts, budgeted minus others, in points:",
        "",
        f"| LLM | data set | cost in | {' | '.join(map(_name, rivals()))} |",
        f"| --- | --- | --- |{' ---: |' * len(rivals())}",
    ]
    gains = summary[summary["metric"].isin(_AREAS)].set_index(["metric", "subject"])
    for (llm, dataset, answers), panel in gains.groupby(
        ["llm", "dataset", "prompt_set"], sort=False
    ):
        for metric, cost in _AREAS.items():
            cells = " | ".join(_difference(panel.loc[(metric, name)], "value") for name in rivals())
            lines.append(f"| {llm} | {_judged(dataset, answers)} | {cost} | {cells} |")
    return "\n".join(lines)


def _parts(frontier: pd.DataFrame) -> str:
    """What mending, judging and stopping early each give, one after the other."""
    lines = [
        "What mending, judging and stopping early give, each on top of the one before:",
        "",
        "| LLM | data set | vote of all, as answered | mended | judged by *budgeted*, all calls "
        "| half of the calls | a quarter |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    rows = frontier[(frontier["llm"] == LLAMA2) & (frontier["protocol"] == "clean")]
    for dataset, panel in rows.groupby("dataset", sort=False):
        given, mended = (panel[panel["prompt_set"] == name] for name in ("answered", "mended"))
        prompts = int(mended["prompts"].iloc[0])
        judged = mended[mended["policy"] == "budgeted"].set_index("parameter")
        steps = [
            _percent(one) for one in map(exhaustive_row, (given, mended)) if one is not None
        ] + [_percent(judged.loc[prompts / share]) for share in (1, 2, 4)]
        lines.append(f"| {LLAMA2} | {DATASET_LABELS[dataset]} | {' | '.join(steps)} |")
    return "\n".join(lines)


def _published_rivals(frontier: pd.DataFrame) -> str:
    """Each published rival where it is best in hindsight, and budgeted for no more calls."""
    lines = [
        "Published rivals at their most accurate setting, known in hindsight only, and *budgeted* "
        "with at most as many calls:",
        "",
        "| LLM | data set | rival | calls | accuracy | against exhaustive (95 %) "
        "| *budgeted*, calls | accuracy | against exhaustive (95 %) |",
        f"| --- | --- | --- |{' ---: |' * 6}",
    ]
    names = [entry.name for entry in entries().values() if entry.shown == "rivals"]
    rows = frontier[(frontier["protocol"] == "clean") & (frontier["prompt_set"] != "training")]
    for (llm, dataset, _, answers), panel in rows.groupby(_KEY, sort=False):
        learned = panel[panel["policy"] == "budgeted"]
        for name in names:
            points = panel[panel["policy"] == name]
            if points.empty:
                continue
            rival = _best(points)
            mine = _best(learned[learned["calls"] <= rival["calls"]])
            cells = " | ".join(
                f"{row['calls']:.1f} | {_percent(row)} | {_difference(row, 'minus_exhaustive')}"
                for row in (rival, mine)
            )
            lines.append(f"| {llm} | {_judged(dataset, answers)} | {label_of(name)} | {cells} |")
    return "\n".join(lines)


def _best(rows: pd.DataFrame) -> pd.Series:
    """The most accurate row; of equal ones that with fewest calls."""
    return rows.sort_values(["accuracy", "calls"], ascending=[False, True]).iloc[0]


def _judged(dataset: str, prompt_set: str) -> str:
    """A data set, and whether the answers to it were mended."""
    return DATASET_LABELS[dataset] + (", mended" if prompt_set == "mended" else "")


def graders_markdown(table: pd.DataFrame) -> str:
    """The budget policy beside others under either grader, accuracies in percent.

    Args:
        table: Rows of ``core.evaluation.graders.read_off``.
    """
    calls = table[(table["cost"] == "calls") & (table["measure"] == "accuracy")]
    curves = calls.pivot(index=["grader", "policy"], columns="calls", values="value")
    places = " | ".join(f"{place:g}" for place in curves)
    lines = [
        "LLaMA2-7B-chat on GSM8K under either grader, accuracy at so many mean calls:",
        "",
        f"| grader | policy | {places} |",
        f"| --- | --- |{' ---: |' * curves.shape[1]}",
    ]
    for grader, policy in calls[["grader", "policy"]].drop_duplicates().itertuples(index=False):
        cells = " | ".join(f"{100 * value:.1f}" for value in curves.loc[(grader, policy)])
        lines.append(f"| {grader} | {_name(policy)} | {cells} |")
    return "\n".join([*lines, "", *_grader_gains(table)]) + "\n"


def _grader_gains(table: pd.DataFrame) -> list[str]:
    lines = [
        f"Budgeted at {_AT_CALLS} mean calls against exhaustive prompting, and its mean accuracy "
        "from one call to half of the prompts against others, in points:",
        "",
        f"| grader | cost in | exhaustive | {' | '.join(map(_name, rivals()))} |",
        f"| --- | --- | ---: |{' ---: |' * len(rivals())}",
    ]
    for (grader, cost), panel in table.groupby(["grader", "cost"], sort=False):
        mine = panel[panel["policy"].str.startswith("budgeted") & (panel["calls"] == _AT_CALLS)]
        areas = panel[panel["measure"] == "area"].set_index("policy")
        cells = [_difference(mine.iloc[0], "minus_exhaustive")]
        cells += [_difference(areas.loc[name], "budgeted_minus") for name in rivals()]
        lines.append(f"| {grader} | {cost} | {' | '.join(cells)} |")
    return lines


def _name(policy: str) -> str:
    return _VARIES.get(policy, label_of(policy))


def _row(panel: pd.DataFrame, policy: str) -> pd.Series:
    return panel[panel["policy"] == policy].iloc[0]


def _percent(row: pd.Series) -> str:
    return f"{100 * row['accuracy']:.1f}"


def _interval(row: pd.Series) -> str:
    return f"{100 * row['accuracy_low']:.1f} to {100 * row['accuracy_high']:.1f}"


def _difference(row: "pd.Series | dict", name: str = "minus_best_single") -> str:
    low, high = row[f"{name}_low"], row[f"{name}_high"]
    star = "\\*" if significant(row, name) else ""
    return f"{100 * row[name]:+.1f}{star} ({100 * low:+.1f} to {100 * high:+.1f})"
