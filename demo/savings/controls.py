"""The layout of the Savings tab: its controls, figures and fields by name."""

from typing import Any

import gradio as gr
from gradio.components import Component

from demo.browser_code import EMBED, LINK
from demo.common import as_if_choice
from demo.savings import comparisons
from demo.savings.comparisons import View
from demo.savings.parcel import figure_id, place
from demo.savings.typed_prices import FIELDS, MOST_CHARACTERS, VOLUMES, WAYS, Money

GLOSSARY = """
<dl class="glossary">
<dt>clean protocol</dt><dd>Every question is scored by models that learned from other questions;
two that differ in numbers alone are not others.</dd>
<dt>published protocol</dt><dd>The paper’s own split; its test questions recur in training.</dd>
<dt>exhaustive prompting</dt><dd>Every prompt is asked and the most frequent answer taken.</dd>
<dt>best single prompt</dt><dd>Always the prompt that was best on the other questions.</dd>
<dt>oracle</dt><dd>Takes a correct answer whenever any prompt found one. It needs the answers, so
nobody can run it.</dd>
<dt>self-critique</dt><dd>The LLM itself is asked which of its answers is right.</dd>
<dt>ESC, DSC, CISC</dt><dd>Published ways to save calls of a vote: stop when a window of answers
agrees (Li et al. 2024), spend by difficulty (Wang et al. 2025), weigh answers by the LLM’s own
confidence, which takes a call for each (Taubenfeld et al. 2025).</dd>
<dt>budgeted</dt><dd>Asks prompt after prompt and stops when another call is no longer worth its
price.</dd>
</dl>"""
_FILES = {"png": "PNG", "svg": "SVG", "html": "HTML", "csv": "CSV"}


def lay_out(start: tuple[View, Money], first: dict[str, Any]) -> dict[str, Component]:
    """Lay out the tab inside the current Blocks.

    Args:
        start: What the controls show at first.
        first: The parts of the page that show it.

    Returns:
        The components by name that events read or change. What is only shown goes by parcel.
    """
    view, paid = start
    page: dict[str, Component] = {
        "shown": gr.State(first["shown"]),
        # What the browser has to do something with, and nobody has to see.
        "parcel": gr.JSON(visible=False),
        "picture": gr.JSON(visible=False),
        "file": gr.File(visible=False),
    }
    gr.HTML(place("notice", ""), elem_classes="message")
    with gr.Column(elem_classes="savings"):
        _text("headline", first)
        page |= _choices(view, first)
        _text("cards", first)
        _figure("plot", first)
        _text("caption", first)
        _text("source", first, elem_classes="source")
        page |= _files()
        page |= _money(paid, first)
        page |= _advanced(view, first)
        _panels(first)
        with gr.Accordion("All rows", open=False):
            _text("rows", first)
    return page


def _text(name: str, first: dict[str, Any], **look: Any) -> None:
    gr.HTML(place(name, first[name]), **look)


def _figure(name: str, first: dict[str, Any]) -> None:
    gr.Plot(first[name], show_label=False, elem_id=figure_id(name), elem_classes="figure")


def _radio(label: str, choices: comparisons.Choices, value: str | None, **look: Any) -> gr.Radio:
    return gr.Radio(choices, value=value, label=label, interactive=True, **look)


def _choices(view: View, first: dict[str, Any]) -> dict[str, Component]:
    with gr.Row(elem_classes="controls"):
        llm = _radio("LLM", comparisons.llms(), view.llm)
        sets = comparisons.datasets(view.llm)
        dataset = _radio("Data set", sets, view.dataset, elem_classes="data-sets")
        axis = _radio("Cost in", comparisons.AXES, view.axis)
        calls = gr.Slider(
            1,
            first["calls"]["maximum"],
            value=first["calls"]["value"],
            step=1,
            label="Calls you allow per query, on average",
            interactive=True,
            elem_classes="allowed",
        )
    return {"llm": llm, "dataset": dataset, "axis": axis, "calls": calls}


def _advanced(view: View, first: dict[str, Any]) -> dict[str, Component]:
    with gr.Accordion("Advanced: protocol, prompts, more rivals and words", open=False):
        with gr.Row(elem_classes="controls"):
            protocol = _radio("Protocol", comparisons.protocols(view.llm), view.protocol)
            sets = comparisons.prompt_sets(view.llm, view.protocol)
            prompts = _radio("Prompts", sets, view.prompts)
            rivals = _radio("Rivals in the figure", comparisons.RIVALS, view.rivals)
            _text("protocol_note", first, elem_classes="protocol-note")
        gr.HTML(GLOSSARY)
    return {"protocol": protocol, "prompts": prompts, "rivals": rivals}


def _files() -> dict[str, Component]:
    with gr.Row(elem_classes="files"):
        gr.HTML(
            '<p class="quiet">Download the figure for slides, or its rows'
            '<span class="unseen" role="status"></span></p>'
        )
        labels = {**_FILES, "link": LINK, "embed": EMBED, "present": "Present"}
        return {
            name: gr.Button(label, size="sm", elem_classes="small")
            for name, label in labels.items()
        }


def _money(paid: Money, first: dict[str, Any]) -> dict[str, Component]:
    gr.HTML("<h2>Prices and volume</h2>")
    with gr.Row(elem_classes="money"):
        with gr.Column(scale=2, min_width=300):
            way = _radio("Paid for", WAYS, paid.way)
            with gr.Row(elem_classes="prices"):
                prices = {
                    name: gr.Textbox(
                        getattr(paid, name),
                        label=FIELDS[name],
                        interactive=True,
                        visible=name in ("prompt", "completion"),
                        min_width=130,
                        max_length=MOST_CHARACTERS,
                    )
                    for name in ("prompt", "completion", "hour", "seconds")
                }
            stands_for = as_if_choice("Fill in the list prices of")
            queries = gr.Textbox(
                paid.queries, label=FIELDS["queries"], interactive=True, max_length=MOST_CHARACTERS
            )
            volume = _radio("Usual volumes", VOLUMES, paid.usual_volume)
            _text("message", first, elem_classes="message")
            _text("price_note", first)
            reset = gr.Button("Reset to list prices", size="sm", elem_classes="small")
        with gr.Column(scale=5, min_width=320):
            _text("bill", first)
    return {
        "way": way,
        **prices,
        "queries": queries,
        "volume": volume,
        "reset": reset,
        "as_if": stands_for,
    }


def _panels(first: dict[str, Any]) -> None:
    with gr.Row(elem_classes="panels"):
        for name, title in (
            ("prompt", "Accuracy of each prompt"),
            ("reliability", "Are the predicted chances right?"),
        ):
            with gr.Column(min_width=320):
                gr.HTML(f"<h2>{title}</h2>")
                _figure(f"{name}_plot", first)
                _text(f"{name}_note", first)
