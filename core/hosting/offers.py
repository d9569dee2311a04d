"""Which LLMs a page offers, where each sends a question and who pays for its calls."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Literal

from core import llms
from core.costs.prices import PRICE_DATE, Price, dearest_price, live_price, machine_price
from core.hosting import settings
from core.hosting.metered import MeteredLLM
from core.hosting.settings import Limits
from core.hosting.spending import Spending
from core.hosting.wording import ForVisitors
from core.llms import LLM, Failure, LLMError, RecordedGSM8K, Sampling
from core.llms.base import now
from core.llms.gguf import parse
from core.llms.local import gpus
from core.llms.openai.retired import RETIRED
from core.llms.openai.server import is_openai, operator_server, usual_address

Payer = Literal["nobody", "operator", "visitor"]

_NO_KEY = "Type it beside the choice of the LLM, or choose the embedded LLM, which needs none."
_LABELS = {"meta-llama/Llama-2-7b-chat-hf": "LLaMA2-7B-chat"}


@dataclass(frozen=True)
class Offer:
    """An LLM that the page offers.

    Attributes:
        name: As ``core.llms.get`` takes it; the path of a folder is the operator's affair.
        id: As the page, its address and its programs may know it: the name, with the last part of
            a folder's path alone. No two offers share one.
        label: As the page calls it.
        payer: Who pays for its calls when no key is typed; ``visitor``: it works with a typed key
            only.
        note: Who answers, where a question is sent and what it costs, in a sentence.
    """

    name: str
    id: str
    label: str
    payer: Payer
    note: str


def offers() -> tuple[Offer, ...]:
    """What this page offers, the embedded LLM first; to be asked once, at the start.

    Raises:
        DataError: a setting is none, or what visitors spend cannot be counted.
    """
    limits = settings.limits()
    found = [_EMBEDDED, _RECORDED]
    address = usual_address()
    payer: Payer = "visitor" if operator_server() is None else "operator"
    models, api_models = settings.hf_models(), settings.api_models(address, now().date())
    if gpus.is_lent():
        # It is lent only to programs that said before their launch what they want it for.
        import core.llms.local.zero_gpu  # noqa: F401
    if gpus.is_there():
        found += _gpu_offers(models, limits)
    found += _gguf_offers(settings.gguf_models())
    found += [_api_offer(model, address, payer, limits) for model in api_models]
    if any(offer.payer == "operator" for offer in found):
        Spending.from_settings().check()
    return tuple(found)


def open_llm(
    offer: Offer,
    *,
    key: str,
    session: str,
    sampling: Sampling = Sampling(),  # noqa: B008 - frozen
) -> LLM:
    """Return the LLM of an offer; what it costs the operator is bounded.

    Args:
        offer: One of ``offers()``.
        key: A visitor's own, ``""`` for none; it is used by the LLM that is returned and kept
            nowhere else. Where no key is needed it is not looked at.
        session: Whose calls are counted, any string that differs between sessions.
        sampling: How tokens are drawn.

    Raises:
        LLMError: the model, its GPU, its key or a package is missing; the message is for visitors,
            and the log says which.
        DataError: a setting is none.
    """
    kind, _, model = offer.name.partition(":")
    if offer.payer == "nobody" and kind != "gguf":
        return llms.get(offer.name, sampling)
    key = key.strip()
    if kind == "openai" and key:
        from core.llms.openai.api import OpenAICompatible

        own = ForVisitors(
            lambda: OpenAICompatible(model, sampling, api_key=key), offer.label, own_key=True
        )
        return own if _checks_keys(own.model, own.base_url) else _metered(own, session, None)
    if offer.payer == "visitor":
        raise LLMError(Failure("bad key", f"{offer.label} needs an API key of your own. {_NO_KEY}"))
    llm = ForVisitors(lambda: llms.get(offer.name, sampling), offer.label, own_key=False)
    if offer.payer == "nobody":
        return llm
    if llm.base_url is None:
        return _metered(llm, session, None)
    return _metered(llm, session, dearest_price(llm.model, now(), base_url=llm.base_url))


def price_of_offer(offer: Offer) -> Price | None:
    """What its tokens cost whoever pays; None when nobody lists a price."""
    kind, _, model = offer.name.partition(":")
    if kind == "openai":
        return _price(model, usual_address())
    return live_price(RecordedGSM8K.model, now()) if kind == "recorded" else None


def has_price(offer: Offer) -> bool:
    """Whether somebody says what its calls cost: by the token, or by this machine's hour."""
    here = not offer.name.startswith("openai:")
    return price_of_offer(offer) is not None or (here and machine_price() is not None)


