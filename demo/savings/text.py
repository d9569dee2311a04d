"""Sentences around the dashboard's figure, as HTML and as plain text for exports."""

import pandas as pd
from markupsafe import Markup

from core.demonstrations import DATASET_LABELS
from core.evaluation.frontier import exhaustive_row
from demo.figures import accuracy
from demo.findings import headline
from demo.labels import LLM_LABELS, PROMPT_SET_LABELS, price_source
from demo.savings.comparisons import View
from demo.templates import html, quiet

_PROTOCOL_NOTES = {
    "clean": (
        "Questions that differ in their numbers alone stay together, across data sets, so no "
        "reward model is judged on a question it saw."
    ),
    "published": (
        "The paper’s split repeats every MAWPS and SVAMP test question in its training part. What "
        "it measures is partly remembering: read it beside the paper, not as a promise."
    ),
}


def protocol_note(view: View, offered: int) -> Markup:
    """What the chosen protocol does about the leak, and whether there is another."""
    only = "" if offered > 1 else " Only this protocol was run for this LLM."
    return quiet(_PROTOCOL_NOTES[view.protocol] + only)


def verdict(rows: pd.DataFrame, row: pd.Series, queries: int) -> Markup:
    """The story of one policy: the claim, its numbers and what one call alone loses.

    Args:
        rows: Priced frontier rows of one comparison.
        row: That of the policy.
        queries: The volume that dollars are told for.
    """
    return html(
        """
<section class="headline" aria-label="What is saved">
<p class="verdict">{{ said.claim }}</p>
{% if said.figures %}<p>{{ said.figures }}</p>{% endif %}
{% if said.loss %}<p class="quiet">{{ said.loss }}</p>{% endif %}
</section>""",
        said=headline(rows, row, queries),
    )


def caption(rows: pd.DataFrame, view: View, axis: str) -> Markup:
    """Legend and how to read the figure; with the verdict its text alternative.

    Args:
        rows: Priced frontier rows.
        view: What was asked for.
        axis: What is drawn, which is calls where the cost of ``view.axis`` is not known.
    """
    curves = exhaustive_row(rows) is not None
    whose = "the usual policies" if view.draws_rivals else "what can be deployed"
    frontier = f" Dotted: the frontier of {whose}." if curves else ""
    missing = ""
    if not curves and view.axis != "calls":
        missing = " Without answers to vote on there is no curve against cost."
    elif axis != view.axis:
        missing = f" The cost in {view.axis} is not known here, so the figure counts calls."
    said = (
        f"{basis(rows)} Bands and whiskers: 95 % bootstrap over questions.{frontier} The "
        "oracle takes a correct answer whenever any prompt found one, which needs the "
        f"answers.{missing}"
    )
    return accuracy.legend_html(rows, axis, rivals=view.draws_rivals) + quiet(
        said.replace(" %", "\u00a0%")
    )


def basis(rows: pd.DataFrame) -> str:
    """What the numbers rest on."""
    first = rows.iloc[0]
    published = first["grader"] == "published"
    grader = "the published labels" if published else "this project’s reading of them"
    return (
        f"Recorded answers to {first['n']:,} queries with {first['prompts']} prompts, graded by "
        f"{grader}."
    )


def source(rows: pd.DataFrame, view: View) -> Markup:
    """The line under a presented figure: what it shows, of what, at what price."""
    where = f"{LLM_LABELS[view.llm]} on {DATASET_LABELS[view.dataset]}, {view.protocol} protocol"
    paid = ""
    if not rows["dollars_per_1000"].isna().all():
        paid = f" Dollars: {price_source(rows['price'].iloc[0])}."
    queries = f"{rows['n'].iloc[0]:,} queries, {rows['prompts'].iloc[0]} prompts"
    said = f"{where}: {queries}.{paid} Method: Prompt-OIRL, ICLR 2024."
    return html("<p>{{ text }}</p>", text=said)


def slide_title(view: View, axis: str, *, curves: bool) -> str:
    """The title of an exported figure."""
    against = f" against {accuracy.AXES[axis][1]}" if curves else " of each policy"
    return f"Accuracy{against}: {LLM_LABELS[view.llm]} on {DATASET_LABELS[view.dataset]}"


def slide_source(rows: pd.DataFrame, view: View) -> str:
    """The lines under an exported figure: data, protocol, intervals and price."""
    price = rows["price"].iloc[0]
    paid = "" if rows["dollars_per_1000"].isna().all() else f" Dollars: {price_source(price)}."
    return (
        f"{basis(rows)} {view.protocol.capitalize()} protocol, {PROMPT_SET_LABELS[view.prompts]}."
        "<br>Bands and whiskers: 95 % bootstrap over questions. Dashed: needs the answers."
        f"{paid}<br>Method: Prompt-OIRL, Sun, Hüyük and van der Schaar, ICLR 2024."
    )
