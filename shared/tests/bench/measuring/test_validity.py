"""Seven rules: each is kept by a good run, and each breaks alone, with its numbers."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from servelab.bench.arrivals import stepped
from servelab.bench.run import Load, Run
from servelab.bench.samples import Samples
from servelab.bench.statistics.theory import lindley
from servelab.bench.trust.validity import judge

Queue = Callable[..., Run]


def replaced(run: Run, **columns: Any) -> Run:  # noqa: ANN401 - as dataclasses.replace
    """The same run with other columns."""
    return dataclasses.replace(run, samples=dataclasses.replace(run.samples, **columns))


def test_a_good_run_is_valid(queue: Queue) -> None:
    """Half of its capacity, a prompt generator."""
    for seed in range(10):
        found = judge(queue(500, seed=seed))
        assert found.valid, found.reasons
        assert () == found.reasons


def test_a_generator_that_lags_is_named(queue: Queue) -> None:
    """3 ms of lag under a p99 of some 2 ms: the run measures the generator."""
    found = judge(queue(500, lag_s=0.003))

    assert {"lag"} == found.rules
    assert "3 ms late at p99; at most 1 ms" in found.reasons[0]


def test_lag_may_be_a_twentieth_of_what_is_reported(queue: Queue) -> None:
    """3 ms of lag hardly matter to a p99 of 100 ms."""
    run = queue(500, lag_s=0.003)

    assert judge(replaced(run, ended=run.samples.ended + 0.1)).valid


def test_a_request_that_the_generator_never_got_to_is_late_without_end(queue: Queue) -> None:
    """Left out of the lag, it would make the generator look prompt."""
    run = queue(500)
    never = np.arange(len(run.samples)) % 50 == 0
    missed = np.where(never, math.nan, run.samples.issued)
    error = tuple("dropped" if each else "" for each in never)

    found = judge(replaced(run, issued=missed, sent=missed, ended=missed + 0.001, error=error))

    assert {"lag", "achieved", "errors"} <= found.rules
    assert "inf ms late" in " ".join(found.reasons)


@pytest.mark.parametrize("seed", range(20))
def test_a_throttled_generator_is_invalid_every_time(queue: Queue, seed: int) -> None:
    """One that manages 450 requests/s of 500 asked, by issuing each when it gets to it."""
    intended = queue(500, seed=seed).samples.intended
    begun = intended.copy()
    for index in range(1, len(begun)):
        begun[index] = max(begun[index], begun[index - 1] + 1 / 450)

    found = judge(queue(500, seed=seed, lag_s=begun - intended))

    assert "lag" in found.rules


def test_too_few_requests_are_named(queue: Queue) -> None:
    """p99 needs 662; the same run is enough for p50."""
    run = queue(100)

    assert {"count"} == judge(run).rules
    assert "p99 needs at least 662" in judge(run).reasons[0]
    assert judge(run, q=0.5).valid


@pytest.mark.parametrize("seed", range(10))
def test_an_overloaded_server_is_named(queue: Queue, seed: int) -> None:
    """At 110 % of its capacity: the backlog grows, answers fall behind, windows differ."""
    found = judge(queue(1100, seed=seed))

    assert {"achieved", "backlog", "stability"} <= found.rules


def test_a_run_cut_inside_a_stall_is_not_overloaded() -> None:
    """Its last answers come late, but no later than those of the stalls before."""
    intended = np.arange(0, 60, 1 / 500)
    phase = (intended + 0.3) % 5.5
    ended = intended + np.where(phase > 5.0, 5.5 - phase, 0.0) + 0.001
    ended[intended > 59.8] = 60.3
    load = Load("open", "constant", 500, 60.0, 5.0, connections=300)

    found = judge(Run(load, Samples(intended, intended, intended, ended, ("",) * len(intended)), 0.2, "x"))

    assert found.valid, found.reasons


def test_failures_are_counted_and_end_the_percentile(queue: Queue) -> None:
    """With 2 % refused there is no p99; with 0.5 % there is, and a note says what is in it."""
    run = queue(500)
    often = tuple("status 503" if index % 50 == 0 else "" for index in range(len(run.samples)))
    seldom = tuple("timeout" if index % 200 == 0 else "" for index in range(len(run.samples)))

    found = judge(replaced(run, error=often))
    noted = judge(replaced(run, error=seldom))

    assert "errors" in found.rules
    assert "status 503" in next(reason for reason in found.reasons if reason.startswith("errors"))
    assert noted.valid, noted.reasons
    assert noted.notes[0].startswith("errors: timeout ")


@pytest.mark.parametrize("share", [0.7, 0.95, math.nan])
def test_a_busy_generator_is_named(queue: Queue, share: float) -> None:
    """From 70 % of a core on it measures itself; a share that nobody took is no excuse."""
    assert {"cpu"} == judge(queue(500, cpu_share=share)).rules


def test_a_closed_loop_is_never_valid(queue: Queue) -> None:
    """It asks a slow server less, and so flatters it."""
    run = queue(500)
    closed = dataclasses.replace(run, load=Load("closed", "", 0.0, 6.0, 1.0, connections=4))

    assert {"closed loop"} == judge(closed).rules


def test_a_run_without_requests_is_invalid() -> None:
    """Nothing went wrong, for nothing happened."""
    load = Load("open", "poisson", 0.001, 1.0)

    assert {"count"} == judge(Run(load, Samples.from_rows([]), 0.0, "x")).rules


def test_a_bound_that_correlation_took_is_noted(queue: Queue) -> None:
    """At 95 % of the capacity 5,000 requests tell as much about p99 as a few dozen."""
    notes = judge(queue(950, seed=1)).notes

    assert any(note.startswith("correlation: for p99 these") for note in notes)


@pytest.mark.parametrize("steps", [[(100, 10), (400, 10), (1600, 10)], [(400, 10), (0, 12), (400, 10)]])
def test_a_healthy_service_under_steps_is_valid(steps: list[tuple[float, float]]) -> None:
    """20 ms for each, however many: neither a higher step nor a pause is a fault of its own."""
    starts = stepped(steps, seed=2)
    duration_s = sum(length_s for _, length_s in steps)
    load = Load("open", "stepped", len(starts) / duration_s, duration_s, 1.0, connections=300)
    samples = Samples(starts, starts, starts, starts + 0.02, ("",) * len(starts))

    assert () == judge(Run(load, samples, 0.2, "x")).reasons


def test_a_service_that_a_step_overloads_is_invalid() -> None:
    """It takes 1,000/s, and the last step offers 1,600."""
    starts = stepped([(100, 10), (400, 10), (1600, 10)], seed=2)
    load = Load("open", "stepped", len(starts) / 30, 30.0, 1.0, connections=300)
    services = np.full(len(starts), 0.001)
    ended = starts + lindley(starts, services) + services

    found = judge(Run(load, Samples(starts, starts, starts, ended, ("",) * len(starts)), 0.2, "x"))

    assert "achieved" in found.rules