def _metered(llm: LLM, session: str, price: Price | None) -> LLM:
    return MeteredLLM(llm, Spending.from_settings(), session, price)


def _price(model: str, base_url: str | None) -> Price | None:
    """What tokens cost; None on this machine, where only calls count, or when nobody lists it."""
    return None if base_url is None else live_price(model, now(), base_url=base_url)


def _checks_keys(model: str, address: str | None) -> bool:
    """Whether calls go to a provider that sells them, so that whose key it is pays.

    A server of the operator's own may take any key, which would make its use free and endless.
    """
    return (address is not None and is_openai(address)) or _price(model, address) is not None


_EMBEDDED = Offer(
    "embedded",
    "embedded",
    "embedded (small, here)",
    "nobody",
    "A very small LLM that comes with this page answers on the page's own machine; a question is "
    "sent nowhere else and costs nothing.",
)
_RECORDED = Offer(
    RecordedGSM8K.name,
    RecordedGSM8K.name,
    "LLaMA2-7B-chat, recorded",
    "nobody",
    "LLaMA2-7B-chat's published answers to 1,000 GSM8K questions are played back; nothing is sent "
    "anywhere and nothing is paid. Dollars shown are what the same calls cost at Together AI's "
    f"list price of {PRICE_DATE}.",
)


def _gpu_offers(models: Sequence[str], limits: Limits) -> list[Offer]:
    shown = [_shown(model) for model in models]
    labels = _distinct([_LABELS.get(name) or Path(name).name for name in shown])
    return [
        _gpu_offer(*offer, limits) for offer in zip(models, _distinct(shown), labels, strict=True)
    ]


def _shown(model: str) -> str:
    """A model of the Hub by its whole name, a folder by the last part of its path."""
    if not model.startswith(("/", ".", "~")):
        return model
    return os.path.basename(os.path.abspath(os.path.expanduser(model)))


def _distinct(names: Sequence[str]) -> list[str]:
    """The names, with a number after one that came before: two folders may end alike."""
    found: list[str] = []
    for name in names:
        numbered = (f"{name} ({number})" for number in count(2))
        found.append(next(one for one in chain([name], numbered) if one not in found))
    return found


def _gpu_offer(model: str, shown: str, label: str, limits: Limits) -> Offer:
    return Offer(
        f"hf:{model}",
        f"hf:{shown}",
        f"{label}, 4 bits",
        "operator",
        f"{label} in 4 bits answers on this page's own GPU; a question is sent nowhere else, and "
        f"up to {limits.session_calls:,} calls a session are free.",
    )


def _gguf_offers(models: Sequence[str]) -> list[Offer]:
    shown = _distinct([_shown(model) for model in models])
    labels = _distinct([parse(model).label for model in models])
    price = machine_price()
    cost = "costs nothing" if price is None else f"costs its seconds at {price}"
    return [
        Offer(
            f"gguf:{model}",
            f"gguf:{name}",
            f"{label}, GGUF",
            "nobody",
            f"{label} answers on the page's own machine; a question is sent nowhere else and "
            f"{cost}.",
        )
        for model, name, label in zip(models, shown, labels, strict=True)
    ]


def _api_offer(model: str, address: str, payer: Payer, limits: Limits) -> Offer:
    who = f"{model} at the operator's server answers"
    if is_openai(address):
        who = f"{model} at OpenAI answers"
        if model in RETIRED:
            day = RETIRED[model][0]
            who = f"{model} is asked at OpenAI, which lists it as shut down on {day} and may refuse"
    name = f"openai:{model}"
    return Offer(name, name, model, payer, f"{who}: {_paid(model, address, payer, limits)}.")


def _paid(model: str, address: str, payer: Payer, limits: Limits) -> str:
    """Where question and key go, and who pays what."""
    price = _price(model, address)
    cost = "no listed price"
    if price is not None:
        cost = f"${price.prompt:g} in, ${price.completion:g} out per million tokens"
    if payer == "visitor":
        return f"a question and the key that you type go to {address} alone, and you pay ({cost})"
    sent = f"a question, and a key if you type one, go to {address} alone"
    most = f"up to {limits.session_calls:,} calls"
    if not _checks_keys(model, address):
        return f"{sent}, and {most} a session are free"
    if price is not None:
        most += f" and ${limits.session_dollars:g}"
    return f"{sent}; the operator pays for {most} a session, or you with your key ({cost})"
