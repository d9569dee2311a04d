"""Measure what `serve` adds to a call, beside a proxy that only passes requests on.

Both stand in front of the same server, which answers at once, and are asked in turn. Each is a
process of its own.

    python tests/benchmarks/bench_serve.py
"""

import multiprocessing
import socket
import statistics
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.asking.ranking import shipped_scorer
from core.llms.openai.api import OpenAICompatible
from core.serving.app import create
from core.serving.books import Books
from core.serving.service import Service, Upstream

CALLS = 300
CALLERS = 64
QUESTION = "Mia has 12 stickers and gives 5 to her brother. How many are left?"
_PATH = "/v1/chat/completions"


def behind() -> FastAPI:
    """A server that answers at once."""
    app = FastAPI()
    message = {"role": "assistant", "content": "12 - 5 = 7. The answer is 7."}
    usage = {"prompt_tokens": 40, "completion_tokens": 12, "total_tokens": 52}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}

    @app.post(_PATH)
    async def answer(request: Request) -> Response:
        await request.body()
        return JSONResponse({"id": "c", "model": "m", "choices": [choice], "usage": usage})

    return app


def plain_proxy(address: str) -> FastAPI:
    """A proxy that passes the body on."""
    app = FastAPI()
    client = httpx2.AsyncClient(timeout=60)

    @app.post(_PATH)
    async def pass_on(request: Request) -> Response:
        reply = await client.post(address + _PATH, content=await request.body())
        return Response(reply.content, reply.status_code, media_type="application/json")

    return app


def with_policy(address: str) -> FastAPI:
    """The server of `serve`."""
    llm = OpenAICompatible("m", api_key="k", base_url=f"{address}/v1", concurrency=CALLERS)
    service = Service(shipped_scorer("embedded"), None, Upstream({"": llm}), Books())
    return create(service, policy="best-of-n", max_tokens=512)


def _run(make: Callable[..., FastAPI], arguments: tuple[str, ...], port: int) -> None:
    uvicorn.run(make(*arguments), port=port, log_level="critical", access_log=False)


def served(make: Callable[..., FastAPI], *arguments: str) -> str:
    """Serve in a process of its own; returns the address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(
        target=_run, args=(make, arguments, port), daemon=True
    )
    process.start()
    address = f"http://127.0.0.1:{port}"
    while process.is_alive():
        try:
            httpx2.get(address)
        except httpx2.ConnectError:
            time.sleep(0.1)
        else:
            return address
    raise SystemExit("A server ended before it began.")


def timed(ask: Callable[[], object]) -> float:
    """Milliseconds of a call."""
    start = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - start)


def main() -> None:
    """Print medians of single calls and calls a second of many callers."""
    first = served(behind)
    addresses = {
        "direct": first,
        "plain proxy": served(plain_proxy, first),
        "serve, best-of-n": served(with_policy, first),
    }
    body = {"model": "best-of-n", "messages": [{"role": "user", "content": QUESTION}]}
    limits = httpx2.Limits(max_connections=CALLERS)
    with httpx2.Client(timeout=60, limits=limits) as client:

        def ask(address: str) -> int:
            return client.post(address + _PATH, json=body).status_code

        times: dict[str, list[float]] = {name: [] for name in addresses}
        for _ in range(CALLS):
            for name, address in addresses.items():
                times[name].append(timed(lambda address=address: ask(address)))
        medians = {name: statistics.median(found[10:]) for name, found in times.items()}
        for name, median in medians.items():
            print(f"{name}: {median:.1f} ms a call in the median of {CALLS}")
        direct, plain, ours = medians.values()
        print(
            f"added by serve: {ours - direct:.1f} ms, by the plain proxy: {plain - direct:.1f} ms"
        )
        for name, address in addresses.items():
            start = time.perf_counter()
            with ThreadPoolExecutor(CALLERS) as pool:
                done = list(pool.map(ask, [address] * 8 * CALLERS))
            rate = len(done) / (time.perf_counter() - start)
            print(f"{name}: {rate:.0f} calls a second of {CALLERS} callers, {set(done)}")


if __name__ == "__main__":
    main()
