"""Answers as HTML: the number large, the reasoning below, what it cost; every text is escaped."""

from html import escape

from core.ask import Answer
from demo.words import dollars

_BUSY = 'aria-busy="true"'


def answers_html(query: str, gold: str, one: Answer, all_of_them: Answer) -> str:
    """One recorded call beside exhaustive prompting, with a sentence that compares them.

    Args:
        query: The question.
        gold: Its correct answer.
        one: The answer of best-of-N.
        all_of_them: The answer of exhaustive prompting.
    """
    return f"""
<section class="answers">
  <p class="query">{escape(query)}</p>
  <p class="quiet">Correct answer: {escape(gold)}</p>
  <p class="verdict">{escape(comparison(one, all_of_them))}</p>
  <div class="cards">
    {_recorded_card("Best-of-N: one call", one)}
    {_recorded_card(f"Exhaustive prompting: {len(all_of_them.calls)} calls", all_of_them)}
  </div>
</section>"""


def comparison(one: Answer, all_of_them: Answer) -> str:
    """What the calls bought, in one honest sentence."""
    saved = _saved(one, all_of_them)
    if one.correct and all_of_them.correct:
        return f"Same answer, {saved}."
    if one.correct:
        return f"One call was right where exhaustive prompting was wrong, with {saved}."
    if all_of_them.correct:
        return f"Exhaustive prompting was right, one call was not; it took {saved}."
    same = "gave the same wrong answer" if one.value == all_of_them.value else "were wrong"
    return f"Both {same}; one call took {saved}."


def live_comparison(one: Answer, all_of_them: Answer) -> str:
    """The same where nobody knows the correct answer."""
    saved = _saved(one, all_of_them)
    agree = f"{all_of_them.votes} of {len(all_of_them.calls)} votes"
    if one.value == all_of_them.value:
        return f"Same answer ({agree}), {saved}."
    count = len(one.calls)
    said = "one call says" if count == 1 else f"{count} calls say"
    return (
        f"Exhaustive prompting says {all_of_them.value or 'nothing'} ({agree}); {said} "
        f"{one.value or 'nothing'}, with {saved}."
    )


def _saved(one: Answer, all_of_them: Answer) -> str:
    times = len(all_of_them.calls) / len(one.calls)
    said = f"{times:.2g}× fewer calls"
    if one.tokens and all_of_them.tokens:
        said += f" and {all_of_them.tokens / one.tokens:.2g}× fewer tokens"
    return said


def live_card(title: str, answer: Answer, more: str = "") -> str:
    """An answer that was just given; ``more`` is HTML below its reasoning."""
    return _card("", title, answer, "", _reasoning(answer) + more)


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


def _reasoning(answer: Answer) -> str:
    return f'<p class="reasoning">{escape(answer.text.strip())}</p>'


def _recorded_card(title: str, answer: Answer) -> str:
    grade = "right" if answer.correct else "wrong"
    symbol = "✓" if answer.correct else "✗"
    shown = f'<span class="grade">{symbol} {grade}</span>'
    reading = f"""<details><summary>Read the recorded answer</summary>
    <pre>{escape(answer.text.strip())}</pre></details>"""
    return _card(grade, title, answer, shown, reading)


def _card(kind: str, title: str, answer: Answer, grade: str, reading: str) -> str:
    count = len(answer.calls)
    shown = "Shown: the answer with" if count > 1 else "Prompt:"
    return f"""
<article class="card answer {kind}">
  <h3>{escape(title)}</h3>
  <p class="value">{escape(answer.value or "no number")} {grade}</p>
  {reading}
  <p class="quiet">{escape(cost_line(answer))}</p>
  <p class="quiet">{shown} “{escape(answer.prompt.label)}”</p>
</article>"""


def cost_line(answer: Answer) -> str:
    """Votes, calls, tokens, dollars and seconds."""
    count = len(answer.calls)
    parts = [f"{answer.votes} of {count} answers agree"] if count > 1 else []
    parts.append(f"{count} call{'s' if count > 1 else ''}")
    parts.append("tokens not counted" if answer.tokens is None else f"{answer.tokens:,} tokens")
    parts.append("no price" if answer.dollars is None else dollars(answer.dollars))
    if all(entry.seconds is not None for entry in answer.entries):
        parts.append(f"{answer.seconds:.1f} s")
    return " · ".join(parts)
