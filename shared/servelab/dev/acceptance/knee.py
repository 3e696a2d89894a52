"""Check 7: the capacity of a server that has a known one, and no figure from a throttled generator."""

import math
import time
from typing import Final

from servelab.bench.arrivals import constant, poisson
from servelab.bench.capacity.search import find_capacity
from servelab.bench.http import HttpTargets
from servelab.bench.load.generator import run_open
from servelab.bench.load.in_process import CallTargets
from servelab.bench.run import Load, Run
from servelab.bench.servers.process import queueing
from servelab.bench.statistics.percentile import Bounded
from servelab.bench.trust.validity import judge
from servelab.dev.acceptance.check import Check, within

CAPACITY_PER_S: Final = 500.0
START_PER_S: Final = 300.0
SLO_S: Final = 0.05
MOST_ERROR: Final = 0.05
MOST_PROBES: Final = 10
CONNECTIONS: Final = 64
THROTTLED_PER_S: Final = 400.0
# The first leaves a fifth of the time free: answers keep pace, no backlog grows, and only the lag tells.
THROTTLES_S: Final = (0.002, 0.003, 0.005, 0.008)


def check(probe_s: float = 4.0, seed: int = 7) -> Check:
    """Search the capacity of a server that needs 2 ms for each request; then hold the generator back."""
    with queueing("constant", 1 / CAPACITY_PER_S) as address:
        # Even arrivals: the knee is the capacity itself, whatever the objective.
        found = find_capacity(
            lambda rate_per_s: _probe(address, rate_per_s, probe_s),
            SLO_S,
            start_per_s=START_PER_S,
            max_probes=MOST_PROBES,
        )
    named = ["lag" in judge(throttled(sleep_s, seed)).rules for sleep_s in THROTTLES_S]
    # The knee lies between the two rates that the search ended with.
    low = (found.rate_per_s or 0.0) / CAPACITY_PER_S - 1
    high = (found.beyond_per_s or math.inf) / CAPACITY_PER_S - 1
    # A search that something else ended has not found the knee, however near its rates are.
    ended = found.limit == "service"
    middle = math.sqrt((1 + low) * (1 + high)) - 1 if ended else math.nan
    return Check(
        id=7,
        claim=f"knee of a server of known capacity, relative to it less 1, after {len(found.probes)} runs; "
        f"a throttled generator INVALID for its lag {sum(named)} of {len(named)} times",
        value=middle,
        interval=(low, high),
        bound=f"-0.05 to 0.05, also the lowest rate not sustained, in at most {MOST_PROBES} runs; "
        "INVALID for lag every time",
        ok=ended and within(Bounded(middle, low, high), MOST_ERROR) and all(named),
    )


def throttled(sleep_s: float, seed: int) -> Run:
    """Return a run of a generator that loses sleep_s with each request it issues."""
    rate_per_s, duration_s = THROTTLED_PER_S, 2.0
    load = Load("open", "poisson", rate_per_s, duration_s, seed=seed)
    # A call on the generator's own loop is time that the generator lacks.
    targets = CallTargets(lambda _: time.sleep(sleep_s))
    return run_open(targets, poisson(rate_per_s, duration_s, seed), load)


def _probe(address: str, rate_per_s: float, duration_s: float) -> Run:
    load = Load("open", "constant", rate_per_s, duration_s, warm_up_s=0.5, connections=CONNECTIONS)
    return run_open(HttpTargets(address), constant(rate_per_s, duration_s), load)
