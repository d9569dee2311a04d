"""What the Savings tab shows for a view and prices, and which parts of it a change touches."""

import math
from functools import lru_cache
from typing import Any

import gradio as gr
import pandas as pd

from core.costs.billing import priced
from core.errors import PromptOIRLError
from demo.figures import accuracy, panels
from demo.savings import address, cards, comparisons, typed_prices
from demo.savings.bill import bill_html
from demo.savings.comparisons import View, told
from demo.savings.parcel import drawn
from demo.savings.rows_table import rows_html
from demo.savings.text import caption, protocol_note, source, verdict
from demo.savings.typed_prices import Money
from demo.templates import alert, quiet

Shown = tuple[View, Money]
PRICES = ("prompt", "completion", "hour", "seconds")


def rows_at(view: View, paid: Money) -> pd.DataFrame:
    """The frontier rows of a view with dollars at the price in the fields; not to be changed.

    Raises:
        PromptOIRLError: there is no such comparison, or a field is no number in its range.
    """
    return _rows_at(view.key, paid.price_alone)


@lru_cache(maxsize=128)
def _rows_at(key: tuple[str, str, str, str], paid: Money) -> pd.DataFrame:
    rows = comparisons.rows_of(*key)
    price, name = typed_prices.pricing(paid, key[0])
    # The tables hold the list price already, and its name.
    return rows if name is None else priced(rows, price, name)


def axis_of(rows: pd.DataFrame, view: View) -> str:
    """The cost that is drawn: the one asked for where it is known, else calls."""
    return view.axis if accuracy.has_axis(rows, view.axis) else "calls"


def redraw(shown: Shown | None, view: View, paid: Money) -> dict[str, Any]:
    """The parts of the page that change from what is shown to what is asked for, by name.

    A price or volume that cannot be read changes nothing but the message beside its field. If
    the view changes as well, that is shown at the list price.
    """
    if shown == (view, paid):
        return {"message": ""}
    message = ""
    at = paid
    try:
        rows_at(view, paid)
        volume = paid.volume
    except PromptOIRLError as error:
        message = str(error)
        if shown and shown[0] == view:
            return {"message": alert(message)}
        at = typed_prices.listed(view.llm)
        volume = at.volume
        message += " The figures are at the list price and volume."
    parts = {
        "shown": (view, at),
        "message": alert(message),
        "address": address.written(view, at),
    }
    before, then = shown or (None, None)
    new_key = before is None or before.key != view.key
    new_row = new_key or before.calls != view.calls
    new_price = then is None or then.price_alone != at.price_alone
    if new_row or then != at:
        parts |= _of_the_volume(view.key, view.calls, at.price_alone, volume)
        parts["price_note"] = quiet(typed_prices.note(paid, view.llm))
    if new_row or new_price or (before.axis, before.rivals) != (view.axis, view.rivals):
        parts |= figure_parts(view, at.price_alone)
    if new_row or new_price:
        parts |= _of_the_price(view.key, view.calls, at.price_alone)
    if new_key:
        most = max(2, comparisons.most_calls(view))
        parts["calls"] = gr.update(value=calls_shown(view, at.price_alone), maximum=most)
        parts["protocol_note"] = protocol_note(view, len(comparisons.protocols(view.llm)))
        parts |= _of_the_log(*view.key)
    return parts


@lru_cache(maxsize=128)
def figure_parts(view: View, paid: Money) -> dict[str, Any]:
    """The figure and its caption; kept, since visitors go back and forth between views."""
    rows = rows_at(view, paid)
    axis = axis_of(rows, view)
    return {
        "plot": drawn(
            accuracy.accuracy_against_cost(
                rows, axis, told(rows, view.calls), rivals=view.draws_rivals
            )
        ),
        "caption": caption(rows, view, axis),
        "source": source(rows, view),
    }


@lru_cache(maxsize=128)
def _of_the_price(key: tuple[str, str, str, str], calls: str, paid: Money) -> dict[str, str]:
    """The key figures and all rows, whatever they are drawn against."""
    rows = _rows_at(key, paid)
    return {"cards": cards.key_figures(rows, told(rows, calls)), "rows": rows_html(rows)}


def calls_shown(view: View, paid: Money) -> int:
    """Calls at which the dial stands."""
    if view.calls:
        return int(view.calls)
    return math.ceil(round(told(_rows_at(view.key, paid), "")["calls"], 1))


@lru_cache(maxsize=128)
def _of_the_volume(
    key: tuple[str, str, str, str], calls: str, paid: Money, volume: int
) -> dict[str, str]:
    """The headline and the bill."""
    rows = _rows_at(key, paid)
    row = told(rows, calls)
    return {"headline": verdict(rows, row, volume), "bill": bill_html(rows, row, volume)}


@lru_cache(maxsize=64)
def _of_the_log(*key: str) -> dict[str, Any]:
    """The panels of single prompts and of calibration, which no price changes."""
    prompts = comparisons.part_of("prompts", *key[:2])
    curve = comparisons.part_of("reliability", *key)
    summary = comparisons.part_of("summary", *key)
    error = float(summary.loc[summary["metric"] == "calibration_error", "value"].iloc[0])
    return {
        "prompt_plot": drawn(panels.prompt_accuracy(prompts)),
        "prompt_note": quiet(panels.prompt_sentence(prompts)),
        "reliability_plot": drawn(panels.reliability(curve)),
        "reliability_note": quiet(panels.reliability_sentence(curve, error)),
    }


def offered(asked: View, real: View, *, fill: bool = False) -> dict[str, Any]:
    """The choices that the LLM and the protocol offer.

    A control keeps what it shows unless that is gone, so that a quick hand's next choice is not
    undone.

    Args:
        asked: What the controls show.
        real: The nearest that there is.
        fill: Set every control, as for an address.
    """
    controls = {
        "dataset": (comparisons.datasets(real.llm), asked.dataset, real.dataset),
        "protocol": (comparisons.protocols(real.llm), asked.protocol, real.protocol),
        "prompts": (
            comparisons.prompt_sets(real.llm, real.protocol),
            asked.prompts,
            real.prompts,
        ),
    }
    return {
        name: gr.update(choices=choices, **({"value": found} if fill or was != found else {}))
        for name, (choices, was, found) in controls.items()
    }
