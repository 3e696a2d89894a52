"""The open loop keeps its schedule, the closed loop follows the server, and neither loses a request."""

import asyncio
import sys
import time

import numpy as np
import pytest

from servelab.bench.arrivals import poisson
from servelab.bench.http import HttpTargets
from servelab.bench.load.generator import run_closed, run_open
from servelab.bench.load.in_process import CallTargets
from servelab.bench.run import Load
from servelab.bench.samples import FloatArray
from servelab.bench.servers.process import fast
from servelab.errors import MisuseError

EARLY = np.array([0.0, 0.01, 0.02, 0.03])


def nothing(_: int) -> None:
    """Answer at once."""


async def for_ever(_: int) -> None:
    """Answer never."""
    await asyncio.sleep(3600)


def opened(arrivals: FloatArray, **wants: float) -> Load:
    """A load that fits the arrivals."""
    duration_s = float(arrivals[-1]) + 0.01
    return Load("open", "recorded", len(arrivals) / duration_s, duration_s, **wants)  # type: ignore[arg-type]


def test_latency_counts_from_the_intended_start() -> None:
    """Four requests due within 30 ms, 50 ms of work each, one worker: the last waits for three others."""
    run = run_open(CallTargets(lambda _: time.sleep(0.05), workers=1), EARLY, opened(EARLY))

    assert (run.samples.latency >= [0.049, 0.089, 0.129, 0.169]).all()


def test_a_blocked_generator_shows_in_its_lag() -> None:
    """A call on the generator's own loop delays the next issue; that must be seen, for it spoils the run."""
    run = run_open(CallTargets(lambda _: time.sleep(0.05)), EARLY, opened(EARLY))

    assert (run.samples.lag >= [0, 0.039, 0.079, 0.119]).all()
    assert (run.samples.latency >= [0.049, 0.089, 0.129, 0.169]).all()


def test_every_arrival_has_its_row() -> None:
    """Intended starts are those that were drawn, to the nanosecond and in order."""
    arrivals = poisson(2000.0, 0.3, seed=1)

    run = run_open(CallTargets(nothing), arrivals, opened(arrivals))

    assert arrivals == pytest.approx(run.samples.intended, abs=1e-9)
    assert {} == run.samples.errors


def test_what_a_call_raises_is_the_category_of_its_sample() -> None:
    """An exception of the system under load must not end the run."""

    def refuse(index: int) -> None:
        if index % 2:
            raise KeyError(index)

    for workers in (0, 2):
        run = run_open(CallTargets(refuse, workers), EARLY, opened(EARLY))

        assert {"raised KeyError": 2} == run.samples.errors


def test_an_async_call_that_never_ends_is_a_time_out() -> None:
    """A lost future must not hang the run."""
    run = run_open(CallTargets(for_ever), EARLY, opened(EARLY, timeout_s=0.1))

    assert {"timeout": 4} == run.samples.errors


def test_what_cannot_be_interrupted_stays_unanswered() -> None:
    """A thread can't be stopped: its request counts as failed, and the run ends."""
    arrivals = EARLY[:2]
    targets = CallTargets(lambda _: time.sleep(1.3), workers=1)

    run = run_open(targets, arrivals, opened(arrivals, timeout_s=0.1))

    assert {"unanswered": 2} == run.samples.errors


def test_a_closed_loop_keeps_as_many_in_flight_as_it_has_connections() -> None:
    """Two users with 20 ms of work each make at most 100 requests a second."""
    load = Load("closed", "", 0.0, 0.3, connections=2)

    run = run_closed(CallTargets(lambda _: time.sleep(0.02), workers=2), load)

    assert 2 <= len(run.samples) <= 32
    assert {} == run.samples.errors
    assert (run.samples.intended == run.samples.issued).all()


def test_answers_that_come_at_once_do_not_recurse() -> None:
    """A hundred thousand answers from a dictionary must not fill the stack."""
    run = run_closed(CallTargets(nothing), Load("closed", "", 0.0, 0.5))

    assert len(run.samples) > sys.getrecursionlimit()


def test_several_processes_share_one_load() -> None:
    """Each takes every n-th arrival, and their clocks share a zero."""
    arrivals = poisson(500.0, 0.4, seed=2)
    load = opened(arrivals, connections=3, processes=2)

    with fast() as address:
        run = run_open(HttpTargets(address), arrivals, load)

    assert arrivals == pytest.approx(run.samples.intended, abs=1e-9)
    assert {} == run.samples.errors
    assert 0 < run.cpu_share < 1


def test_a_load_of_the_other_kind_is_refused() -> None:
    """A closed loop that passes for an open one is the mistake that this harness exists for."""
    with pytest.raises(MisuseError):
        run_closed(CallTargets(nothing), opened(EARLY))
    with pytest.raises(MisuseError):
        run_open(CallTargets(nothing), EARLY, Load("closed", "", 0.0, 1.0))
