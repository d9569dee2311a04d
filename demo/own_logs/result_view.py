"""What was learned from an own log, as HTML."""

import pandas as pd
from markupsafe import Markup

from core.asking.own_log import OwnLog
from core.asking.own_model import OwnModel
from core.evaluation.crossfit import FOLDS
from core.evaluation.frontier import (
    cheaper_arm,
    cheapest_as_good,
    exhaustive_row,
    is_priced,
    no_difference,
    one_call,
    one_row,
    significant,
)
from core.policies import label_of
from demo import findings
from demo.figures import accuracy
from demo.labels import dollars, percent, signed
from demo.templates import card, html

_FEW = 100
"""Queries below which a comparison says little."""


def results_html(log: OwnLog) -> str:
    """Key figures: best-of-N, its gain over the best single prompt, exhaustive, calibration."""
    shown = [*_policies(log.frontier, log.unvoted), _calibration(log)]
    return html(
        """
<section class="own-log" aria-label="What was learned"><h2>What was learned</h2>
<div class="cards figures-row">{{ cards }}</div></section>""",
        cards=Markup("").join(shown),
    )


def _policies(rows: pd.DataFrame, unvoted: str) -> list[Markup]:
    best = one_row(rows, "best-of-n")
    if best is None:
        note = "No query was logged with all prompts, so policies cannot be compared on it."
        return [card("Best-of-N, one call", "not known", note)]
    return [
        _offered(rows),
        card("Best-of-N, one call", percent(best["accuracy"]), _interval(best)),
        _over_single(best),
        _exhaustive(rows, unvoted),
        *_cheaper(rows),
        *_cheaper_than_one_arm(rows),
    ]


def _offered(rows: pd.DataFrame) -> Markup:
    """Which policy to use for one call, and why."""
    offered = one_call(rows)
    if offered is None or offered["policy"] == "best-of-n":
        note = "It gained more than one standard error over the best single prompt."
        return card("For one call, use", "best-of-N", note)
    note = (
        "Best-of-N gained less than one standard error over it, so choosing by the question is not "
        "worth it on this log."
    )
    return card("For one call, use", "the best single prompt", note)


def _over_single(best: pd.Series) -> Markup:
    title = "Over the best single prompt"
    if no_difference(best, "minus_best_single"):
        return card(title, "the same", "Both were right equally often.")
    single, low, high = (best[f"minus_best_single{end}"] for end in ("", "_low", "_high"))
    word = "" if significant(best, "minus_best_single") else "not "
    note = (
        f"95 % interval {signed(low)} to {signed(high)}, {word}significant. Against always the "
        f"same prompt, the best in hindsight: {signed(best['minus_same_prompt'])} "
        f"({signed(best['minus_same_prompt_low'])} to {signed(best['minus_same_prompt_high'])})."
    )
    return card(title, f"{signed(single)} points", note)


def _interval(row: pd.Series) -> str:
    return f"95 % interval {percent(row['accuracy_low'])} to {percent(row['accuracy_high'])}"


def _exhaustive(rows: pd.DataFrame, unvoted: str) -> Markup:
    row = exhaustive_row(rows)
    title = "Exhaustive prompting"
    if row is None:
        return card(title, "not known", f"It votes over answers. {unvoted}")
    return card(title, percent(row["accuracy"]), f"{row['calls']:.0f} calls · {_interval(row)}")


def _cheaper(rows: pd.DataFrame) -> list[Markup]:
    """The policy that is as right as exhaustive prompting with fewest calls, where there is one."""
    row = cheapest_as_good(rows)
    if row is None:
        return []
    gain, low, high = (row[f"minus_exhaustive{end}"] for end in ("", "_low", "_high"))
    note = (
        f"{label_of(row['policy'])}: {percent(row['accuracy'])}, {signed(gain)} points against "
        f"exhaustive prompting (95 % interval {signed(low)} to {signed(high)})."
    )
    if is_priced(rows):
        return [card("As right, for fewer dollars", _per_1000(row), note)]
    return [card("As right, for fewer calls", f"{row['calls']:.1f} calls", note)]


