"""Savings: accuracy against cost, with prices, a monthly bill and figures to take away."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from core.errors import DataError
from demo.browser_code import (
    EMBED,
    LINK,
    PRESENT,
    PUT_IN_PLACE,
    SAVE_FILE,
    SAVE_PICTURE,
    copy_frame,
    copy_link,
    offer_again,
)
from demo.common import hidden, shows_errors, tells_errors
from demo.savings import comparisons, controls
from demo.savings.address import PARAMETERS, read
from demo.savings.comparisons import View
from demo.savings.drawing import PRICES, Shown, calls_shown, offered, redraw
from demo.savings.files import csv_file, html_file, picture
from demo.savings.parcel import packed
from demo.savings.typed_prices import FIELDS, MOST_CHARACTERS, Money, as_if, listed
from demo.templates import alert

VIEW = ("llm", "dataset", "protocol", "prompts", "axis", "calls", "rivals")
MONEY = ("way", *PRICES, "queries")
CHANGED = ("shown", "parcel", "dataset", "protocol", "prompts", "calls", "volume", *PRICES)
"""What a choice changes, and no more: Gradio takes its time for every output."""
FILLED = (*CHANGED, "llm", "axis", "rivals", "way", "queries")
"""What an address fills."""
Parts = dict[str, Any]


_STATUS = ".files [role=status]"


def build(app: gr.Blocks) -> None:
    """Lay out the tab inside the current Blocks and let the app's address fill it."""
    view = comparisons.opening()
    start = view, listed(view.llm)
    first = redraw(None, *start)
    page = controls.lay_out(start, first)
    fields = [page[name] for name in (*VIEW, *MONEY)]
    _wire(page, fields)
    _wire_files(page, fields)

    def open_address(request: gr.Request) -> list[Any]:
        return _in_order(FILLED, asked_for(dict(request.query_params)))

    app.load(
        open_address,
        None,
        [page[name] for name in FILLED],
        show_progress="hidden",
        **hidden("Read the address"),
    ).success(None, page["parcel"], None, js=PUT_IN_PLACE, **hidden("Show the address's view"))
    gr.api(frontier_endpoint, api_name="frontier")


def _in_order(names: tuple[str, ...], parts: Parts) -> list[Any]:
    """A value per output of an event; what does not change is not sent."""
    sent = packed(parts)
    return [sent.get(name, gr.skip()) for name in names]


def _wire(page: dict[str, Component], fields: list[Component]) -> None:
    @shows_errors
    def draw(shown: Shown, *values: str) -> list[Any]:
        return _in_order(CHANGED, chosen(shown, *read_fields(values)))

    @shows_errors
    def take_volume(shown: Shown, volume: str, *values: str) -> list[Any]:
        view, paid = read_fields(values)
        parts = chosen(shown, view, replace(paid, queries=volume)) | {"queries": volume}
        return _in_order((*CHANGED, "queries"), parts)

    @shows_errors
    def reset(shown: Shown, *values: str) -> list[Any]:
        view, paid = read_fields(values)
        return _in_order(CHANGED, repriced(shown, view, list_prices(view, paid)))

    @shows_errors
    def price_as_if(shown: Shown, model: str | None, *values: str) -> list[Any]:
        view, paid = read_fields(values)
        parts = {} if model is None else repriced(shown, view, as_if(model, paid))
        return _in_order((*CHANGED, "way"), parts)

    # What is pasted or filled in by the browser is no input; it is read when its field is left. A
    # field's change would also be heard while an address fills one field after another.
    changes = [field.input for field in fields]
    for field in fields:
        if isinstance(field, gr.Textbox):
            changes += [field.submit, field.blur]
    for triggers, act, more, changed, name in (
        # One event for all choices: a choice made while another is drawn is drawn after it.
        (changes, draw, (), CHANGED, "Draw"),
        ([page["volume"].input], take_volume, ("volume",), (*CHANGED, "queries"), "Take a volume"),
        ([page["reset"].click], reset, (), CHANGED, "Reset to list prices"),
        ([page["as_if"].input], price_as_if, ("as_if",), (*CHANGED, "way"), "Price as if"),
    ):
        gr.on(
            triggers,
            act,
            [page["shown"], *(page[name] for name in more), *fields],
            [page[name] for name in changed],
            trigger_mode="always_last",
            # Drawn in milliseconds; the queue's stream would add more to it than it takes.
            queue=False,
            show_progress="hidden",
            **hidden(name),
        ).success(
            None,
            page["parcel"],
            None,
            js=PUT_IN_PLACE,
            **hidden("Show what was drawn"),
        )


