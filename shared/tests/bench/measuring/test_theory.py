"""The oracle of the harness, held against the textbooks."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servelab.bench.arrivals import poisson
from servelab.bench.statistics.theory import lindley, stalled_p99


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_waits_of_md1_and_mm1_have_the_means_of_pollaczek_and_khinchine(load: float) -> None:
    """Mean wait: load/(1 - load) services for exponential ones, half of it for constant ones."""
    starts = poisson(load, 200_000, seed=1)
    exponential = np.random.default_rng(2).exponential(1.0, len(starts))

    assert lindley(starts, exponential).mean() == pytest.approx(load / (1 - load), rel=0.1)
    assert lindley(starts, np.ones(len(starts))).mean() == pytest.approx(load / (1 - load) / 2, rel=0.1)


def test_waits_of_two_servers_have_the_mean_of_erlang_c() -> None:
    """M/M/2 at load 0.8 each: P(wait) = 0.7111 by Erlang's formula, mean wait 0.7111/(2 - 1.6)."""
    starts = poisson(1.6, 100_000, seed=3)
    services = np.random.default_rng(4).exponential(1.0, len(starts))

    waits = lindley(starts, services, servers=2)

    assert (waits > 0).mean() == pytest.approx(0.7111, abs=0.02)
    assert waits.mean() == pytest.approx(0.7111 / 0.4, rel=0.1)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 2)), min_size=1, max_size=30))
def test_one_server_follows_lindleys_own_recursion(drawn: list[tuple[float, float]]) -> None:
    """W(n+1) = max(0, W(n) + service(n) - gap(n)), as he wrote it."""
    gaps, services = (np.array(column) for column in zip(*drawn, strict=True))
    expected = [0.0]
    for gap, service in zip(gaps[1:], services[:-1], strict=True):
        expected.append(max(0.0, expected[-1] + service - gap))

    assert lindley(np.cumsum(gaps), services) == pytest.approx(expected, abs=1e-9)


def test_more_servers_than_requests_keep_nobody_waiting() -> None:
    """Each request finds a free one."""
    assert [0.0, 0.0] == lindley(np.array([1.0, 1.0]), np.array([9.0, 9.0]), servers=2).tolist()
    assert [] == lindley(np.zeros(0), np.zeros(0)).tolist()


def test_the_stalled_p99_is_what_arithmetic_on_many_requests_gives() -> None:
    """Half a second of stall every 5.5 s, a million arrivals spread evenly."""
    phase = (np.arange(1_000_000) / 1_000_000) * 5.5
    latency = np.maximum(0, 0.5 - phase)

    assert float(np.quantile(latency, 0.99)) == pytest.approx(stalled_p99(0.5, 5.5), rel=1e-4)


@pytest.mark.parametrize(("stall", "period"), [(0.01, 5.5), (6.0, 5.5)])
def test_a_stall_that_p99_does_not_see_is_refused(stall: float, period: float) -> None:
    """A formula outside its range gives numbers all the same."""
    with pytest.raises(ValueError, match="1 % to all of the period"):
        stalled_p99(stall, period)


def test_services_without_arrivals_are_refused() -> None:
    """Each request has one service."""
    with pytest.raises(ValueError, match="one service per arrival"):
        lindley(np.zeros(2), np.zeros(1))


def test_the_truth_of_mm1_is_exponential() -> None:
    """The law that the acceptance check of the bound leans on: time in the system at load 0.5."""
    starts = poisson(1.0, 200_000, seed=5)
    services = np.random.default_rng(6).exponential(0.5, len(starts))

    times = lindley(starts, services) + services

    assert float(np.quantile(times, 0.99)) == pytest.approx(math.log(100) / (2 - 1), rel=0.05)