def _cheaper_than_one_arm(rows: pd.DataFrame) -> list[Markup]:
    """The cheapest policy as right as always the best LLM and prompt, where calls have prices."""
    row, single = cheaper_arm(rows), one_row(rows, "best-single")
    if row is None or single is None:
        return []
    note = (
        f"{label_of(row['policy'])}: {percent(row['accuracy'])}, "
        f"{signed(row['minus_best_single'])} points (95 % interval "
        f"{signed(row['minus_best_single_low'])} to {signed(row['minus_best_single_high'])}). "
        f"Always the best LLM and prompt costs {_per_1000(single)}."
    )
    return [card("As right as the best one, for", _per_1000(row), note)]


def _per_1000(row: pd.Series) -> str:
    return f"{dollars(row['dollars_per_1000'])} per 1,000 queries"


def _calibration(log: OwnLog) -> Markup:
    return card(
        "Calibration error",
        percent(log.calibration),
        "mean distance of predicted from observed chances, on queries not seen in training; chance "
        f"alone would give a perfect model {percent(log.calibration_of_perfect)}",
    )


def axis_of(log: OwnLog) -> str:
    """Against what its figure shows accuracy: dollars, where one chooses among LLMs with prices."""
    return "dollars" if is_priced(log.frontier) else "calls"


def caption_html(log: OwnLog) -> str:
    """Legend, message and reading of the figure; also its text alternative."""
    rows = log.frontier
    if rows.empty:
        return ""
    axis = axis_of(log)
    curves = accuracy.has_curves(rows)
    dotted = " Dotted: the frontier of what can be deployed." if curves else ""
    return html(
        """
{{ legend }}
<p class="verdict">{{ message }}</p>
<p class="quiet">{{ basis }} One repetition of {{ folds }}-fold cross-validation, in which queries
that differ in their numbers alone stay together. Bands and whiskers: 95 % bootstrap over
queries.{{ dotted }} Dashed: the oracle takes a right answer whenever any prompt found one, which
needs the answers.</p>""",
        legend=accuracy.legend_html(rows, axis),
        message=findings.message(rows),
        basis=_basis(log),
        folds=FOLDS,
        dotted=dotted,
    )


def _basis(log: OwnLog) -> str:
    """On how many queries the comparison rests."""
    judged, prompts = int(log.frontier["n"].iloc[0]), len(log.prompts)
    if judged < log.complete:
        text = (
            f"{judged:,} queries, drawn at random from {log.complete:,} with all {prompts} prompts."
        )
    else:
        text = (
            f"{judged:,} quer{'y' if judged == 1 else 'ies'} that were logged with all "
            f"{prompts} prompts."
        )
    few = " So few queries say little: the intervals are wide." if judged < _FEW else ""
    return text + few


def prompts_html(model: OwnModel) -> str:
    """Share right, tokens and dollars of each prompt in the whole log, best first."""
    known = model.scorer
    accuracy, tokens, spent = known.accuracy, known.tokens, known.dollars
    several, none = bool(model.prompts[0].llm), "not known"
    order = sorted(model.prompts, key=lambda prompt: -accuracy.get(prompt.id, 0.0))
    rows = [
        (
            *((prompt.llm,) if several else ()),
            prompt.text,
            percent(accuracy[prompt.id]) if prompt.id in accuracy else none,
            f"{tokens[prompt.id]:,.0f}" if prompt.id in tokens else "not logged",
            *((dollars(1000 * spent[prompt.id]) if prompt.id in spent else none,) if spent else ()),
        )
        for prompt in order
    ]
    llm = ("LLM",) if several else ()
    cost = ("$ per 1,000 calls",) if spent else ()
    return html(
        """
<details class="own-log"><summary>Each prompt in the log</summary>
<div class="scroll"><table class="prompts"><thead><tr>
{% for name in names %}<th>{{ name }}</th>{% endfor %}</tr></thead><tbody>
{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}
</tbody></table></div></details>""",
        rows=rows,
        names=[*llm, "Prompt", "Right", "Tokens a call", *cost],
    )