def _wire_files(page: dict[str, Component], fields: list[Component]) -> None:
    served = Path(page["file"].GRADIO_CACHE)

    def making(make: Callable[..., Any], *more: Any) -> Callable[..., Any]:
        return shows_errors(lambda *values: make(*read_fields(values), *more))

    for name, make, carrier, save in (
        ("png", making(picture, "png"), "picture", SAVE_PICTURE),
        ("svg", making(picture, "svg"), "picture", SAVE_PICTURE),
        ("html", making(html_file, served), "file", SAVE_FILE),
        ("csv", making(csv_file, served), "file", SAVE_FILE),
    ):
        page[name].click(
            make, fields, page[carrier], show_progress="hidden", **hidden(f"Make {name}")
        ).success(None, page[carrier], None, js=save, **hidden(f"Save {name}"))
    page["present"].click(None, None, None, js=PRESENT, **hidden("Present"))
    for name, copy, label in (
        ("link", copy_link(_STATUS), LINK),
        ("embed", copy_frame(_STATUS), EMBED),
    ):
        page[name].click(None, None, page[name], js=copy, **hidden(f"Copy {name}")).then(
            None, None, page[name], js=offer_again(label, _STATUS), **hidden(f"Offer {name}")
        )


def read_fields(values: tuple[str, ...]) -> Shown:
    """The fields' values as the view and the money that they stand for.

    Raises:
        DataError: a text is longer than any sensible value; it would be kept with drawn figures.
    """
    texts = ["" if value is None else str(value) for value in values]
    for name, text in zip((*VIEW, *MONEY), texts, strict=True):
        if len(text) > MOST_CHARACTERS:
            raise DataError(
                f"{FIELDS.get(name, name)}: {text[:MOST_CHARACTERS]!r} and "
                f"{len(text) - MOST_CHARACTERS:,} characters more are too long; at most "
                f"{MOST_CHARACTERS} characters are read."
            )
    return View(*texts[: len(VIEW)]), Money(*texts[len(VIEW) :])


def chosen(shown: Shown, view: View, paid: Money) -> Parts:
    """What changes on the page by a choice; another LLM brings its own list price."""
    real = comparisons.resolved(_with_calls(shown, view))
    parts: Parts = {"volume": paid.usual_volume}
    if view.llm != shown[0].llm:
        paid = list_prices(view, paid)
        parts |= _price_fields(paid)
    if (real.llm, real.protocol) != (shown[0].llm, shown[0].protocol) or real != view:
        parts |= offered(view, real)
    if paid.way != shown[1].way:
        parts |= _price_fields(paid)
    return parts | redraw(shown, real, paid)


def _with_calls(shown: Shown, view: View) -> View:
    """The view with the dial as a visitor left it.

    Another comparison begins at the policy that saves most; so does a dial that nobody moved.
    """
    before, paid = shown
    moved = view.calls != str(calls_shown(before, paid.price_alone))
    same = comparisons.resolved(view).key == before.key
    return replace(view, calls=(view.calls if moved else before.calls) if same else "")


def repriced(shown: Shown, view: View, paid: Money) -> Parts:
    """What changes on the page when other prices take the place of those that were typed."""
    real = comparisons.resolved(_with_calls(shown, view))
    return _price_fields(paid) | {"way": paid.way} | redraw(shown, real, paid)


def list_prices(view: View, paid: Money) -> Money:
    """The list prices of an LLM, paid for as before."""
    return replace(listed(view.llm), way=paid.way, queries=paid.queries)


def _price_fields(paid: Money) -> Parts:
    """Each price's field: its value, and whether the way to pay has it."""
    return {
        name: gr.update(value=getattr(paid, name), visible=name in paid.pair) for name in PRICES
    }


def asked_for(asked: Mapping[str, str]) -> Parts:
    """Everything that the parameters of an address ask for; nothing where they ask for nothing.

    The address itself stays as it is: it may ask for another tab, or for what is not here.
    """
    if not any(name in asked for name in PARAMETERS):
        return {}
    view, paid, complaints = read(asked)
    parts = {"llm": view.llm, "axis": view.axis, "way": paid.way, "queries": paid.queries}
    parts |= {"volume": paid.usual_volume, "rivals": view.rivals}
    parts |= offered(view, view, fill=True)
    parts |= _price_fields(paid)
    said = " ".join(complaints)
    if said:
        said = f"This address asks for something that is not here. {said}"
    return parts | redraw(None, view, paid) | {"notice": alert(said), "address": {}}


@tells_errors
def frontier_endpoint(
    llm: str, dataset: str, protocol: str, prompt_set: str
) -> list[dict[str, Any]]:
    """The frontier rows of one comparison; unknown values are null."""
    rows = comparisons.rows_of(llm, dataset, protocol, prompt_set)
    return rows.astype(object).where(rows.notna(), None).to_dict("records")
