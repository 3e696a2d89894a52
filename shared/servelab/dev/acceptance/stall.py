"""Check 1: the latency of a server that stalls, which stamping at the send hides.

Source of the case: Gil Tene, "How NOT to Measure Latency", 2013.
"""

import math
from typing import Final

import numpy as np

from servelab.bench.arrivals import poisson
from servelab.bench.http import HttpTargets
from servelab.bench.load.generator import run_closed, run_open
from servelab.bench.run import Load
from servelab.bench.samples import FloatArray, Samples
from servelab.bench.servers.process import stalling
from servelab.bench.statistics.percentile import percentile
from servelab.bench.statistics.theory import stalled_p99
from servelab.dev.acceptance.check import Check, typical, within

STALL_S: Final = 0.5
PERIOD_S: Final = 5.5
RATE_PER_S: Final = 500.0
CONNECTIONS: Final = 4
MOST_ERROR: Final = 0.05
LEAST_FACTOR: Final = 20.0


def check(periods: int = 8, seed: int = 1) -> Check:
    """Load a server that stalls 0.5 s in every 5.5 s, open and closed, and compare p99 with arithmetic.

    Any 5.5 s of arrivals meet each moment of the stall once, wherever they begin. So each
    period has a p99 of its own that the arithmetic holds for, and their spread an interval.
    """
    truth_s = stalled_p99(STALL_S, PERIOD_S)
    duration_s = periods * PERIOD_S
    load = Load("open", "poisson", RATE_PER_S, duration_s, seed=seed, connections=CONNECTIONS)
    closed_load = Load("closed", "", 0.0, 2 * PERIOD_S, connections=CONNECTIONS)
    with stalling(STALL_S, PERIOD_S) as address:
        run = run_open(HttpTargets(address), poisson(RATE_PER_S, duration_s, seed), load)
        closed = run_closed(HttpTargets(address), closed_load)
    error = typical(by_period(run.samples, periods) / truth_s - 1, seed)
    factor = truth_s / p99(closed.samples.felt)
    return Check(
        id=1,
        claim="stalling server: p99 of the open loop, relative to the analytic value less 1; "
        f"the closed loop reports {factor:.0f} times too little",
        value=error.value,
        interval=(error.low, error.high),
        bound="-0.05 to 0.05 with the whole interval, and the closed loop at least 20 times too low",
        ok=within(error, MOST_ERROR) and factor >= LEAST_FACTOR,
    )


def by_period(samples: Samples, periods: int) -> FloatArray:
    """(periods,) p99 of what was meant to start in each period, in seconds."""
    ends = np.searchsorted(samples.intended, PERIOD_S * np.arange(1, periods))
    return np.array([p99(felt) for felt in np.split(samples.felt, ends)])


def p99(felt: FloatArray) -> float:
    """The 99th percentile as reports show it; nan where there are too few requests."""
    found = percentile(felt, 0.99)
    return found.value if found else math.nan
