"""A run that drifts is told from one that only scatters."""

import dataclasses
import math
from collections.abc import Callable

import numpy as np
import pytest

from servelab.bench.run import Run
from servelab.bench.samples import Samples
from servelab.bench.trust.stability import stability

Queue = Callable[..., Run]


def with_ended(run: Run, extra_s: np.ndarray) -> Run:
    """The same run, each answer later by so much."""
    return dataclasses.replace(
        run, samples=dataclasses.replace(run.samples, ended=run.samples.ended + extra_s)
    )


def test_a_steady_server_is_steady(queue: Queue) -> None:
    """Poisson arrivals alone must not look like a change of throughput."""
    for seed in range(20):
        found = stability(queue(150, seed=seed))
        assert found.throughput < 1.1
        assert found.latency < 1.1


def test_a_server_that_gets_slower_is_seen(queue: Queue) -> None:
    """From 1 ms to 3 ms over the run; medians of the outer windows differ more than twofold."""
    run = queue(300)

    found = stability(with_ended(run, 0.002 * run.samples.intended / 6))

    assert found.latency > 1.3


def test_what_a_timer_differs_by_is_no_drift(queue: Queue) -> None:
    """From 0.2 ms to 0.26 ms: more than 10 %, and less than the generator itself is late."""
    run = queue(300)
    quick = dataclasses.replace(run.samples, ended=run.samples.intended + 2e-4)

    found = stability(with_ended(dataclasses.replace(run, samples=quick), 1e-5 * run.samples.intended))

    assert found.latency == pytest.approx(1.0)


def test_a_window_without_answers_is_seen(queue: Queue) -> None:
    """A server that dies in the last third answered well until then."""
    run = queue(300)

    found = stability(with_ended(run, np.where(run.samples.intended > 4, 100.0, 0.0)))

    assert math.inf == found.throughput


def test_the_warm_up_is_not_a_window(queue: Queue) -> None:
    """Slow first answers are what the warm-up is for."""
    run = queue(300)

    found = stability(with_ended(run, np.where(run.samples.intended < 0.9, 0.05, 0.0)))

    assert found.latency == pytest.approx(1.0)
    assert found.throughput == pytest.approx(1.0, abs=0.05)


def test_a_window_in_which_nothing_was_offered_is_none(queue: Queue) -> None:
    """A pause in the load is no fault of the server."""
    run = queue(300)
    kept = (run.samples.intended < 2.5) | (run.samples.intended > 4.4)
    samples = Samples.from_rows(
        (start, start, start, start + 0.001, "") for start in run.samples.intended[kept].tolist()
    )

    assert stability(dataclasses.replace(run, samples=samples)).throughput < 1.1


def test_a_load_that_changes_may_change_the_latency(queue: Queue) -> None:
    """A healthy server is slower under three times the load; that is no drift."""
    run = queue(300)
    slower = with_ended(run, 0.002 * run.samples.intended / 6)
    stepped = dataclasses.replace(slower, load=dataclasses.replace(run.load, arrivals="stepped"))

    assert stability(stepped).latency == pytest.approx(1.0)
