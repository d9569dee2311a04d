"""HTML from templates in which every value is escaped.

Not called html, as the folder of `demo/app.py` comes before that of Python's own modules.
"""

from functools import lru_cache

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

_ENVIRONMENT = Environment(
    autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


@lru_cache(maxsize=128)
def _compiled(template: str) -> Template:
    return _ENVIRONMENT.from_string(template)


def html(template: str, **values: object) -> Markup:
    """Fill in a Jinja template.

    Args:
        template: A constant of the program; it is compiled once.
        values: What it names. Whatever is no ``Markup``, such as this function returns, is escaped.

    Raises:
        UndefinedError: a value is missing.
    """
    return Markup(_compiled(template).render(values))


def quiet(text: str) -> Markup:
    """A line of small print."""
    return html('<p class="quiet">{{ text }}</p>', text=text)


def card(title: str, value: str, note: str) -> Markup:
    """One key figure: what it is, its value, and what is to be known of it."""
    return html(
        '<article class="card"><h2>{{ title }}</h2><p class="value">{{ value }}</p>'
        '<p class="quiet">{{ note }}</p></article>',
        title=title,
        value=value,
        note=note,
    )


def alert(text: str) -> Markup:
    """A problem that a visitor has to read; nothing where there is none."""
    return html('{% if text %}<p class="problem" role="alert">{{ text }}</p>{% endif %}', text=text)
