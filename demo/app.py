"""Build and launch the page: `python demo/app.py`."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

# Run as a script, Python looks for modules in this folder; the library lies one above.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import gradio as gr
import typer

from core.errors import PromptOIRLError
from core.hosting.fetching import fetch_at_start
from demo.ask import tab as ask_tab
from demo.ask.choices import offered
from demo.ask.events import forget
from demo.browser_code import FOLLOW_VIEW
from demo.common import hidden
from demo.how import tab as how_tab
from demo.own_logs import tab as logs_tab
from demo.savings import tab as savings_tab
from demo.server.guard import MIDDLEWARE
from demo.server.preview import ROUTES, TITLE
from demo.server.warm_up import warm_up
from demo.sharing import follow_address
from demo.theme import CSS, theme

MOST_WAITING = 64
"""Events of all visitors that may wait; further ones are told that the queue is full."""
MOST_SESSIONS = 500
"""Visitors whose state is remembered; of more the oldest is forgotten."""
_DELETE_CACHE = (600, 1800)
"""Every ten minutes, files of the page are deleted that are half an hour old: uploads that nobody
came to check, and exports. A trained model is kept as long as its log."""
_NO_STATISTICS = {
    "GRADIO_ANALYTICS_MAX_EVENTS": "1",
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**9),
}
"""At the end of each event Gradio makes a table of the last 10,000. Nobody reads it, and it takes
more time and memory with each of them."""
HEADER = """
<header class="masthead">
  <h1>Prompt-OIRL</h1>
  <p>One call, the right prompt.</p>
</header>
"""


def create_app() -> gr.Blocks:
    """Build the page without starting a server.

    Raises:
        PromptOIRLError: an artifact is missing or a setting is wrong; the message says which.
    """
    for name, value in _NO_STATISTICS.items():
        os.environ.setdefault(name, value)
    with gr.Blocks(
        title=TITLE,
        analytics_enabled=False,
        delete_cache=_DELETE_CACHE,
    ) as app:
        gr.HTML(HEADER)
        own_log = gr.State(None, time_to_live=logs_tab.KEPT)
        with gr.Tabs(elem_id="tabs") as tabs:
            with gr.Tab("Ask", id="ask"):
                ask_tab.build(app, own_log)
            with gr.Tab("Savings", id="savings"):
                savings_tab.build(app)
            with gr.Tab("Your logs", id="logs"):
                logs_tab.build(own_log)
            with gr.Tab("How it works", id="how"):
                how_tab.build()
        follow_address(app, tabs)
        app.load(warm_up, None, None, **hidden("Warm up"))
        app.load(None, None, None, js=FOLLOW_VIEW, **hidden("Follow the view"))
        app.unload(forget)
    # Without a closed side door programs would pass by the queue and its limits.
    app.queue(max_size=MOST_WAITING, api_open=False)
    return app


def launch_options() -> dict[str, Any]:
    """What `launch` is always given, so that every start looks and behaves the same."""
    return {
        "theme": theme(),
        "css": CSS,
        "ssr_mode": False,
        # Inputs stay out of the browser's storage.
        "run_history": False,
        # How much others ask is nobody's business.
        "enable_monitoring": False,
        "footer_links": ["api"],
        "max_file_size": logs_tab.UPLOAD_BYTES,
        "state_session_capacity": MOST_SESSIONS,
        "app_kwargs": {"middleware": MIDDLEWARE, "routes": ROUTES},
    }


def main(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; by default this machine's own.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Port; by default the first free one from 7860."),
    ] = None,
    share: Annotated[bool, typer.Option(help="Ask Gradio for a public link.")] = False,
) -> None:
    """Start the demo in this terminal and print its address."""
    try:
        app = create_app()
    except PromptOIRLError as error:
        # Without its artifacts there is no page; the message says how to rebuild them.
        sys.exit(f"Error: {error}")
    fetch_at_start(offered())
    try:
        app.launch(server_name=host, server_port=port, share=share, **launch_options())
    except OSError as error:
        where = f"port {port}" if port else "a port from 7860 on"
        sys.exit(
            f"Error: the demo cannot listen on {where} of {host or 'this machine'}: it is taken or "
            f"not allowed. Name another one with --port. ({type(error).__name__})"
        )


if __name__ == "__main__":
    typer.run(main)
