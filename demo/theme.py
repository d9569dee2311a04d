"""The look of the page: a calm theme with one accent, in light and dark."""

from pathlib import Path

import gradio as gr

_STYLES = Path(__file__).with_name("styles")
# What all tabs share comes first, so that a tab may differ from it.
_SHEETS = sorted(_STYLES.glob("*.css"), key=lambda path: (path.stem != "base", path.stem))
CSS = "\n".join(path.read_text("utf-8") for path in _SHEETS)
_SYSTEM = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")


def theme() -> gr.themes.Base:
    """Fonts of the visitor's own system, so that the page asks no other machine for any."""
    return gr.themes.Base(
        primary_hue=gr.themes.colors.blue,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_md,
        font=_SYSTEM,
        font_mono=("ui-monospace", "Consolas", "monospace"),
    ).set(
        button_primary_background_fill="#0060a0",
        button_primary_background_fill_hover="#004f85",
        button_primary_background_fill_dark="#0060a0",
        button_primary_background_fill_hover_dark="#0072b2",
        button_primary_text_color="#ffffff",
        # Subdued text keeps a contrast of at least 4.5 to 1 on both backgrounds.
        body_text_color_subdued="#51607a",
        body_text_color_subdued_dark="#a3b1c6",
        block_label_text_color="*body_text_color",
        # In the dark, panels would be lighter than the page and take contrast from the figure.
        block_background_fill_dark="*body_background_fill",
        block_border_width="0px",
        block_shadow="none",
        block_label_text_size="*text_sm",
    )
