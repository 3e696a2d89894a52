"""The servers that the harness is measured against do what they claim."""

import numpy as np
import pytest

from servelab.bench.arrivals import poisson
from servelab.bench.http import HttpTargets
from servelab.bench.load.generator import run_open
from servelab.bench.run import Load
from servelab.bench.samples import Samples
from servelab.bench.servers.process import queueing, serving, stalling
from servelab.bench.servers.queueing import service_times
from servelab.bench.statistics.theory import lindley


def drive(address: str, rate_per_s: float, duration_s: float) -> Samples:
    """Offer Poisson arrivals on 32 connections."""
    load = Load("open", "poisson", rate_per_s, duration_s, connections=32)
    return run_open(HttpTargets(address), poisson(rate_per_s, duration_s, 1), load).samples


def test_a_queueing_server_makes_each_request_wait_as_lindley_says() -> None:
    """Exponential services, drawn from the seed: every wait is known, and at least half of them come so."""
    with queueing("exponential", 0.01, seed=5) as address:
        samples = drive(address, 60.0, 1.0)

    services = service_times("exponential", 0.01, 5)[: len(samples)]
    known = lindley(samples.intended, services) + services
    assert 0.01 > float(np.median(np.abs(samples.felt - known)))


def test_a_full_queue_refuses() -> None:
    """Two places, 50 ms each: of a burst most are refused."""
    with queueing("constant", 0.05, most=2) as address:
        samples = drive(address, 200.0, 0.3)

    assert {"status 503"} == set(samples.errors)
    assert 0 < len(samples.latency) < len(samples) / 2


def test_a_stalling_server_stalls() -> None:
    """Half of each period asleep: some request waits for most of a stall."""
    with stalling(0.2, 0.4) as address:
        samples = drive(address, 200.0, 0.8)

    assert {} == samples.errors
    assert 0.15 < float(np.max(samples.latency))


def test_a_server_that_can_not_start_says_so() -> None:
    """A test must not wait for a server that is gone."""
    with pytest.raises(RuntimeError), serving("queueing"):
        pass
