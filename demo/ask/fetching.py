"""A button that fetches what the chosen LLM needs, with its size before and its progress."""

import logging
from collections.abc import Iterator
from typing import Any

import gradio as gr

from core.hosting import settings
from core.hosting.fetching import may_be_fetched, size_and_licence, start
from core.hosting.offers import Offer
from demo.ask.choices import offer_called
from demo.common import shows_errors

_STEP_S = 0.5
_LOG = logging.getLogger(__name__)


def fetch_button() -> gr.Button:
    """The button; shown while the chosen LLM is not on this machine."""
    return gr.Button("Fetch", size="sm", visible=False, elem_classes="small fetch")


def offer_fetching(name: str) -> Any:
    """Show the button for an LLM that has to be fetched."""
    offer = offer_called(name)
    if not may_be_fetched(offer):
        return gr.update(visible=False)
    return gr.update(visible=True, interactive=True, value=_invitation(offer))


@shows_errors
def fetch_llm(name: str) -> Iterator[Any]:
    """Fetch the chosen LLM; the button says how far it is, and goes when it is here."""
    offer = offer_called(name)
    if may_be_fetched(offer):
        download, thread = start(offer)
        while thread.is_alive():
            yield gr.update(interactive=False, value=f"Fetching {offer.label}: {download.progress}")
            thread.join(_STEP_S)
        if download.error:
            yield gr.update(interactive=True, value=_invitation(offer))
            raise gr.Error(_explained(offer, download.error), print_exception=False)
    yield gr.update(visible=False)


def _invitation(offer: Offer) -> str:
    known = size_and_licence(offer)
    return f"Fetch {offer.label.removesuffix(', GGUF')}{f': {known}' if known else ''}"


def _explained(offer: Offer, error: str) -> str:
    """Why there is no file; on a Space its operator alone reads that."""
    _LOG.warning("%s cannot be fetched: %s", offer.name, error)
    if settings.on_space():
        return f"{offer.label} cannot be fetched at the moment; choose another LLM."
    return error
