"""A typed key reaches the function that needs it and nothing that Gradio keeps."""

import gradio as gr
from gradio_client import Client

from demo.ask.key_box import KeyBox

KEY = "sk-visitor-0123456789abcdef"


def test_gradio_keeps_a_text_and_no_key() -> None:
    heard = []
    with gr.Blocks(analytics_enabled=False) as app:
        text, key = gr.Textbox(), KeyBox(type="password")
        button = gr.Button()
        button.click(lambda *typed: heard.append(typed), [text, key], None, api_name="ask")
    _, url, _ = app.launch(prevent_thread_lock=True, quiet=True, ssr_mode=False)
    try:
        Client(url, verbose=False).predict("a question", KEY, api_name="/ask")
        sessions = app.app.state_holder.session_data.values()
        kept = " ".join(str(session.config_values) for session in sessions)
    finally:
        app.close()
    assert heard == [("a question", KEY)]
    # What is kept of an ordinary field shows that this is where a key would be.
    assert "a question" in kept
    assert KEY not in kept


def test_it_is_a_password_field_to_the_browser() -> None:
    box = KeyBox(type="password", label="Key")
    assert box.get_block_name() == "textbox"
    assert box.get_config()["type"] == "password"
