"""A field for an API key whose value Gradio does not keep."""

import gradio as gr
from gradio.data_classes import GradioRootModel
from pydantic import model_serializer


class _Secret(GradioRootModel):
    """A typed key; written down as nothing."""

    root: str | None = None

    @model_serializer
    def _nothing(self) -> str:
        return ""


class KeyBox(gr.Textbox):
    """A text box whose value reaches the functions of its events and nothing else.

    Of every other input Gradio remembers the last value for a session, also after its page was
    closed, and makes it readable through its links that restore a page.
    """

    is_template = True
    data_model = _Secret

    def preprocess(self, payload: _Secret | None) -> str:
        """The key as typed, empty without one."""
        return (payload.root if payload is not None else None) or ""
