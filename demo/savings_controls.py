"""The layout of the Savings tab: its controls, figures and fields by name."""

from typing import Any

import gradio as gr
from gradio.components import Component

from demo import comparisons
from demo.comparisons import View
from demo.money import FIELDS, MOST_CHARACTERS, WAYS, Money

_FILES = {"png": "PNG", "svg": "SVG", "html": "HTML", "csv": "CSV"}


def lay_out(start: tuple[View, Money], first: dict[str, Any]) -> dict[str, Component]:
    """Lay out the tab inside the current Blocks.

    Args:
        start: What the controls show at first.
        first: The parts of the page that show it.

    Returns:
        The components by name: those of ``first`` and the controls.
    """
    view, paid = start
    page: dict[str, Component] = {
        "shown": gr.State(first["shown"]),
        # What the browser has to do something with, and nobody has to see.
        "address": gr.JSON(visible=False),
        "picture": gr.JSON(visible=False),
        "file": gr.File(visible=False),
        "notice": gr.HTML(visible=False),
    }
    with gr.Column(elem_classes="savings"):
        page |= _choices(view, first)
        page["cards"] = gr.HTML(first["cards"])
        page["plot"] = gr.Plot(first["plot"], show_label=False, elem_classes="figure")
        page["caption"] = gr.HTML(first["caption"])
        page |= _files()
        page |= _money(paid, first)
        page |= _panels(first)
        with gr.Accordion("All rows", open=False):
            page["rows"] = gr.HTML(first["rows"])
    return page


def _choices(view: View, first: dict[str, Any]) -> dict[str, Component]:
    def radio(label: str, choices: comparisons.Choices, value: str) -> gr.Radio:
        return gr.Radio(choices, value=value, label=label, interactive=True)

    with gr.Row(elem_classes="controls"):
        llm = radio("LLM", comparisons.llms(), view.llm)
        dataset = radio("Data set", comparisons.datasets(view.llm), view.dataset)
        axis = radio("Cost in", comparisons.AXES, view.axis)
    with gr.Row(elem_classes="controls"):
        protocol = radio("Protocol", comparisons.protocols(view.llm), view.protocol)
        sets = comparisons.prompt_sets(view.llm, view.protocol)
        prompts = radio("Prompts", sets, view.prompts)
        note = gr.HTML(first["protocol_note"], elem_classes="protocol-note")
    return {
        "llm": llm,
        "dataset": dataset,
        "prompts": prompts,
        "axis": axis,
        "protocol": protocol,
        "protocol_note": note,
    }


def _files() -> dict[str, Component]:
    with gr.Row(elem_classes="files"):
        gr.HTML('<p class="quiet">Download the figure for slides, or its rows</p>')
        return {
            name: gr.Button(label, size="sm", elem_classes="small")
            for name, label in _FILES.items()
        }


def _money(paid: Money, first: dict[str, Any]) -> dict[str, Component]:
    gr.HTML("<h2>Prices and volume</h2>")
    with gr.Row(elem_classes="money"):
        with gr.Column(scale=2, min_width=300):
            way = gr.Radio(WAYS, value=paid.way, label="Paid for", interactive=True)
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
            queries = gr.Textbox(
                paid.queries, label=FIELDS["queries"], interactive=True, max_length=MOST_CHARACTERS
            )
            message = gr.HTML(visible=False)
            note = gr.HTML(first["price_note"])
            reset = gr.Button("Reset to list prices", size="sm", elem_classes="small")
        with gr.Column(scale=5, min_width=320):
            bill = gr.HTML(first["bill"])
    return {
        "way": way,
        **prices,
        "queries": queries,
        "message": message,
        "price_note": note,
        "reset": reset,
        "bill": bill,
    }


def _panels(first: dict[str, Any]) -> dict[str, Component]:
    parts: dict[str, Component] = {}
    with gr.Row(elem_classes="panels"):
        for name, title in (
            ("prompt", "Accuracy of each prompt"),
            ("reliability", "Are the predicted chances right?"),
        ):
            with gr.Column(min_width=320):
                gr.HTML(f"<h2>{title}</h2>")
                plot = gr.Plot(first[f"{name}_plot"], show_label=False, elem_classes="figure")
                parts[f"{name}_plot"] = plot
                parts[f"{name}_note"] = gr.HTML(first[f"{name}_note"])
    return parts
