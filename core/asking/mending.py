"""Whether miscalculations of an LLM are mended unasked, and what was mended, in words."""

from collections.abc import Sequence

from core.artifacts import load_table
from core.asking.ranking import log_for
from core.grading.final_answer import canonical
from core.grading.repair import Mend

_SIGNS = {"*": "×", "/": "÷", "-": "−"}
_LONGEST = 60
"""Characters of an expression that is shown."""


def mending_helps(llm: str) -> bool:
    """Whether mending made the recorded answers that stand for an LLM's right more often, for sure.

    Args:
        llm: As it is asked for; one without a log of its own is judged by the log that stands in.

    Raises:
        ArtifactError: the table of repairs is missing or damaged.
    """
    table = load_table("repairs")
    mine = table[table["llm"] == log_for(llm)]
    return bool(len(mine) and (mine["single_gain_low"] > 0).all())


def mends_text(mends: Sequence[Mend]) -> str:
    """What was mended: "3 × 14 is 42, not 36; carried forward: 51"; empty for nothing."""
    slips = [
        f"{_expression(mend)} is {canonical(mend.value)}, not {canonical(mend.stated)}"
        for mend in mends
        if not mend.carried
    ]
    carried = [canonical(mend.value) for mend in mends if mend.carried]
    parts = [*slips, f"carried forward: {', '.join(carried)}"] if carried else slips
    return "; ".join(parts)


def _expression(mend: Mend) -> str:
    text = " ".join(_SIGNS.get(token, token) for token in mend.expression)
    text = text.replace("( ", "(").replace(" )", ")")
    return text if len(text) <= _LONGEST else "an equation"
