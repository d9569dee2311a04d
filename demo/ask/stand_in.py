"""The price of a model of today for what has none: dollars "as if" beside the tokens."""

from typing import Any

import gradio as gr

from core.asking.own_model import OwnModel
from core.costs.prices import PRICE_DATE, price_as_if
from core.errors import DataError
from core.hosting.offers import Offer, has_price
from demo.ask.choices import Choices, offer_called, prepare
from demo.ask.estimate import RACE, compare_label, race_label
from demo.ask.session import Session
from demo.ask.views.asked import Asked, Compared
from demo.ask.views.session import session_html
from demo.common import as_if_choice, shows_errors
from demo.labels import as_if_note

_NOTE = f"For comparison alone, at list prices of {PRICE_DATE}; nobody pays them."


def stand_in_choice(offer: Offer) -> gr.Dropdown:
    """The choice of the price; there for what has none."""
    return as_if_choice(
        "Dollars as if the LLM were",
        "itself: it has no price",
        info=_NOTE,
        filterable=False,
        visible=not has_price(offer),
    )


def offer_stand_in(name: str) -> Any:
    """Show the choice for an LLM without a price."""
    return gr.update(visible=not has_price(offer_called(name)))


@shows_errors
def choose_stand_in(
    model: str,
    own_log: OwnModel | None,
    session: Session,
    asked: Asked | None,
    compared: Compared | None,
    *controls: Any,
) -> tuple[Any, ...]:
    """Show all that is on the page at the price of a model of today, where it has none.

    Args:
        model: Its name, empty for none.
        own_log: What the visitor's own log or model knows, None without one.
        session: What was spent; keeps the price.
        asked: The question that was answered last.
        compared: What was compared last.
        controls: The fields of ``Choices``.

    Returns:
        The choice with its note, HTML of answer and comparison, the buttons to compare and to race,
        and HTML of the session.

    Raises:
        UnknownNameError: there is no such model.
    """
    price = price_as_if(model) if model else None
    session.stand_in = price
    choices, skip = Choices(*controls), gr.skip()
    try:
        ready = prepare(choices, own_log)
    except DataError:
        # There is nothing to compare.
        comparing, racing = skip, RACE
    else:
        bill = ready.ranking, choices.offer, ready.query, price
        comparing, racing = compare_label(*bill), race_label(*bill)
    is_beside = compared is not None and asked is not None and compared.asked.answer == asked.answer
    return (
        gr.update(info=_NOTE if price is None else f"{as_if_note(price)} Nobody pays it."),
        skip if asked is None else asked.card(price),
        compared.card(price) if is_beside else skip,
        comparing,
        racing,
        session_html(session),
    )
