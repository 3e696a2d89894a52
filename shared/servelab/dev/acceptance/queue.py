"""Check 4: waits at servers whose queue theory gives exactly.

The arrivals and the services drawn are known, so Lindley's recursion says what
each single request must wait: no luck is in the comparison.
"""

import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from typing import Final

import numpy as np

from servelab.bench.arrivals import poisson
from servelab.bench.http import HttpTargets
from servelab.bench.load.generator import run_open
from servelab.bench.run import Load
from servelab.bench.servers.process import queueing
from servelab.bench.servers.queueing import Service, service_times
from servelab.bench.statistics.theory import lindley
from servelab.dev.acceptance.check import Check

# Long, so that the trip over the socket, which is no wait, is small beside the waits.
MEAN_S: Final = 0.05
UTILISATIONS: Final = (0.5, 0.8)
SERVICES: Final[tuple[Service, ...]] = ("constant", "exponential")
CONNECTIONS: Final = 64
MOST_ERROR: Final = 0.05


def check(duration_s: float = 40.0, seed: int = 4) -> Check:
    """Load M/D/1 and M/M/1 servers at both utilisations, side by side: they mostly sleep."""
    cases = [(service, load) for service in SERVICES for load in UTILISATIONS]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(cases), mp_context=spawn) as pool:
        running = [pool.submit(wait_error, service, load, duration_s, seed) for service, load in cases]
        results = [each.result() for each in running]
    errors = [error for error, _ in results]
    trip_ms = 1000 * max(trip_s for _, trip_s in results)
    worst = worst_of(errors)
    named = ", ".join(
        f"{'M/D/1' if service == 'constant' else 'M/M/1'} at {load:g}: {error:+.3f}"
        for (service, load), error in zip(cases, errors, strict=True)
    )
    return Check(
        id=4,
        claim=f"mean wait in a queue, relative to Lindley's recursion less 1, the worst of four ({named}; "
        f"the trip of {trip_ms:.2f} ms that a request to an idle server takes is no wait)",
        value=worst,
        interval=None,
        bound="-0.05 to 0.05",
        ok=abs(worst) <= MOST_ERROR,
    )


def worst_of(errors: list[float]) -> float:
    """Return the error farthest from 0; nan where one is no number, so that no bound holds.

    >>> worst_of([0.01, -0.03]), worst_of([0.01, float("nan")])
    (-0.03, nan)
    """
    return max(errors, key=abs) if np.isfinite(errors).all() else float("nan")


def wait_error(service: Service, utilisation: float, duration_s: float, seed: int) -> tuple[float, float]:
    """Return the relative error of the mean wait measured at one server, and the trip to it in seconds."""
    rate_per_s = utilisation / MEAN_S
    arrivals = poisson(rate_per_s, duration_s, seed)
    services = service_times(service, MEAN_S, seed)[: len(arrivals)]
    load = Load("open", "poisson", rate_per_s, duration_s, seed=seed, connections=CONNECTIONS)
    with queueing(service, MEAN_S, seed) as address:
        felt = run_open(HttpTargets(address), arrivals, load).samples.felt
    waits = lindley(arrivals, services)
    beside = felt - services
    # The trip over the socket is no wait: requests that found the server idle show what it took in this run.
    trip_s = float(beside[waits == 0].mean())
    return (float(beside.mean()) - trip_s) / float(waits.mean()) - 1, trip_s
