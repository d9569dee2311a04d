"""The few lines that run in the browser: what Python cannot reach."""

import json
from collections.abc import Sequence

from core.query import QUERY_LIMIT

WRITE_ADDRESS = """(parameters) => {
  const url = new URL(window.location.href);
  for (const [name, value] of Object.entries(parameters || {})) {
    if (value === null) url.searchParams.delete(name);
    else url.searchParams.set(name, value);
  }
  window.history.replaceState(window.history.state, "", url);
}"""
"""Put query parameters into the address without loading anything; null takes one out."""


def open_tab(names: Sequence[str]) -> str:
    """Choose the tab that the address asks for, now and when somebody goes back.

    Args:
        names: Of the tabs there are, the one that the page opens on first.
    """
    return f"""() => {{
  const names = {json.dumps(list(names))};
  const asked = () => new URLSearchParams(window.location.search).get("tab");
  window.addEventListener("popstate", () => {{
    const name = names.includes(asked()) ? asked() : names[0];
    window.promptOirlBack = name;
    document.querySelector(`[data-tab-id="${{name}}"]`)?.click();
  }});
  const chosen = names.includes(asked()) ? {{ selected: asked() }} : {{}};
  return {{ ...chosen, __type__: "update" }};
}}"""


def write_tab(name: str, *, opens: bool) -> str:
    """Put the chosen tab into the address, as a step that Back undoes.

    Args:
        name: Of the tab.
        opens: Whether the page opens on it; that first choice is nobody's and must not take the
            place of the tab that the address asks for.
    """
    skipped = "first" if opens else "false"
    return f"""() => {{
  const first = !window.promptOirlChose;
  window.promptOirlChose = true;
  const back = window.promptOirlBack === "{name}";
  window.promptOirlBack = null;
  const url = new URL(window.location.href);
  if ({skipped} || back || url.searchParams.get("tab") === "{name}") return;
  url.searchParams.set("tab", "{name}");
  window.history.pushState(window.history.state, "", url);
}}"""


_PUT = """(parcel) => {
  const page = (window.promptOirlSavings ??= { wanted: new Map(), watcher: null });
  const { wanted } = page;
  const settle = (finds) => {
    for (const find of finds) {
      const place = document.querySelector(find);
      const fill = wanted.get(find);
      if (!place || !fill) continue;
      wanted.delete(find);
      fill(place);
    }
  };
  for (const [name, html] of Object.entries(parcel.texts)) {
    wanted.set(`[data-part="${name}"]`, (place) => { place.innerHTML = html; });
  }
  const figures = parcel.figures.map(([id, text]) => {
    const find = `#${id} .js-plotly-plot`;
    wanted.set(find, (place) => {
      const { data, layout } = JSON.parse(text);
      // Plotly forgets the figure's height when the window's width changes.
      place.style.height = `${layout.height}px`;
      window.Plotly.react(place, data, layout, { responsive: true });
    });
    return find;
  });
  const later = figures.slice(1);
  settle([...wanted.keys()].filter((find) => !later.includes(find)));
  // What is looked at is painted before the figures further down are drawn.
  requestAnimationFrame(() => setTimeout(() => {
    settle([...wanted.keys()]);
    if (!wanted.size || page.watcher) return;
    // A tab is built when it is first opened, a figure drawn when its script has come.
    page.watcher = new MutationObserver(() => {
      settle([...wanted.keys()]);
      if (wanted.size) return;
      page.watcher.disconnect();
      page.watcher = null;
    });
    const all = { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] };
    page.watcher.observe(document.body, all);
  }));
}"""

PUT_IN_PLACE = f"""(parcel) => {{
  ({WRITE_ADDRESS})(parcel.address);
  ({_PUT})(parcel);
}}"""
"""Put the texts and figures of a parcel where the page shows them, and its view in the address."""

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

LINK, EMBED, COPIED = "Copy link", "Embed", "Copied"
_SHOWN_FOR = 3000
"""Milliseconds after which the button says again what it does."""

_COPY = f"""async (text, label, status) => {{
  try {{
    await navigator.clipboard.writeText(text);
  }} catch {{
    // Without a secure connection there is only the old way.
    const field = document.body.appendChild(document.createElement("textarea"));
    field.value = text;
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    if (!copied) return label;
  }}
  document.querySelector(status).textContent = "{COPIED}";
  return "{COPIED}";
}}"""


def copy_link(status: str) -> str:
    """Copy the page's address; returns what the button says then, which a screen reader is told.

    Args:
        status: Finds the element that tells screen readers.
    """
    return f"""() => ({_COPY})(window.location.href, "{LINK}", {json.dumps(status)})"""


