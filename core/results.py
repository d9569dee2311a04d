"""The README's results as Markdown, from the shipped tables."""

import pandas as pd

PAPER = {
    # Sun et al. 2024: Prompt-OIRL with LLaMA2-7B-chat, by set of prompts and data set.
    ("training", "gsm8k"): 0.258,
    ("training", "mawps"): 0.686,
    ("training", "svamp"): 0.672,
    ("held-out", "gsm8k"): 0.190,
    ("held-out", "mawps"): 0.487,
    ("held-out", "svamp"): 0.434,
}
_SETS = {"training": "six training", "held-out": "ten held-out", "answered": "all answered"}
_KEY = ["llm", "dataset", "protocol", "prompt_set"]


def results_markdown(frontier: pd.DataFrame, summary: pd.DataFrame) -> str:
    """Both protocols as tables, accuracies in percent.

    Args:
        frontier: The shipped frontier table.
        summary: The shipped summary metrics, for the calibration error.
    """
    return f"{_published(frontier)}\n\n{_clean(frontier, summary)}\n"


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
            f"| {_SETS[prompts]} | {dataset.upper()} | {best['n']:,} | {100 * paper:.1f} | "
            f"**{_percent(best)}** ({_interval(best)}) | {_percent(single)}{mark} | "
            f"{_percent(_row(panel, 'self-critique'))} | {_percent(_row(panel, 'oracle'))} |"
        )
    return "\n".join([*lines, "", "† known in hindsight only."])


def _clean(frontier: pd.DataFrame, summary: pd.DataFrame) -> str:
    lines = [
        "Clean protocol:",
        "",
        "| LLM | data set | prompts | n | best single | best-of-N | difference (95 %) | exhaustive "
        "| ECE |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    errors = summary[summary["metric"] == "calibration_error"].set_index(_KEY)["value"]
    rows = frontier[frontier["protocol"] == "clean"]
    for key, panel in rows.groupby(_KEY, sort=False):
        llm, dataset, _, prompts = key
        best, single = _row(panel, "best-of-n"), _row(panel, "best-single")
        votes = panel[
            (panel["policy"] == "majority-vote") & (panel["parameter"] == panel["prompts"])
        ]
        exhaustive = "—"
        if len(votes):
            exhaustive = f"{_percent(votes.iloc[0])} ({votes['calls'].iloc[0]:.0f} calls)"
        lines.append(
            f"| {llm} | {dataset.upper()} | {_SETS[prompts]} ({best['prompts']}) | "
            f"{best['n']:,} | {_percent(single)} | {_percent(best)} | {_difference(best)} | "
            f"{exhaustive} | {errors[key]:.3f} |"
        )
    return "\n".join([*lines, "", "\\* significant: the interval leaves zero out."])


def _row(panel: pd.DataFrame, policy: str) -> pd.Series:
    return panel[panel["policy"] == policy].iloc[0]


def _percent(row: pd.Series) -> str:
    return f"{100 * row['accuracy']:.1f}"


def _interval(row: pd.Series) -> str:
    return f"{100 * row['accuracy_low']:.1f} to {100 * row['accuracy_high']:.1f}"


def _difference(best: pd.Series) -> str:
    low, high = best["minus_best_single_low"], best["minus_best_single_high"]
    star = "\\*" if low > 0 or high < 0 else ""
    return f"{100 * best['minus_best_single']:+.1f}{star} ({100 * low:+.1f} to {100 * high:+.1f})"
