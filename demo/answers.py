"""Recorded answers side by side as HTML; every text in them is escaped."""

from html import escape

from core.ask import Answer


def answers_html(query: str, gold: str, one: Answer, all_of_them: Answer) -> str:
    """One call beside exhaustive prompting, with a sentence that compares them.

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
    {_card("Best-of-N: one call", one)}
    {_card(f"Exhaustive prompting: {len(all_of_them.calls)} calls", all_of_them)}
  </div>
</section>"""


def comparison(one: Answer, all_of_them: Answer) -> str:
    """What the calls bought, in one honest sentence."""
    calls = f"{len(all_of_them.calls)}× fewer calls"
    if one.tokens and all_of_them.tokens:
        calls += f" and {all_of_them.tokens / one.tokens:.0f}× fewer tokens"
    if one.correct and all_of_them.correct:
        return f"Same answer, {calls}."
    if one.correct:
        return f"One call was right where exhaustive prompting was wrong, with {calls}."
    if all_of_them.correct:
        return f"Exhaustive prompting was right, one call was not; it took {calls}."
    same = "gave the same wrong answer" if one.value == all_of_them.value else "were wrong"
    return f"Both {same}; one call took {calls}."


def _card(title: str, answer: Answer) -> str:
    count = len(answer.calls)
    grade = "right" if answer.correct else "wrong"
    symbol = "✓" if answer.correct else "✗"
    agree = f"{answer.votes} of {count} answers agree · " if count > 1 else ""
    shown = "Shown: the answer with" if count > 1 else "Prompt:"
    tokens = "tokens not counted" if answer.tokens is None else f"{answer.tokens:,} tokens"
    cost = "no price" if answer.dollars is None else f"${answer.dollars:.5f}"
    return f"""
<article class="card {grade}">
  <h3>{escape(title)}</h3>
  <p class="value">{escape(answer.value or "no number")}
    <span class="grade">{symbol} {grade}</span></p>
  <p class="quiet">{agree}{count} call{"s" if count > 1 else ""} · {tokens} · {cost}</p>
  <p class="quiet">{shown} “{escape(answer.prompt.label)}”</p>
  <details><summary>Read the recorded answer</summary>
    <pre>{escape(answer.text.strip())}</pre></details>
</article>"""