def copy_frame(status: str) -> str:
    """Copy HTML that shows the view in another page; otherwise as ``copy_link``."""
    return f"""() => {{
  const url = new URL(window.location.href);
  url.searchParams.set("view", "embed");
  const address = url.href.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const size = 'width="100%" height="760" title="Prompt-OIRL"';
  const frame = `<iframe src="${{address}}" ${{size}}></iframe>`;
  return ({_COPY})(frame, "{EMBED}", {json.dumps(status)});
}}"""


def copy_question(status: str) -> str:
    """Put the question into the address and copy that; otherwise as ``copy_link``."""
    return f"""(question) => {{
  ({WRITE_ADDRESS})({{ tab: "ask", {_QUESTION}: question }});
  return ({_COPY})(window.location.href, "{LINK}", {json.dumps(status)});
}}"""


def offer_again(label: str, status: str) -> str:
    """Let a button say again what it does, after a while.

    Args:
        label: What it does.
        status: As above.
    """
    return f"""() => new Promise((done) => setTimeout(() => {{
  document.querySelector({json.dumps(status)}).textContent = "";
  done("{label}");
}}, {_SHOWN_FOR}))"""


_QUESTION = "q"
"""The address's parameter for a question."""

READ_QUESTION = f"""(question) => {{
  const asked = new URLSearchParams(window.location.search).get("{_QUESTION}");
  if (!asked) return question;
  // It is ranked as if it had been typed.
  window.promptOirlLinked = true;
  return asked.slice(0, {QUERY_LIMIT});
}}"""
"""The question that the address holds, else the one that is there."""

_PAUSE = 350
"""Milliseconds without a key after which what is typed is ranked."""

AFTER_A_PAUSE = f"""(...values) => new Promise((typed) => {{
  clearTimeout(window.promptOirlTyping);
  // Examples are filled in while a button has the focus; they are asked at once.
  if (document.activeElement?.tagName !== "TEXTAREA" && !window.promptOirlLinked) return;
  window.promptOirlLinked = false;
  window.promptOirlTyping = setTimeout(() => typed(values), {_PAUSE});
}})"""
"""Let an event go on once nobody has typed for a while; only the last of several does."""

SHOW_ANSWER = """() => {
  // What is asked is not ranked once more.
  clearTimeout(window.promptOirlTyping);
  if (window.innerWidth > 640) return;
  document.querySelector(".result")?.scrollIntoView({ behavior: "smooth" });
}"""
"""End what waits for a pause; on a phone, bring the place of the answer into view."""


def drop_older(instead: str) -> str:
    """Take a comparison away that is not of the answer beside it.

    The browser may apply what a stopped event sent after what a newer event sent. A comparison
    that stays is left alone: to write it back could undo what came in the meantime.

    Args:
        instead: HTML that takes its place.
    """
    return f"""(answer, comparison) => {{
  const asked = (card) => card?.match(/data-asked="(\\d+)"/)?.[1];
  const older = asked(comparison) && asked(comparison) !== asked(answer);
  return older ? ["", {json.dumps(instead)}, ""] : Array(3).fill({{ __type__: "update" }});
}}"""


FOLLOW_VIEW = f"""() => {{
  const page = document.body.classList;
  const look = () => new URLSearchParams(window.location.search).get("view");
  const show = () => {{
    for (const name of ["present", "embed"]) page.toggle(name, look() === name);
    // Plotly measures its place anew.
    window.dispatchEvent(new Event("resize"));
  }};
  const turn = (name) => {{
    ({WRITE_ADDRESS})({{ view: name }});
    show();
  }};
  window.promptOirlPresent = () => {{
    turn("present");
    document.documentElement.requestFullscreen?.().catch(() => {{}});
  }};
  window.addEventListener("keydown", (event) => {{
    if (look() !== "present") return;
    if (event.key === "Escape") turn(null);
    const step = {{ ArrowRight: 1, ArrowLeft: -1 }}[event.key];
    if (!step || event.target.type === "range") return;
    event.preventDefault();
    const all = [...document.querySelectorAll(".data-sets input")];
    const now = all.findIndex((one) => one.checked);
    all[(now + step + all.length) % all.length]?.click();
  }});
  document.addEventListener("fullscreenchange", () => {{
    if (!document.fullscreenElement && look() === "present") turn(null);
  }});
  show();
}}"""
"""Show the page for a projector or inside another page where its address says so.

While it is presented, arrow keys step through the data sets and Escape leaves."""

PRESENT = "() => window.promptOirlPresent()"
"""Show the view on the whole screen."""
