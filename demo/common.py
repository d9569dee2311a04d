"""What the tabs share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from html import escape
from inspect import isgeneratorfunction
from typing import Any, ParamSpec, TypeVar

import gradio as gr

from core.costs.prices import prices_as_if
from core.errors import PromptOIRLError


def as_if_choice(label: str, none: str = "", **look: Any) -> gr.Dropdown:
    """The models of today whose list prices may stand in for an LLM's that has none.

    Args:
        label: What the choice is for.
        none: What it says where none of them is chosen; without it nothing is.
        look: More of Gradio's arguments.
    """
    models = [(model, model) for model in prices_as_if()]
    choices, value = ([(none, ""), *models], "") if none else (models, None)
    return gr.Dropdown(choices, value=value, label=label, interactive=True, **look)


class PageFaultError(PromptOIRLError):
    """What a visitor reads when the program itself is at fault; its cause stands in the log."""

    def __init__(self) -> None:
        super().__init__("Something went wrong on this page’s side. Its log says what; try again.")


LLM_EVENTS: dict[str, Any] = {"concurrency_id": "llm", "concurrency_limit": 4}
"""Of all events that ask an LLM so many run at once; the others wait in the queue."""

P = ParamSpec("P")
R = TypeVar("R")


def shows_errors(
    function: Callable[P, R], written: Callable[[str], str] = escape
) -> Callable[P, R]:
    """Let a visitor read the errors that are meant for people, and one sentence for all others.

    Args:
        function: What an event calls.
        written: How an error is written. Gradio's page renders its text as HTML, so it is escaped
            here, once for all tabs.
    """

    if isgeneratorfunction(function):

        @wraps(function)
        def generating(*args: P.args, **kwargs: P.kwargs) -> Iterator[Any]:
            with _readable(written):
                yield from function(*args, **kwargs)

        return generating

    @wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        with _readable(written):
            return function(*args, **kwargs)

    return guarded


def tells_errors(function: Callable[P, R]) -> Callable[P, R]:
    """Do the same for an endpoint whose errors programs read, as they are."""
    return shows_errors(function, str)


@contextmanager
def _readable(written: Callable[[str], str]) -> Iterator[None]:
    try:
        yield
    except gr.Error:
        raise
    except PromptOIRLError as error:
        raise gr.Error(written(str(error)), print_exception=False) from error
    except Exception as fault:
        # The outermost place of the page: Gradio writes the cause to the log.
        raise gr.Error(str(PageFaultError())) from fault


def hidden(description: str) -> dict[str, str]:
    """Keyword arguments of an event that is the page's own affair, not part of the API."""
    return {"api_visibility": "private", "api_description": description}
