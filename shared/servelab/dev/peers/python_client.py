"""aiohttp and httpx as people use them for load: N tasks, each asks, waits, stamps, asks again.

Runs in a process of its own: `python -m servelab.dev.peers.python_client NAME ADDRESS N SECONDS RATE`.
Latency counts from the send, as in most such scripts: that is the mistake that the table shows.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import numpy as np

from servelab.bench.load.clock import now
from servelab.dev.peers.figures import Figures, output_of, python

Ask = Callable[[], Awaitable[object]]


def aiohttp(address: str, connections: int, duration_s: int, rate_per_s: float = 0.0) -> Figures:
    """Run an aiohttp session."""
    return _run("aiohttp", address, connections, duration_s, rate_per_s)


def httpx(address: str, connections: int, duration_s: int, rate_per_s: float = 0.0) -> Figures:
    """Run an httpx client."""
    return _run("httpx", address, connections, duration_s, rate_per_s)


def _run(name: str, address: str, connections: int, duration_s: int, rate_per_s: float) -> Figures:
    arguments = [name, address, str(connections), str(duration_s), str(rate_per_s)]
    text = output_of([*python("servelab.dev.peers.python_client"), *arguments], duration_s)
    return Figures(**json.loads(text))


async def _aiohttp(stack: AsyncExitStack, address: str, connections: int) -> Ask:
    import aiohttp  # noqa: PLC0415 - an optional package, slow to import

    connector = aiohttp.TCPConnector(limit=connections)
    session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector, trust_env=False))

    async def ask() -> None:
        async with session.get(address) as answer:
            await answer.read()

    return ask


async def _httpx(stack: AsyncExitStack, address: str, connections: int) -> Ask:
    import httpx  # noqa: PLC0415 - beside the other peer, and as slow

    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    # A proxy named in the environment must not get the load.
    client = await stack.enter_async_context(httpx.AsyncClient(limits=limits, trust_env=False))
    return lambda: client.get(address)


async def _user(ask: Ask, end_s: float, pace_s: float, latencies: list[float]) -> None:
    while (begin_s := now()) < end_s:
        await ask()
        latencies.append(now() - begin_s)
        if pace_s:
            await asyncio.sleep(max(0.0, begin_s + pace_s - now()))


async def _measure(
    name: str, address: str, connections: int, duration_s: float, rate_per_s: float
) -> Figures:
    latencies: list[float] = []
    async with AsyncExitStack() as stack:
        ask = await (_aiohttp if name == "aiohttp" else _httpx)(stack, address, connections)
        await asyncio.gather(*(ask() for _ in range(connections)))
        pace_s = connections / rate_per_s if rate_per_s else 0.0
        end_s = now() + duration_s
        await asyncio.gather(*(_user(ask, end_s, pace_s, latencies) for _ in range(connections)))
    return Figures(len(latencies) / duration_s, float(np.quantile(latencies, 0.99)))


def main() -> None:
    """Measure, and print the figures as JSON."""
    name, address, connections, duration_s, rate_per_s = sys.argv[1:6]
    found = asyncio.run(_measure(name, address, int(connections), float(duration_s), float(rate_per_s)))
    print(json.dumps(vars(found)))  # noqa: T201 - the parent process reads it


if __name__ == "__main__":
    main()
