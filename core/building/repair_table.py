"""What mending miscalculations changes, as Markdown."""

import pandas as pd

from core.demonstrations import DATASET_LABELS

_READINGS = {"single": "always the best prompt", "vote": "vote of all prompts"}


def repairs_markdown(table: pd.DataFrame) -> str:
    """Counts of mended answers, and accuracies in percent with the gain in points.

    Args:
        table: Rows of ``core.evaluation.repair_report``.
    """
    titles = " | ".join(f"{title}, as answered | repaired" for title in _READINGS.values())
    lines = [
        "Miscalculations in recorded answers, mended:",
        "",
        "| LLM, data set | answers | changed, % | wrong → right | right → wrong "
        f"| of these sure | {titles} |",
        f"| --- |{' ---: |' * (5 + 2 * len(_READINGS))}",
    ]
    for row in table.to_dict("records"):
        sure = f"{row['wrong_to_right_sure']:,} / {row['right_to_wrong_sure']:,}"
        cells = [
            f"{row['llm']}, {DATASET_LABELS[row['dataset']]}",
            f"{row['answers']:,}",
            _share(row, "changed"),
            f"{row['wrong_to_right']:,}",
            f"{row['right_to_wrong']:,}",
            sure,
            *(cell for name in _READINGS for cell in _gain(row, name)),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _share(row: dict, name: str) -> str:
    share, low, high = (100 * row[f"{name}_share{end}"] for end in ("", "_low", "_high"))
    return f"{share:.1f} ({low:.1f} to {high:.1f})"


def _gain(row: dict, name: str) -> tuple[str, str]:
    gain, low, high = (100 * row[f"{name}_gain{end}"] for end in ("", "_low", "_high"))
    return (
        f"{100 * row[f'{name}_as_answered']:.1f}",
        f"{100 * row[f'{name}_repaired']:.1f}, {gain:+.1f} ({low:+.1f} to {high:+.1f})",
    )
