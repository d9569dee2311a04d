"""The recorded questions on the page: where they are missing, and the whole text of one."""

import logging
from random import SystemRandom
from typing import Any

import gradio as gr

from core import llms
from core.asking.ranking import recorded_question
from core.errors import MissingDataError
from core.hosting.fetching import may_be_fetched
from demo.ask.choices import RECORDED, offer_called
from demo.common import shows_errors
from demo.templates import html

_WORDS_SHOWN = 9
_log = logging.getLogger(__name__)


def recorded_choices() -> list[tuple[str, int]]:
    """First words and number of each recorded question; none without the published files."""
    try:
        questions = llms.get(RECORDED).questions
    except MissingDataError as error:
        # The folder is the operator's affair.
        _log.warning("%s", error)
        return []
    return [
        (f"{number} · {' '.join(text.split()[:_WORDS_SHOWN])} …", number)
        for number, text in enumerate(questions["query"])
    ]


_MISSING = """
<section class="notice">
  <p>Recorded answers are published files that are not on this machine yet.
  {% if here %}The button beside fetches them, once.{% else %}Whoever runs this page can fetch them
  with <code>python -m core fetch</code>.{% endif %}</p>
</section>"""


def missing_notice() -> str:
    """What to do where the published files are missing."""
    return html(_MISSING, here=may_be_fetched(offer_called(RECORDED)))


@shows_errors
def recorded_text(number: int | None) -> Any:
    """The whole of a recorded question, of which the list shows the first words."""
    if number is None:
        return gr.skip()
    query = recorded_question(llms.get(RECORDED), number)["query"]
    return html('<p class="query">{{ query }}</p>', query=query)


@shows_errors
def draw_number() -> int:
    """The number of a recorded question drawn at random."""
    return draw_numbers(1)[0]


def draw_numbers(count: int) -> list[int]:
    """Numbers of so many different recorded questions drawn at random."""
    return SystemRandom().sample(range(len(llms.get(RECORDED).questions)), count)
