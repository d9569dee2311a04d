"""What other sites show of a link to the page: title, description and picture."""

import re
from html import escape
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

_PICTURE = Path(__file__).resolve().parents[1] / "screenshots" / "savings.png"
DESCRIPTION = (
    "Which prompt should this question get? Decided before any LLM is paid. See right answers "
    "against LLM calls, live."
)
TITLE = "Prompt-OIRL: one call, the right prompt"
_PATH = "/preview.png"
_ROOT = re.compile(r'"root":"([^"]*)"')
_OTHERS = re.compile(r'<meta\s+(?:property="og:|name="twitter:)[^>]*>\s*')


def with_preview(page: str) -> str:
    """The page with tags of its own in place of Gradio's, which speak of Gradio.

    Args:
        page: HTML that names the address under which it is seen; any other text stays as it is.
    """
    place, seen = page.find("</head>"), _ROOT.search(page)
    if place < 0 or seen is None:
        return page
    address = escape(seen.group(1))
    tags = [
        f'<meta name="description" content="{escape(DESCRIPTION)}" />',
        '<meta property="og:type" content="website" />',
        f'<meta property="og:title" content="{escape(TITLE)}" />',
        f'<meta property="og:description" content="{escape(DESCRIPTION)}" />',
        f'<meta property="og:url" content="{address}/" />',
        f'<meta property="og:image" content="{address}{_PATH}" />',
        '<meta name="twitter:card" content="summary_large_image" />',
    ]
    return _OTHERS.sub("", page[:place]) + "".join(tags) + page[place:]


def _picture(request: Request) -> FileResponse:
    return FileResponse(_PICTURE)


ROUTES = [Route(_PATH, _picture)]
"""Hands out the picture of link previews."""
