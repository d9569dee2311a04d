"""Savings: accuracy against cost, best-of-N beside exhaustive prompting."""

import tempfile
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
import pandas as pd

from core.artifacts import load_table
from core.errors import DataError
from demo import cards, figures
from demo.common import hidden, shows_errors
from demo.words import (
    DATASET_LABELS,
    LABELS,
    LLM_LABELS,
    PROMPT_SET_LABELS,
    PROTOCOL_LABELS,
    signed,
)

KEY = ["llm", "dataset", "protocol", "prompt_set"]
DEFAULT = ("llama2-7b-chat", "mawps", "clean", "answered")
_ORDER = (
    ("clean", "answered"),
    ("clean", "training"),
    ("published", "training"),
    ("published", "held-out"),
)
_AXIS_CHOICES = [("LLM calls", "calls"), ("tokens", "tokens"), ("dollars", "dollars")]
LEAK = (
    "The published split repeats every MAWPS and SVAMP test question in its training part, so it "
    "rewards remembering. The clean split keeps questions that differ in their numbers alone "
    "together, across data sets."
)
_COLUMNS = {
    "policy": "policy",
    "parameter": "setting",
    "accuracy": "accuracy, %",
    "interval": "95 % interval",
    "calls": "mean calls",
    "tokens": "mean tokens",
    "dollars_per_1000": "$ per 1,000 queries",
    "gain": "points over best single (95 %)",
    "n": "queries",
}


def rows_of(llm: str, dataset: str, comparison: str) -> pd.DataFrame:
    """The frontier rows of one comparison, ``protocol/prompt_set``.

    Raises:
        DataError: there is no such comparison; the message lists those there are.
    """
    table = load_table("frontier")
    wanted = (llm, dataset, *comparison.split("/", 1))
    rows = table[(table[KEY] == pd.Series(wanted[:4], index=KEY[: len(wanted)])).all(axis=1)]
    if rows.empty:
        known = sorted({" ".join(key) for key in table[KEY].itertuples(index=False)})
        raise DataError(f"There is no comparison {' '.join(wanted)!r}. Known: {'; '.join(known)}.")
    return rows.reset_index(drop=True)


def comparisons(llm: str) -> list[tuple[str, str]]:
    """What can be compared for an LLM: (label, ``protocol/prompt_set``)."""
    table = load_table("frontier")
    mine = table.loc[table["llm"] == llm, ["protocol", "prompt_set"]]
    there = set(mine.itertuples(index=False, name=None))
    return [
        (f"{PROTOCOL_LABELS[protocol]}, {PROMPT_SET_LABELS[prompts]}", f"{protocol}/{prompts}")
        for protocol, prompts in _ORDER
        if (protocol, prompts) in there
    ]


def datasets(llm: str) -> list[tuple[str, str]]:
    """The data sets that an LLM was logged on: (label, name)."""
    table = load_table("frontier")
    there = set(table.loc[table["llm"] == llm, "dataset"])
    return [(label, name) for name, label in DATASET_LABELS.items() if name in there]


def _among(value: str, choices: list[tuple[str, str]]) -> str:
    """The value where it is offered, else the first that is."""
    offered = [name for _, name in choices]
    return value if value in offered else offered[0]


def build() -> None:
    """Lay out the tab inside the current Blocks."""
    llm, dataset, *rest = DEFAULT
    with gr.Row(elem_classes="controls"):
        llm_choice = gr.Radio(
            [(LLM_LABELS[name], name) for name in load_table("frontier")["llm"].unique()],
            value=llm,
            label="LLM",
        )
        dataset_choice = gr.Radio(
            datasets(llm),
            value=dataset,
            label="Data set",
        )
        comparison_choice = gr.Dropdown(
            comparisons(llm),
            value="/".join(rest),
            label="Split and prompts",
            filterable=False,
            scale=2,
            min_width=320,
        )
        axis_choice = gr.Radio(_AXIS_CHOICES, value="calls", label="Cost in")
    first = draw(llm, dataset, "/".join(rest), "calls")
    key_figures = gr.HTML(first[0])
    plot = gr.Plot(first[1], show_label=False, elem_classes="figure")
    caption = gr.HTML(first[2])
    with gr.Accordion("All rows", open=False):
        table = gr.Dataframe(first[3], interactive=False, show_label=False, max_height=420)
        # The file has to be there before the click: a click serves what the button holds.
        download = gr.DownloadButton("Download these rows as CSV", value=first[4], size="sm")
    gr.HTML(f'<p class="quiet">{escape(LEAK)}</p>')
    inputs = [llm_choice, dataset_choice, comparison_choice, axis_choice]
    outputs = [key_figures, plot, caption, table, download]
    llm_choice.input(
        choose_llm,
        [llm_choice, dataset_choice, axis_choice],
        [dataset_choice, comparison_choice, *outputs],
        trigger_mode="always_last",
        **hidden("Choose an LLM"),
    )
    # A choice made while the figure is still being drawn must not be lost.
    gr.on(
        [choice.input for choice in inputs[1:]],
        draw,
        inputs,
        outputs,
        trigger_mode="always_last",
        **hidden("Draw"),
    )
    gr.api(frontier_endpoint, api_name="frontier")


