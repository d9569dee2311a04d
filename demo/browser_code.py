"""The few lines that run in the browser: what Python cannot reach."""

WRITE_ADDRESS = """(parameters) => {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(parameters || {})) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  window.history.replaceState(window.history.state, "", url);
}"""
"""Put query parameters into the address without loading anything; null takes one out."""


def write_tab(name: str, *, opens: bool) -> str:
    """Put the chosen tab into the address.

    Args:
        name: Of the tab.
        opens: Whether the page opens on it; that first choice is nobody's and must not take the
            place of the tab that the address asks for.
    """
    skipped = "first" if opens else "false"
    return f"""() => {{
  const first = !window.promptOirlChose;
  window.promptOirlChose = true;
  if ({skipped}) return;
  ({WRITE_ADDRESS})({{"tab": "{name}"}});
}}"""


SAVE_FILE = """(file) => {
  const link = document.createElement("a");
  link.href = file.url;
  link.download = file.orig_name;
  link.click();
}"""
"""Save a file that the server has just made."""

SAVE_PICTURE = """async (picture) => {
  const { figure, name, ...options } = picture;
  const link = document.createElement("a");
  link.href = await window.Plotly.toImage(figure, options);
  link.download = `${name}.${options.format}`;
  link.click();
}"""
"""Draw a figure as PNG or SVG with the Plotly that drew the page's and save it."""
