"""What one answer beside that of exhaustive prompting shows, in one honest sentence.

Fewer calls are a gain only where they brought a right answer. Where nobody knows the right one the
sentence says so, and an answer whose own equations are wrong is never praised.
"""

from dataclasses import dataclass
from typing import Literal

from core.asking.solve import Answer
from core.grading.equations import Equation
from core.grading.final_answer import canonical
from core.grading.working import read_working

Kind = Literal[
    "both right",
    "one right",
    "exhaustive right",
    "both wrong",
    "agree",
    "disagree",
    "agree, flagged",
    "disagree, flagged",
    "no number",
]
PRAISED: tuple[Kind, ...] = ("both right", "one right")
"""Verdicts that may speak of a saving as a gain."""
_LONGEST = 12
"""Characters of a number that says something beside another."""


@dataclass(frozen=True)
class Verdict:
    """What a comparison came to.

    Attributes:
        kind: In short.
        text: The sentence.
    """

    kind: Kind
    text: str


def slip_of(answer: Answer) -> Equation | None:
    """The first equation of the returned answer's text that is wrong, None when none is seen.

    None as well where the answer is what its equations come to once they are computed rightly.
    """
    return None if answer.mends else read_working(answer.text).slip


def slip_text(slip: Equation) -> str:
    """What is wrong in an answer, as the end of a sentence or a sentence of its own."""
    numbers = _both(slip)
    wrong = "an equation in it is wrong"
    return wrong if numbers is None else "{}: it comes to {}, not {}".format(wrong, *numbers)


def slip_short(slip: Equation) -> str:
    """The same in a few words, for a table."""
    numbers = _both(slip)
    return "seen" if numbers is None else "{}, not {}".format(*numbers)


def _both(slip: Equation) -> tuple[str, str] | None:
    """What an equation comes to and what was written; None where that says nothing in short."""
    comes_to, written = canonical(slip.left), canonical(slip.right)
    short = max(len(comes_to), len(written)) <= _LONGEST
    return (comes_to, written) if short and comes_to != written else None


def verdict(one: Answer, every: Answer, gold: str | None = None) -> Verdict:
    """Set an answer beside that of exhaustive prompting to the same question.

    Args:
        one: Of a policy with fewer calls.
        every: Of exhaustive prompting.
        gold: The correct answer as people write it, None where nobody knows it.
    """
    if one.correct is not None and every.correct is not None:
        return _graded(one, every, gold)
    if one.value is None and every.value is None:
        return Verdict("no number", f"Neither answer holds {one.kind.one}, {spent(one, every)}.")
    return _ungraded(one, every)


def spent(one: Answer, every: Answer) -> str:
    """How many calls either took, as a fact and no praise."""
    return f"with {_calls(one)} and with {_calls(every)}"


def _graded(one: Answer, every: Answer, gold: str | None) -> Verdict:
    right = "" if gold is None else f" ({gold})"
    if one.correct and every.correct:
        return Verdict("both right", f"Both are right{right}: {_saved(one, every)}.")
    if one.correct:
        return Verdict(
            "one right",
            f"{_subject(one)} got it right{right}, exhaustive prompting did not: "
            f"{_saved(one, every)}.",
        )
    if every.correct:
        return Verdict(
            "exhaustive right",
            f"Exhaustive prompting got it right{right}, {_subject(one).lower()} did not: here the "
            "saved calls cost the right answer.",
        )
    same = "gave the same wrong answer" if one.value == every.value else "are wrong"
    known = "" if gold is None else f"; {gold} is right"
    return Verdict("both wrong", f"Both {same}{known}. Asking less saved nothing here.")


def _ungraded(one: Answer, every: Answer) -> Verdict:
    votes = f"{every.votes} of {len(every.calls) - len(every.failures)} votes"
    flagged = slip_of(one) or slip_of(every)
    doubt = "Nobody here knows whether that is right."
    if one.value == every.value:
        if flagged is not None:
            said = f"Both say {one.value} ({votes}), but {_of_whom(one, every)} "
            return Verdict("agree, flagged", f"{said}{slip_text(flagged)}. It may well be wrong.")
        return Verdict(
            "agree",
            f"{_subject(one)} and all {len(every.calls)} agree on {one.value} ({votes}). {doubt}",
        )
    said = "says" if len(one.calls) == 1 else "say"
    text = (
        f"They disagree: {_subject(one).lower()} {said} {one.value or 'nothing'}, exhaustive "
        f"prompting {every.value or 'nothing'} ({votes})."
    )
    if flagged is not None:
        return Verdict("disagree, flagged", f"{text} In {_whose(one)} answer {slip_text(flagged)}.")
    return Verdict("disagree", f"{text} Nobody here knows which is right.")


def _of_whom(one: Answer, every: Answer) -> str:
    return "in the working" if slip_of(one) and slip_of(every) else f"in {_whose(one)} answer"


def _whose(one: Answer) -> str:
    """The answer in which a wrong equation is seen first."""
    if slip_of(one) is None:
        return "exhaustive prompting's"
    return "the one call's" if len(one.calls) == 1 else f"the {len(one.calls)} calls'"


def _subject(answer: Answer) -> str:
    return "One call" if len(answer.calls) == 1 else f"{len(answer.calls)} calls"


def _calls(answer: Answer) -> str:
    return "1 call" if len(answer.calls) == 1 else f"{len(answer.calls)} calls"


def _saved(one: Answer, every: Answer) -> str:
    times = len(every.calls) / len(one.calls)
    if times == 1:
        return "with as many calls"
    said = f"{times:.2g}× fewer calls"
    if one.tokens and every.tokens:
        said += f" and {every.tokens / one.tokens:.2g}× fewer tokens"
    return said