@shows_errors
def draw(llm: str, dataset: str, comparison: str, axis: str) -> tuple[Any, ...]:
    """Key figures, figure, caption, table and CSV file of one comparison."""
    # A quick hand changes the data set before the page has heard what the new LLM offers.
    dataset, comparison = _among(dataset, datasets(llm)), _among(comparison, comparisons(llm))
    rows = rows_of(llm, dataset, comparison)
    known = figures.has_axis(rows, axis)
    figure = figures.accuracy_against_cost(rows, axis if known else "calls")
    caption = _caption(rows, axis if known else "calls", known)
    file = _save_rows(rows, "-".join((llm, dataset, *comparison.split("/"))))
    return cards.key_figures(rows), figure, caption, _readable(rows), file


@shows_errors
def choose_llm(llm: str, dataset: str, axis: str) -> tuple[Any, ...]:
    """Another LLM has other data sets and comparisons; the first that there are is shown."""
    sets, choices = datasets(llm), comparisons(llm)
    dataset, chosen = _among(dataset, sets), choices[0][1]
    return (
        gr.update(choices=sets, value=dataset),
        gr.update(choices=choices, value=chosen),
        *draw(llm, dataset, chosen, axis),
    )


@lru_cache(maxsize=1)
def _downloads() -> Path:
    return Path(tempfile.mkdtemp(prefix="prompt-oirl-"))


def _save_rows(rows: pd.DataFrame, name: str) -> str:
    """Write the rows of a comparison to a file for download."""
    path = _downloads() / f"{name}.csv"
    rows.to_csv(path, index=False)
    return str(path)


@shows_errors
def frontier_endpoint(
    llm: str, dataset: str, protocol: str, prompt_set: str
) -> list[dict[str, Any]]:
    """The frontier rows of one comparison; unknown values are null."""
    rows = rows_of(llm, dataset, f"{protocol}/{prompt_set}")
    return rows.astype(object).where(rows.notna(), None).to_dict("records")


def _caption(rows: pd.DataFrame, axis: str, axis_known: bool) -> str:
    """Legend, message and how to read the figure; also its text alternative."""
    said = escape(figures.message(rows).text)
    first = rows.iloc[0]
    grader = (
        "the published labels"
        if first["grader"] == "published"
        else "this project’s reading of them"
    )
    note = "" if axis_known else " Tokens were not recorded for all answers, so cost is in calls."
    legend = "".join(
        f'<li><span style="color:{figures.STYLES[policy][0]}" aria-hidden="true">'
        f"{figures.STYLES[policy][2]}</span> {escape(LABELS[policy])}</li>"
        for policy in reversed(figures.shown_policies(rows, axis))
    )
    # Without exhaustive prompting the figure names its policies itself and has no curves.
    curves = figures.exhaustive_row(rows) is not None
    legend = f'<ul class="legend">{legend}</ul>' if curves else ""
    frontier = " Dotted: the frontier of what can be deployed." if curves else ""
    return f"""
{legend}
<p class="verdict">{said}</p>
<p class="quiet">Recorded answers to {first["n"]:,} queries with {first["prompts"]} prompts, graded
by {grader}. Bands and whiskers: 95 % bootstrap over questions.{frontier} Dashed: the oracle takes a
correct answer whenever any prompt found one, which needs the answers.{note}</p>"""


def _readable(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows as people read them: names, percentages, sensible digits."""
    low, high = 100 * rows["accuracy_low"], 100 * rows["accuracy_high"]
    gain = [
        "" if pd.isna(value) else f"{signed(value)} ({signed(below)} to {signed(above)})"
        for value, below, above in zip(
            rows["minus_best_single"],
            rows["minus_best_single_low"],
            rows["minus_best_single_high"],
            strict=True,
        )
    ]
    table = rows.assign(
        policy=rows["policy"].map(LABELS),
        parameter=["" if pd.isna(value) else f"{value:g}" for value in rows["parameter"]],
        accuracy=(100 * rows["accuracy"]).round(1),
        interval=[f"{a:.1f} to {b:.1f}" for a, b in zip(low, high, strict=True)],
        calls=rows["calls"].round(2),
        tokens=(rows["prompt_tokens"] + rows["completion_tokens"]).round(),
        dollars_per_1000=rows["dollars_per_1000"].round(4),
        gain=gain,
    )
    return table[list(_COLUMNS)].rename(columns=_COLUMNS)
