"""The page's address as a place to share: query parameters to the Savings tab and back."""

from collections.abc import Mapping
from dataclasses import replace

from core.costs.billing import MOST_DOLLARS, MOST_SECONDS
from core.costs.typed import amount
from core.errors import PromptOIRLError, UnknownNameError
from demo.savings import comparisons
from demo.savings.comparisons import Choices, View
from demo.savings.typed_prices import FIELDS, WAYS, Money, listed

_MONEY = {"in": "prompt", "out": "completion", "gpu": "hour", "seconds": "seconds"}
"""Parameters of prices and the fields they fill; ``queries`` is read apart."""
PARAMETERS = (
    "llm",
    "data",
    "protocol",
    "prompts",
    "axis",
    "calls",
    "rivals",
    "price",
    "queries",
    *_MONEY,
)


def written(view: View, money: Money) -> dict[str, str | None]:
    """Query parameters of what is shown; None takes a parameter out of the address.

    Prices and volume appear only where a visitor changed them. No question and no key is ever
    part of it.
    """
    given = listed(view.llm)
    fields = {name: getattr(money, field).strip() for name, field in _MONEY.items()}
    changed = {
        name: text if text != getattr(given, _MONEY[name]) else None
        for name, text in fields.items()
    }
    queries = money.queries.strip().replace(",", "")
    return {
        "tab": "savings",
        "llm": view.llm,
        "data": view.dataset,
        "protocol": view.protocol,
        "prompts": view.prompts,
        "axis": view.axis,
        "calls": view.calls or None,
        "rivals": view.rivals if view.draws_rivals else None,
        "price": "hour" if money.way == "hour" else None,
        "queries": queries if queries != given.queries.replace(",", "") else None,
        **changed,
    }


def read(parameters: Mapping[str, str]) -> tuple[View, Money, list[str]]:
    """What an address asks for, and a sentence for each value that there is not.

    A value that is not known leaves its choice as it would be without it.
    """
    complaints: list[str] = []

    def choose(name: str, default: str, choices: Choices) -> str:
        offered = [value for _, value in choices]
        value = parameters.get(name)
        if value is not None and value not in offered:
            complaints.append(str(UnknownNameError(name, value[:40], offered)))
        return value if value in offered else comparisons.among(default, choices)

    start = comparisons.opening()
    llm = choose("llm", start.llm, comparisons.llms())
    protocol = choose("protocol", start.protocol, comparisons.protocols(llm))
    view = View(
        llm,
        choose("data", start.dataset, comparisons.datasets(llm)),
        protocol,
        choose("prompts", start.prompts, comparisons.prompt_sets(llm, protocol)),
        choose("axis", start.axis, comparisons.AXES),
        rivals=choose("rivals", start.rivals, comparisons.RIVALS),
    )
    view = replace(view, calls=_read_calls(parameters.get("calls"), view, complaints))
    way = choose("price", Money().way, WAYS)
    return view, _read_money(parameters, replace(listed(llm), way=way), complaints), complaints


def _read_calls(text: str | None, view: View, complaints: list[str]) -> str:
    most = comparisons.most_calls(view)
    if text is None or (text.isdecimal() and 1 <= int(text[:6]) <= most):
        return text or ""
    complaints.append(f"calls={text[:20]!r} is not there; allowed: 1 to {most}.")
    return ""


def _read_money(parameters: Mapping[str, str], money: Money, complaints: list[str]) -> Money:
    for name, field in {**_MONEY, "queries": "queries"}.items():
        text = parameters.get(name)
        if text is None:
            continue
        asked = replace(money, **{field: text})
        try:
            if field == "queries":
                asked = replace(asked, queries=f"{asked.volume:,}")
            else:
                amount(FIELDS[field], text, MOST_SECONDS if name == "seconds" else MOST_DOLLARS)
        except PromptOIRLError as error:
            complaints.append(str(error))
        else:
            money = asked
    return money
