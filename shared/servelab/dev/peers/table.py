"""The peers beside us, on the same servers in one run: what each reports of a stall, and how fast it is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from servelab.bench.arrivals import poisson
from servelab.bench.errors import PeerError
from servelab.bench.http import HttpTargets
from servelab.bench.load.generator import run_closed, run_open
from servelab.bench.run import Load, Run
from servelab.bench.servers.process import fast, stalling
from servelab.bench.statistics.theory import stalled_p99
from servelab.dev.peers.figures import Figures, Peer
from servelab.dev.peers.hey import hey
from servelab.dev.peers.locust import locust
from servelab.dev.peers.python_client import aiohttp, httpx
from servelab.dev.peers.wrk import wrk

PERIODS: Final = 4
SPEED_S: Final = 3
STALL_S: Final = 0.5
PERIOD_S: Final = 5.5
RATE_PER_S: Final = 500.0
STALL_CONNECTIONS: Final = 4
SPEED_CONNECTIONS: Final = 32

PEERS: Final[dict[str, Peer]] = {"wrk": wrk, "hey": hey, "Locust": locust, "aiohttp": aiohttp, "httpx": httpx}


@dataclass(frozen=True)
class Row:
    """One generator's line of the table; None where it isn't installed or failed, with the reason."""

    name: str
    stall: Figures | None
    speed: Figures | None
    missing: str = ""


def measure(on_row: Callable[[Row], None]) -> list[Row]:
    """Run ours, open and closed, and every peer, one after the other on the same two servers."""
    rows = []
    with stalling(STALL_S, PERIOD_S) as stalled, fast() as quick:
        lines = [partial(_ours_open, stalled), partial(_ours_closed, stalled, quick)]
        lines += [partial(_peer, name, peer, stalled, quick) for name, peer in PEERS.items()]
        for line in lines:
            rows.append(line())
            on_row(rows[-1])
    return rows


def markdown(rows: list[Row]) -> str:
    """Return the table, with the analytic value and the fastest C client as the measures.

    >>> print(markdown([Row("wrk", Figures(500, 0.004), Figures(100_000, 0.001))]).splitlines()[-1])
    | wrk | 4.0 ms | 0.01 | 100,000 |
    """
    truth_s = stalled_p99(STALL_S, PERIOD_S)
    head = (
        f"| generator | p99 it reports of the stalling server (analytic: {1000 * truth_s:.0f} ms) "
        f"| share of the truth | answers/s at {SPEED_CONNECTIONS} connections |"
    )
    return "\n".join([head, "|---|---|---|---|", *(_line(row, truth_s) for row in rows)])


def _line(row: Row, truth_s: float) -> str:
    stall = f"{1000 * row.stall.p99_s:.1f} ms | {row.stall.p99_s / truth_s:.2f}" if row.stall else "- | -"
    speed = f"{row.speed.requests_per_s:,.0f}" if row.speed else "-"
    name = f"{row.name} ({row.missing})" if row.missing else row.name
    return f"| {name} | {stall} | {speed} |"


def _peer(name: str, peer: Peer, stalled: str, quick: str) -> Row:
    try:
        stall = peer(stalled, STALL_CONNECTIONS, round(PERIODS * PERIOD_S), RATE_PER_S)
        speed = peer(quick, SPEED_CONNECTIONS, SPEED_S)
    except PeerError as error:
        return Row(name, None, None, str(error))
    return Row(name, stall, speed)


def _ours_open(stalled: str) -> Row:
    duration_s = PERIODS * PERIOD_S
    load = Load("open", "poisson", RATE_PER_S, duration_s, connections=STALL_CONNECTIONS)
    run = run_open(HttpTargets(stalled), poisson(RATE_PER_S, duration_s, load.seed), load)
    return Row("servelab bench, open loop", _figures(run), None)


def _ours_closed(stalled: str, quick: str) -> Row:
    def run(address: str, connections: int, duration_s: float) -> Figures:
        return _figures(
            run_closed(HttpTargets(address), Load("closed", "", 0.0, duration_s, connections=connections))
        )

    return Row(
        "servelab bench, closed loop",
        run(stalled, STALL_CONNECTIONS, 2 * PERIOD_S),
        run(quick, SPEED_CONNECTIONS, SPEED_S),
    )


def _figures(run: Run) -> Figures:
    latency = run.samples.latency
    return Figures(len(latency) / run.load.duration_s, float(np.quantile(latency, 0.99)))
