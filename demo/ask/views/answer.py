"""Answers as HTML: the number large, the reasoning below, what it cost."""

from markupsafe import Markup

from core.asking.mending import mends_text
from core.asking.solve import Answer
from core.asking.verdict import slip_of, slip_text
from core.costs.prices import Price
from demo.labels import cost_text
from demo.templates import html

_BUSY = 'aria-busy="true"'
INVITATION = html("""
<article class="card answer"><h2>The answer</h2>
<p class="quiet">Select “Solve”: the prompts are ranked and the LLM answers with the best of
them.</p></article>""")
COMPARISON_INVITATION = html("""
<article class="card answer"><h2>Exhaustive prompting</h2>
<p class="quiet">Once there is an answer, every prompt can be asked and the answers put to the
vote.</p></article>""")
_ANSWER = """
<article class="card answer {{ kind }}">
  <h2>{{ title }}</h2>
  {% if query %}<p class="asked" title="{{ query }}">{{ query }}</p>{% endif %}
  <p class="value">{{ answer.value or answer.kind.none }}
  {%- if kind %} <span class="grade">{{ grade }}</span>{% endif %}</p>
  <p class="reasoning">{{ answer.text.strip() }}</p>
  {% if answer.is_cut %}
  <p class="slip">Cut at the limit of tokens, so its last number may not be its answer.</p>
  {% endif %}
  {% if slip %}
  <p class="slip">{{ slip[0].upper() }}{{ slip[1:] }}.</p>
  {% endif %}
  {% if mended %}
  <p class="mended">Mended: {{ mended }}. As answered: {{ answer.as_answered }}.</p>
  {% endif %}
  {{ more }}
  {% if answer.failures %}
  <p class="quiet">Not all calls were answered. {{ answer.failures[-1].message }}</p>
  {% endif %}
  <p class="cost">{{ cost }}</p>
  <p class="quiet">{{ "Shown: the answer with" if answer.calls | length > 1 else "Prompt:" }}
  “{{ answer.prompt.label }}”</p>
</article>"""
_WAITING = """
<article class="card answer" aria-busy="true">
  <h2>{{ title }}</h2>
  <p class="value">…</p>
  <p class="reasoning">{{ text.strip() }}</p>
  {{ more }}
  <p class="quiet">{{ note }}</p>
</article>"""
_NOTHING = Markup("")


def answer_card(
    title: str,
    answer: Answer,
    more: Markup = _NOTHING,
    gold: str | None = None,
    query: str = "",
    stand_in: Price | None = None,
) -> Markup:
    """An answer that was given.

    Args:
        title: Whose answer it is.
        answer: Graded where the correct one is known.
        more: What stands below its reasoning.
        gold: The correct answer where it is known.
        query: The question that it answers.
        stand_in: The price where it has none.
    """
    kind, grade = "", ""
    if answer.correct is not None:
        kind, symbol = ("right", "✓") if answer.correct else ("wrong", "✗")
        correct = "" if answer.correct or gold is None else f", {gold} is right"
        grade = f"{symbol} {kind}{correct}"
    slip = slip_of(answer)
    return html(
        _ANSWER,
        kind=kind,
        title=title,
        query=query,
        answer=answer,
        grade=grade,
        slip="" if slip is None else slip_text(slip),
        mended=mends_text(answer.mends),
        more=more,
        cost=cost_line(answer, stand_in),
    )


def waiting_card(title: str, note: str, text: str, more: Markup = _NOTHING) -> Markup:
    """An answer while it is written.

    Args:
        title: Whose answer it will be.
        note: What is being done.
        text: What is written so far.
        more: What stands below it.
    """
    return html(_WAITING, title=title, note=note, text=text, more=more)


def failed_card(title: str) -> Markup:
    """What is left when no call brought an answer; the reason is told beside it."""
    return html(
        '<article class="card answer"><h2>{{ title }}</h2>'
        '<p class="quiet">No answer.</p></article>',
        title=title,
    )


def numbered(number: int, card: Markup) -> Markup:
    """Write on a card which of the session's questions it belongs to; ``drop_older`` reads it."""
    return html(
        '<div class="numbered" data-asked="{{ number }}">{{ card }}</div>', number=number, card=card
    )


def stopped(shown: str) -> Markup | None:
    """What becomes of a card when the visitor stops; None when nothing was being written."""
    if _BUSY not in shown:
        return None
    return html(
        '<article class="card answer"><p class="quiet">Stopped before the answer was complete.</p>'
        "</article>"
    )


def cost_line(answer: Answer, stand_in: Price | None = None) -> str:
    """Votes, calls, tokens, dollars and seconds; ``stand_in`` is the price where it has none."""
    count = len(answer.calls)
    answered = count - len(answer.failures)
    parts = [f"{answer.votes} of {answered} answers agree"] if count > 1 else []
    parts.append(f"{count} call{'s' if count > 1 else ''}")
    if answer.failures:
        parts.append(f"{len(answer.failures)} failed")
    parts.append(answer.tokens_text)
    parts.append(cost_text(answer.cost_at(stand_in)))
    if all(entry.seconds is not None for entry in answer.entries):
        parts.append("under 0.1 s" if answer.seconds < 0.05 else f"{answer.seconds:.1f} s")
    return " · ".join(parts)
