"""The chosen tab in the page's address, so that a view can be shared."""

from typing import Any

import gradio as gr

from core.errors import UnknownNameError
from demo.browser_code import open_tab, write_tab
from demo.common import hidden
from demo.templates import alert


def follow_address(app: gr.Blocks, tabs: gr.Tabs) -> None:
    """Open the tab that the address names, and write a chosen tab into it.

    Args:
        app: The page.
        tabs: Its tabs, complete; each has an id.
    """
    notice = gr.HTML(visible=False)
    names = tuple(str(item.id) for item in tabs.children)

    def complain(request: gr.Request) -> Any:
        asked = request.query_params.get("tab")
        if asked is None or asked in names:
            return gr.skip()
        return gr.update(value=alert(str(UnknownNameError("tab", asked[:40], names))), visible=True)

    app.load(complain, None, notice, queue=False, **hidden("Explain an unknown tab"))
    # In the browser alone: a server's event that changes the tabs makes Gradio read every component
    # below them, the whole page, before and after each later event.
    app.load(None, None, tabs, js=open_tab(names), **hidden("Open a tab"))
    for item, name in zip(tabs.children, names, strict=True):
        code = write_tab(name, opens=name == names[0])
        item.select(None, None, None, js=code, **hidden("Write the tab"))
