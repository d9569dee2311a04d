"""The chosen tab in the page's address, so that a view can be shared."""

from html import escape
from typing import Any

import gradio as gr

from demo.address import tab
from demo.browser_code import write_tab
from demo.common import hidden


def follow_address(app: gr.Blocks, tabs: gr.Tabs) -> None:
    """Open the tab that the address names, and write a chosen tab into it.

    Args:
        app: The page.
        tabs: Its tabs, complete; each has an id.
    """
    notice = gr.HTML(visible=False)
    names = tuple(str(item.id) for item in tabs.children)

    def open_tab(request: gr.Request) -> tuple[Any, Any]:
        name, complaint = tab(dict(request.query_params), names)
        chosen = gr.update(selected=name) if name else gr.skip()
        html = f'<p class="problem" role="alert">{escape(complaint)}</p>'
        return chosen, gr.update(value=html, visible=True) if complaint else gr.skip()

    app.load(open_tab, None, [tabs, notice], queue=False, **hidden("Open a tab"))
    for item, name in zip(tabs.children, names, strict=True):
        code = write_tab(name, opens=name == names[0])
        item.select(None, None, None, js=code, **hidden("Write the tab"))
