"""Prices and volume as a visitor types them, and the price that they make."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.costs.billing import (
    MOST_DOLLARS,
    MOST_QUERIES,
    MOST_SECONDS,
    HourlyPrice,
    Pricing,
    measured_speed,
)
from core.costs.prices import Price, price_as_if, price_of, prices_as_if
from core.costs.typed import amount, whole_number
from core.errors import DataError
from demo.labels import LLM_LABELS, YOURS, as_if_note, price_source

WAYS = [("tokens sold by a provider", "tokens"), ("a machine by the hour", "hour")]
NO_PRICE = "no price"
QUERIES = "1,000,000"
VOLUMES = [("10 thousand", "10,000"), ("1 million", QUERIES), ("100 million", "100,000,000")]
"""Volumes to choose from; any other is typed."""
MOST_CHARACTERS = 40
"""Of a field; no number that is allowed needs more."""
FIELDS = {
    "prompt": "Dollars per million prompt tokens",
    "completion": "Dollars per million completion tokens",
    "hour": "Dollars per GPU hour",
    "seconds": "Seconds per 1,000 completion tokens",
    "queries": "Queries per month",
}


@dataclass(frozen=True)
class Money:
    """The fields as typed; ``way`` says whether tokens or hours are paid."""

    way: str = "tokens"
    prompt: str = ""
    completion: str = ""
    hour: str = ""
    seconds: str = ""
    queries: str = QUERIES

    @property
    def pair(self) -> tuple[str, str]:
        """Names of the two fields that make the price."""
        return ("hour", "seconds") if self.way == "hour" else ("prompt", "completion")

    @property
    def price_alone(self) -> "Money":
        """Without what does not touch the price: the other pair of fields and the volume."""
        return Money(self.way, **{name: getattr(self, name) for name in self.pair})

    @property
    def volume(self) -> int:
        """Queries per month.

        Raises:
            DataError: the text is no whole number in the allowed range.
        """
        return whole_number(FIELDS["queries"], self.queries, MOST_QUERIES)

    @property
    def usual_volume(self) -> str | None:
        """Which of ``VOLUMES`` is typed, in whatever way; None for another or for no number."""
        try:
            written = f"{self.volume:,}"
        except DataError:
            return None
        return written if any(written == text for _, text in VOLUMES) else None


def listed(llm: str) -> Money:
    """The fields with an LLM's list price and measured speed, empty where none is known."""
    price, speed = price_of(llm), measured_speed(llm)
    return Money(
        prompt=f"{price.prompt:g}" if price else "",
        completion=f"{price.completion:g}" if price else "",
        seconds=f"{speed.seconds_per_1000_tokens:.3g}" if speed else "",
    )


def as_if(model: str, paid: Money) -> Money:
    """The fields with the list price of one of the models of today.

    Raises:
        UnknownNameError: it is none of them.
    """
    price = price_as_if(model)
    return replace(
        paid, way="tokens", prompt=f"{price.prompt:g}", completion=f"{price.completion:g}"
    )


def _stands_for(money: Money) -> str:
    """Whose list price stands in the fields; empty where it is none of a model of today."""
    typed = (money.prompt.strip(), money.completion.strip())
    found = (
        as_if_note(price)
        for price in prices_as_if().values()
        if typed == (f"{price.prompt:g}", f"{price.completion:g}")
    )
    return next(found, "")


def pricing(money: Money, llm: str) -> tuple[Pricing | None, str | None]:
    """The price that the fields make and its name in tables.

    Returns:
        The price, None where there is none; and its name, None for the list price, whose dollars
        and name stand in the tables.

    Raises:
        DataError: a field is no number in its range, or one of two is empty.
    """
    paid = money.pair
    texts = {name: getattr(money, name).strip() for name in paid}
    given = listed(llm)
    if money.way != "hour" and all(texts[name] == getattr(given, name) for name in paid):
        return price_of(llm), None
    # What is measured stands in its field from the start, and is no price by itself.
    if not any(text for name, text in texts.items() if name != "seconds"):
        return None, NO_PRICE
    for name, text in texts.items():
        if not text:
            raise DataError(f"{FIELDS[name]}: the field is empty, and without it there is no cost.")
    first, second = (
        amount(FIELDS[name], text, MOST_SECONDS if name == "seconds" else MOST_DOLLARS)
        for name, text in texts.items()
    )
    if money.way == "hour":
        name = f"{YOURS}: ${first:g} an hour, {second:g} s per 1,000 completion tokens"
        return HourlyPrice(first, second), name
    today = datetime.now(UTC).date()
    name = f"{YOURS}: ${first:g} in, ${second:g} out per million tokens"
    return Price(first, second, YOURS, today, "typed"), name


def note(money: Money, llm: str) -> str:
    """Where the price in the fields comes from: listed on a day, measured, or typed."""
    price, speed = price_of(llm), measured_speed(llm)
    if money.way == "hour":
        if speed is None:
            return (
                f"The log of {LLM_LABELS[llm]} holds no seconds; both fields are yours to type. "
                "Reading the prompt counts into the seconds of the answer."
            )
        measured = (
            f"{speed.seconds_per_1000_tokens:.3g} s per 1,000 completion tokens is the mean of "
            f"{speed.calls:,} calls in the log of this LLM, answered in large batches on two "
            "shared processor cores."
        )
        typed = money.seconds.strip() != listed(llm).seconds
        return f"Measured: {measured}" + (" The seconds in the field are yours." if typed else "")
    if money.way != "hour" and (said := _stands_for(money)):
        return said
    if price is None:
        return (
            f"Nobody sells calls of {LLM_LABELS[llm]}, so there is no list price. Type one, or "
            "take a machine by the hour."
        )
    where = price_source(f"{price.provider}, {price.day}, {price.source}")
    source = f"{where}, from {price.source}"
    given = listed(llm)
    if (money.prompt.strip(), money.completion.strip()) == (given.prompt, given.completion):
        return f"The {source}."
    return f"Your price. The {source}: ${price.prompt:g} in, ${price.completion:g} out."
