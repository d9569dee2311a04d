"""What the tabs share."""

from collections.abc import Callable
from functools import wraps
from html import escape
from typing import ParamSpec, TypeVar

import gradio as gr

from core.errors import PromptOIRLError

P = ParamSpec("P")
R = TypeVar("R")


def shows_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Let a visitor read the errors that are meant for people; all others stay what they are.

    Gradio renders the text of its errors as HTML, so it is escaped here, once for all tabs.
    """

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except PromptOIRLError as error:
            raise gr.Error(escape(str(error)), print_exception=False) from error

    return guarded


def hidden(description: str) -> dict[str, str]:
    """Keyword arguments of an event that is the page's own affair, not part of the API."""
    return {"api_visibility": "private", "api_description": description}
