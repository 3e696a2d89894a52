"""Runs whose truth is known: a queue in arithmetic, no clock and no socket."""

from collections.abc import Callable

import numpy as np
import pytest

from servelab.bench import arrivals
from servelab.bench.run import Load, Run
from servelab.bench.samples import FloatArray, Samples
from servelab.bench.statistics import theory

Queue = Callable[..., Run]


@pytest.fixture
def queue() -> Queue:
    """Builds the run of a server that takes 1/capacity seconds for each request, first come, first served."""

    def build(  # noqa: PLR0913 - each is one knob of the run
        rate_per_s: float,
        *,
        capacity: float = 1000.0,
        duration_s: float = 6.0,
        warm_up_s: float = 1.0,
        seed: int = 0,
        lag_s: float | FloatArray = 0.0,
        cpu_share: float = 0.3,
    ) -> Run:
        intended = arrivals.poisson(rate_per_s, duration_s, seed)
        services = np.full(len(intended), 1 / capacity)
        issued = intended + lag_s
        ended = issued + theory.lindley(issued, services) + services
        samples = Samples(intended, issued, issued, ended, ("",) * len(intended))
        load = Load("open", "poisson", rate_per_s, duration_s, warm_up_s, seed, connections=64)
        return Run(load, samples, cpu_share, "a queue")

    return build
