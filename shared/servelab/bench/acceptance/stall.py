"""Check 1: the latency of a server that stalls, which stamping at the send hides.

Source of the case: Gil Tene, "How NOT to Measure Latency", 2013.
"""

from typing import Final

from servelab.bench.acceptance.check import Check
from servelab.bench.arrivals import poisson
from servelab.bench.http import HttpTargets
from servelab.bench.load.generator import run_closed, run_open
from servelab.bench.run import Load
from servelab.bench.servers.process import stalling
from servelab.bench.statistics.percentile import percentile
from servelab.bench.statistics.theory import stalled_p99

STALL_S: Final = 0.5
PERIOD_S: Final = 5.5
RATE_PER_S: Final = 500.0
CONNECTIONS: Final = 4
MOST_ERROR: Final = 0.05
LEAST_FACTOR: Final = 20.0


def check(periods: int = 4, seed: int = 1) -> Check:
    """Load a server that stalls 0.5 s in every 5.5 s, open and closed, and compare p99 with arithmetic.

    The open loop lasts whole periods, so it meets each moment of the stall equally often.
    """
    truth_s = stalled_p99(STALL_S, PERIOD_S)
    duration_s = periods * PERIOD_S
    load = Load("open", "poisson", RATE_PER_S, duration_s, seed=seed, connections=CONNECTIONS)
    closed_load = Load("closed", "", 0.0, 2 * PERIOD_S, connections=CONNECTIONS)
    with stalling(STALL_S, PERIOD_S) as address:
        run = run_open(HttpTargets(address), poisson(RATE_PER_S, duration_s, seed), load)
        closed = run_closed(HttpTargets(address), closed_load)
    found, hidden = percentile(run.samples.felt, 0.99), percentile(closed.samples.felt, 0.99)
    if found is None or hidden is None:
        return Check(1, CLAIM, 0.0, None, BOUND, ok=False)
    error = found.value / truth_s - 1
    factor = truth_s / hidden.value
    return Check(
        id=1,
        claim=f"{CLAIM}; the closed loop reports {factor:.0f} times too little",
        value=error,
        interval=(found.low / truth_s - 1, found.high / truth_s - 1),
        bound=BOUND,
        ok=abs(error) <= MOST_ERROR and factor >= LEAST_FACTOR,
    )


CLAIM: Final = "stalling server: p99 of the open loop, relative to the analytic value less 1"
BOUND: Final = "-0.05 to 0.05, and the closed loop at least 20 times too low"
