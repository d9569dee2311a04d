"""`serve`: an OpenAI-compatible server that chooses the prompt of every question."""

import os
from pathlib import Path
from typing import Annotated

import typer

from core import llms
from core.artifacts import budget_for, budget_path
from core.asking.arms import renamed
from core.asking.ranking import log_for, scorer_of_file, shipped_scorer
from core.cli.output import Arms, Timeout, errors
from core.errors import DataError
from core.hosting import settings
from core.hosting.settings import Limits
from core.hosting.spending import Spending
from core.llms import LLM, Sampling
from core.policies.budget import storage as budget_storage
from core.reward import storage
from core.serving.books import Books
from core.serving.service import Service, Upstream

ACCESS_KEY = "PROMPT_OIRL_ACCESS_KEY"
_HERE = ("127.0.0.1", "localhost", "::1")
_ANY = 10**9


def serve(
    llm: Annotated[
        str, typer.Option(help="Who answers: openai:MODEL, or any other name of an LLM.")
    ],
    model: Annotated[
        Path | None,
        typer.Option(
            help="The reward model, from `train`. Default: the shipped one that predicts best for "
            "the LLM, with its budget model."
        ),
    ] = None,
    budget: Annotated[
        Path | None, typer.Option(help="What `train --budget` wrote; with it budgeted is there.")
    ] = None,
    upstream: Annotated[
        str | None, typer.Option(help="Address of the server behind. Default: OPENAI_BASE_URL.")
    ] = None,
    policy: Annotated[str, typer.Option(help="Of requests that name no model.")] = "best-of-n",
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8000,
    arm: Arms = None,
    max_tokens: Annotated[
        int, typer.Option(min=1, help="Most tokens of an answer where a request says nothing.")
    ] = 1024,
    limit_dollars: Annotated[
        float | None,
        typer.Option(min=0, help="Most that the key of OPENAI_API_KEY pays in a day (UTC)."),
    ] = None,
    concurrency: Annotated[
        int, typer.Option(min=1, help="Most calls at once of the server behind.")
    ] = 64,
    timeout: Timeout = None,
    ledger: Annotated[
        Path | None, typer.Option(help="CSV of every call and its cost, added to.")
    ] = None,
) -> None:
    """Serve the OpenAI API in front of an LLM: the policy is the model, best-of-n or budgeted:4.

    The key of OPENAI_API_KEY pays for all; without one each client's own key is passed on.
    `/usage` tells calls, dollars, and what asking every prompt would have cost.
    """
    access_key = os.environ.get(ACCESS_KEY, "").strip()
    log = log_for(llm)
    scorer = shipped_scorer(log) if model is None else scorer_of_file(storage.load(model))
    names = renamed(scorer.model.prompts, arm or ())
    behind = _upstream(
        {"": llm, **names}, upstream, concurrency, timeout, max_tokens, limit_dollars
    )
    if behind.llms and host not in _HERE and not access_key:
        raise DataError(
            f"On {host} anybody could ask at your expense. Set {ACCESS_KEY} to a key that clients "
            "have to show, or leave out --host."
        )
    if not behind.llms and access_key:
        raise DataError(f"{ACCESS_KEY} goes with a key of yours, which is not set.")
    learned = budget_for(log) if model is None and budget_path(log).is_file() else None
    if budget is not None:
        learned = budget_storage.load(budget)
    service = Service(scorer, learned, behind, Books(ledger))
    service.policy(policy)
    _listen(service, policy, max_tokens, access_key, host, port)


def _listen(
    service: Service, policy: str, max_tokens: int, access_key: str, host: str, port: int
) -> None:
    import uvicorn

    from core.serving.app import create

    app = create(service, policy=policy, max_tokens=max_tokens, access_key=access_key)
    errors.print(
        f"http://{host}:{port}/v1 · models: {', '.join(service.models)} · /usage",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )
    # Its own log of requests names addresses of clients, which is nobody's business.
    uvicorn.run(app, host=host, port=port, log_level="warning", access_log=False)


def _upstream(
    names: dict[str, str],
    address: str | None,
    concurrency: int,
    timeout_s: float | None,
    max_tokens: int,
    limit: float | None,
) -> Upstream:
    """Who answers and who pays.

    Args:
        names: Of the LLMs, by what the model calls each; that of plain calls by nothing.
        address: Of the server behind.
        concurrency: Most calls of it at once.
        timeout_s: Seconds that it may be silent.
        max_tokens: Most tokens of an answer where a request says nothing.
        limit: Most dollars of a day.

    Raises:
        DataError: an option does not go with the LLM.
        LLMError: the LLM cannot be had.
    """
    sampling = Sampling(max_tokens=max_tokens)
    here = [name for name in names.values() if not name.startswith("openai:")]
    if here and address is not None:
        raise DataError(f"--upstream is for openai:MODEL; {here[0]} answers on this machine.")
    if here and len(here) < len(names):
        away = next(name for name in names.values() if name not in here)
        raise DataError(
            f"{here[0]} answers on this machine, {away} behind the OpenAI API; all have to answer "
            "here or all there. --llm and --arm NAME=LLM name others."
        )
    if here:
        known = {logged: llms.get(name, sampling) for logged, name in names.items()}
        return Upstream(known, spending=_spending(limit))
    from core.llms.openai.api import OpenAICompatible
    from core.llms.openai.server import KEY_VARIABLE, find_server, is_openai

    def with_key(key: str) -> dict[str, LLM]:
        return {
            logged: OpenAICompatible(
                name.partition(":")[2],
                sampling,
                api_key=key,
                base_url=address,
                concurrency=concurrency,
                timeout_s=timeout_s,
            )
            for logged, name in names.items()
        }

    key = os.environ.get(KEY_VARIABLE, "").strip()
    if key or not is_openai(find_server("-", address).base_url):
        # A server of the operator's own may need no key.
        return Upstream(with_key(key), None, _spending(limit))
    if limit is not None:
        raise DataError(f"--limit-dollars limits what {KEY_VARIABLE} pays, which is not set.")
    return Upstream({}, with_key)


def _spending(limit: float | None) -> Spending | None:
    if limit is None:
        return None
    return Spending(settings.state_folder(), Limits(_ANY, _ANY, _ANY, limit))
