"""Check 2: the client is fast enough to be the smaller part of what it measures.

Leaves out: how fast wrk could be. The server is one Python process, which may
be what limits wrk; against a faster one wrk would be farther ahead of ours.
"""

from typing import Final

import numpy as np

from servelab.bench.http import HttpTargets
from servelab.bench.load.generator import run_closed
from servelab.bench.run import Load
from servelab.bench.servers.process import fast
from servelab.bench.statistics.bootstrap import trimmed_interval
from servelab.dev.acceptance.check import Check
from servelab.dev.peers.python_client import aiohttp, httpx
from servelab.dev.peers.wrk import wrk

CONNECTIONS: Final = 32
BLOCK_S: Final = 1
CONFIDENCE: Final = 0.95
PEERS: Final = {"wrk": (wrk, 0.7), "aiohttp": (aiohttp, 3.0), "httpx": (httpx, 20.0)}
CLAIM: Final = "client at 32 connections, as a multiple of wrk -t1"
BOUND: Final = ">= 0.7 with the whole interval; of aiohttp >= 3; of httpx >= 20"


def ours(address: str) -> float:
    """Return our client's answers per second in a closed loop."""
    load = Load("closed", "", 0.0, BLOCK_S, connections=CONNECTIONS)
    samples = run_closed(HttpTargets(address), load).samples
    return float(np.count_nonzero(~samples.failed)) / BLOCK_S


def check(rounds: int = 24, seed: int = 2) -> Check:
    """Drive a server that is faster than any client, in turns with the peers, and compare answers per second.

    Our block stands before and after each of a peer's, so a machine that changes its
    speed slowly changes both. The slow peers are so far behind that the middle of two
    blocks tells; against wrk the lower end of the interval decides.
    """
    logs: dict[str, list[float]] = {name: [] for name in PEERS}
    with fast() as address:
        before = ours(address)
        for name in ["wrk"] * rounds + ["aiohttp", "httpx"] * 2:
            theirs = PEERS[name][0](address, CONNECTIONS, BLOCK_S).requests_per_s
            after = ours(address)
            logs[name].append(float(np.log((before + after) / 2 / theirs)))
            before = after
    ratios = {name: trimmed_interval(np.array(values), CONFIDENCE, seed) for name, values in logs.items()}
    slow_enough = all(
        float(np.exp(ratios[name].value)) >= least for name, (_, least) in PEERS.items() if name != "wrk"
    )
    low = float(np.exp(ratios["wrk"].low))
    others = ", ".join(f"{np.exp(ratios[name].value):.1f} x {name}" for name in PEERS if name != "wrk")
    return Check(
        id=2,
        claim=f"{CLAIM}; {others}",
        value=float(np.exp(ratios["wrk"].value)),
        interval=(low, float(np.exp(ratios["wrk"].high))),
        bound=BOUND,
        ok=low >= PEERS["wrk"][1] and slow_enough,
    )
