"""How many calls a second `collect` makes of a server, with more and more at the same time.

    python tests/benchmarks/bench_collect.py

The server is a process of its own on this machine. It speaks the OpenAI chat-completions format
and takes 200 ms for every answer however many it is asked for, as providers about do. So perfect
concurrency is a ratio equal to the number of calls at once; what is below is the time that client,
journal and disk take. The journal is on the disk after every turn, as in a real run.
"""

import asyncio
import json
import multiprocessing
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.collect import Job, collect
from core.llms import Sampling
from core.llms.openai.api import OpenAICompatible
from core.prompts import PROMPTS

LATENCY_S = 0.2
CONCURRENCY = (1, 4, 16, 64)
SECONDS = 8
"""About how long each measurement takes if concurrency is perfect."""
_ANSWER = {
    "id": "1",
    "object": "chat.completion",
    "created": 0,
    "model": "bench",
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "12 − 5 = 7. The answer is 7."},
        }
    ],
    "usage": {"prompt_tokens": 60, "completion_tokens": 16, "total_tokens": 76},
}


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection until it is closed."""
    body = json.dumps(_ANSWER).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    try:
        while True:
            request = await reader.readuntil(b"\r\n\r\n")
            lines = request.decode().lower().split("\r\n")
            length = next(line for line in lines if line.startswith("content-length:"))
            await reader.readexactly(int(length.partition(":")[2]))
            await asyncio.sleep(LATENCY_S)
            writer.write(head.encode() + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def serve(ready: Connection) -> None:
    """Serve until the process is ended; sends its port first."""

    async def run() -> None:
        server = await asyncio.start_server(_answer, "127.0.0.1", 0)
        ready.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


def calls_per_second(base_url: str, concurrency: int) -> float:
    """Collect a log and return how many calls were made each second."""
    queries = max(1, round(SECONDS / LATENCY_S * concurrency / len(PROMPTS)))
    table = pd.DataFrame({"query": [f"Mia has {n} pens. How many? " for n in range(queries)]})
    sampling = Sampling()
    llm = OpenAICompatible("bench", sampling, base_url=base_url, concurrency=concurrency)
    job = Job(llm, table.assign(gold=7), PROMPTS, sampling)
    with tempfile.TemporaryDirectory() as folder:
        llm.complete(["Warm up."])
        start = time.perf_counter()
        log = collect(job, Path(folder) / "log.csv", concurrency=concurrency)
        seconds = time.perf_counter() - start
    if len(log) != job.calls:
        raise SystemExit(f"{job.calls - len(log)} calls failed")
    return job.calls / seconds


def main() -> None:
    """Print a line for each number of calls at the same time."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    server = context.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    base_url = f"http://127.0.0.1:{ours.recv()}/v1"
    print(f"{LATENCY_S * 1000:.0f} ms for each answer, {len(PROMPTS)} prompts")
    print("at once  calls/s  ratio to 1")
    first = None
    for concurrency in CONCURRENCY:
        rate = calls_per_second(base_url, concurrency)
        first = first or rate
        print(f"{concurrency:7d}  {rate:7.1f}  {rate / first:10.1f}", flush=True)
    server.terminate()


if __name__ == "__main__":
    main()
