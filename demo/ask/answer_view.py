"""Answers as HTML: the number large, the reasoning below, what it cost; every text is escaped."""

from html import escape

from core.asking.solve import Answer
from demo.labels import cost_text

_BUSY = 'aria-busy="true"'
INVITATION = """
<article class="card answer"><h3>The answer</h3>
<p class="quiet">Select “Solve”: the prompts are ranked and the LLM answers with the best of
them.</p></article>"""
COMPARISON_INVITATION = """
<article class="card answer"><h3>Exhaustive prompting</h3>
<p class="quiet">Once there is an answer, every prompt can be asked and the answers put to the
vote.</p></article>"""


def comparison(one: Answer, all_of_them: Answer) -> str:
    """What the calls bought, in one honest sentence."""
    saved = _saved(one, all_of_them)
    if one.value is None and all_of_them.value is None:
        return f"Neither answer holds a number: {saved}."
    if one.correct is None:
        return _without_truth(one, all_of_them)
    count = _calls(one)
    if one.correct and all_of_them.correct:
        return f"Same answer, {saved}."
    if one.correct:
        return f"{count} got it right, exhaustive prompting did not: {saved}."
    if all_of_them.correct:
        return f"Exhaustive prompting got it right, {count.lower()} did not: {saved}."
    same = "gave the same wrong answer" if one.value == all_of_them.value else "were wrong"
    return f"Both {same}: {saved}."


def _without_truth(one: Answer, all_of_them: Answer) -> str:
    """The same where nobody knows the correct answer."""
    saved = _saved(one, all_of_them)
    agree = f"{all_of_them.votes} of {_answered(all_of_them)} votes"
    if one.value == all_of_them.value:
        return f"Same answer ({agree}), {saved}."
    said = "one call says" if len(one.calls) == 1 else f"{len(one.calls)} calls say"
    return (
        f"Exhaustive prompting says {all_of_them.value or 'nothing'} ({agree}); {said} "
        f"{one.value or 'nothing'}: {saved}."
    )


def _answered(answer: Answer) -> int:
    """Calls that brought an answer; those that failed do not vote."""
    return len(answer.calls) - len(answer.failures)


def _calls(answer: Answer) -> str:
    return "One call" if len(answer.calls) == 1 else f"{len(answer.calls)} calls"


def _saved(one: Answer, all_of_them: Answer) -> str:
    times = len(all_of_them.calls) / len(one.calls)
    if times == 1:
        return "with as many calls"
    said = f"{times:.2g}× fewer calls"
    if one.tokens and all_of_them.tokens:
        said += f" and {all_of_them.tokens / one.tokens:.2g}× fewer tokens"
    return said


def answer_card(title: str, answer: Answer, more: str = "", gold: str | None = None) -> str:
    """An answer that was given.

    Args:
        title: Whose answer it is.
        answer: Graded where the correct one is known.
        more: HTML below its reasoning.
        gold: The correct answer where it is known.
    """
    kind, grade = "", ""
    if answer.correct is not None:
        kind, symbol = ("right", "✓") if answer.correct else ("wrong", "✗")
        correct = "" if answer.correct or gold is None else f", {escape(gold)} is right"
        grade = f'<span class="grade">{symbol} {kind}{correct}</span>'
    shown = "Shown: the answer with" if len(answer.calls) > 1 else "Prompt:"
    return f"""
<article class="card answer {kind}">
  <h3>{escape(title)}</h3>
  <p class="value">{escape(answer.value or "no number")} {grade}</p>
  <p class="reasoning">{escape(answer.text.strip())}</p>
  {more}
  {_failed(answer)}
  <p class="cost">{escape(cost_line(answer))}</p>
  <p class="quiet">{shown} “{escape(answer.prompt.label)}”</p>
</article>"""


def _failed(answer: Answer) -> str:
    """Why some of the calls brought nothing."""
    if not answer.failures:
        return ""
    return (
        f'<p class="quiet">Not all calls were answered. {escape(answer.failures[-1].message)}</p>'
    )


def waiting_card(title: str, note: str, text: str, more: str = "") -> str:
    """An answer while it is written.

    Args:
        title: Whose answer it will be.
        note: What is being done.
        text: What is written so far.
        more: HTML below it.
    """
    return f"""
<article class="card answer" {_BUSY}>
  <h3>{escape(title)}</h3>
  <p class="value">…</p>
  <p class="reasoning">{escape(text.strip())}</p>
  {more}
  <p class="quiet">{escape(note)}</p>
</article>"""


def failed_card(title: str) -> str:
    """What is left when no call brought an answer; the reason is told beside it."""
    return (
        f'<article class="card answer"><h3>{escape(title)}</h3>'
        '<p class="quiet">No answer.</p></article>'
    )


def stopped(shown: str) -> str | None:
    """What becomes of a card when the visitor stops; None when nothing was being written."""
    if _BUSY not in shown:
        return None
    return (
        '<article class="card answer"><p class="quiet">Stopped before the answer was complete.</p>'
        "</article>"
    )


def cost_line(answer: Answer) -> str:
    """Votes, calls, tokens, dollars and seconds."""
    count = len(answer.calls)
    parts = [f"{answer.votes} of {_answered(answer)} answers agree"] if count > 1 else []
    parts.append(f"{count} call{'s' if count > 1 else ''}")
    if answer.failures:
        parts.append(f"{len(answer.failures)} failed")
    parts.append("tokens not counted" if answer.tokens is None else f"{answer.tokens:,} tokens")
    parts.append(cost_text(answer.cost))
    if all(entry.seconds is not None for entry in answer.entries):
        parts.append(f"{answer.seconds:.1f} s")
    return " · ".join(parts)
