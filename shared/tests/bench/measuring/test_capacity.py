"""The search finds the knee, in few probes, and says what stopped it."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from servelab.bench.capacity.search import find_capacity
from servelab.bench.run import Run
from servelab.errors import MisuseError

Queue = Callable[..., Run]


@pytest.mark.parametrize("start", [60.0, 300.0, 990.0, 4000.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_knee_is_found_in_ten_probes_from_anywhere(queue: Queue, start: float, seed: int) -> None:
    """A server of 1,000/s with constant services: its p99 passes 50 ms just below that rate.

    By the exact law of M/D/1 (Erlang; Crommelin, 1932) p99 at load r is about
    ln(100) r/(2(1 - r)) services beyond one: 50 ms at a load of 0.957.
    """
    found = find_capacity(
        lambda rate: queue(rate, duration_s=11.0, seed=seed + round(rate)), 0.05, start_per_s=start
    )

    assert "service" == found.limit
    assert found.rate_per_s
    assert found.beyond_per_s
    assert len(found.probes) <= 10
    assert 0.9 * 957 <= found.rate_per_s < found.beyond_per_s <= 1.05 * 1000
    assert found.beyond_per_s <= 1.03 * found.rate_per_s


def test_every_sustained_probe_keeps_the_objective_with_its_upper_bound(queue: Queue) -> None:
    """Not with the percentile itself, which is as often too low as too high."""
    found = find_capacity(lambda rate: queue(rate, duration_s=11.0), 0.01, start_per_s=300)

    for probe in found.probes:
        kept = probe.tail is not None and probe.tail.high <= 0.01
        assert probe.sustained == (probe.validity.valid and kept)
    assert found.rate_per_s == max(probe.rate_per_s for probe in found.probes if probe.sustained)


def test_the_probes_are_the_throughput_latency_curve(queue: Queue) -> None:
    """Up to the knee answers keep pace with what is offered; beyond, goodput falls away."""
    found = find_capacity(lambda rate: queue(rate, duration_s=11.0), 0.05, start_per_s=3000)

    below = [probe for probe in found.probes if probe.sustained]
    overload = found.probes[0]
    assert all(probe.goodput_per_s == pytest.approx(probe.rate_per_s, rel=0.05) for probe in below)
    assert overload.achieved_per_s == pytest.approx(1000, rel=0.02)
    assert overload.goodput_per_s < 100


def test_a_generator_that_gives_out_first_is_named(queue: Queue) -> None:
    """The service may take more; nobody knows."""
    found = find_capacity(
        lambda rate: queue(rate, cpu_share=0.9 if rate > 400 else 0.3), 0.05, start_per_s=300
    )

    assert "generator" == found.limit
    assert found.rate_per_s
    assert found.rate_per_s <= 400


def test_a_hiccup_of_the_generator_does_not_end_the_search(queue: Queue) -> None:
    """The rate is tried once more, and counts by that."""
    rates: list[float] = []

    def probe(rate: float) -> Run:
        rates.append(rate)
        return queue(rate, duration_s=11.0, lag_s=0.02 if len(rates) == 2 else 0.0)

    found = find_capacity(probe, 0.05, start_per_s=300)

    assert rates[1] == rates[2]
    assert "service" == found.limit
    assert found.rate_per_s
    assert found.rate_per_s > 850


def test_a_hiccup_of_the_service_does_not_bound_the_search(queue: Queue) -> None:
    """100 ms in which nothing moved, far below the knee: p99 is past its objective, once."""
    rates: list[float] = []

    def probe(rate: float) -> Run:
        rates.append(rate)
        run = queue(rate, duration_s=11.0, seed=len(rates))
        if len(rates) == 1:
            stuck = (run.samples.intended > 5.0) & (run.samples.intended < 5.2)
            run.samples.ended[stuck] += 0.1
        return run

    found = find_capacity(probe, 0.05, start_per_s=300)

    assert [300, 300, 300] == rates[:3]
    assert rates[3] > 300
    assert not found.probes[0].sustained
    assert found.rate_per_s
    assert found.rate_per_s > 850


def test_a_second_chance_is_not_enough(queue: Queue) -> None:
    """Two of three tries decide: a rate that keeps the objective now and then is beyond the knee."""
    tries: list[float] = []

    def probe(rate: float) -> Run:
        tries.append(rate)
        spoilt = len(tries) % 2 == 1
        return queue(rate, duration_s=11.0, seed=len(tries), lag_s=0.1 if spoilt else 0.0)

    found = find_capacity(probe, 0.05, start_per_s=200, max_probes=3)

    assert [200, 200, 200] == tries
    assert [False, True, False] == [each.sustained for each in found.probes]
    assert found.rate_per_s is None


def test_a_plain_overload_is_not_tried_again(queue: Queue) -> None:
    """It took a probe to see it, and no hiccup makes a server answer half of what it is asked."""
    found = find_capacity(lambda rate: queue(rate, duration_s=11.0), 0.05, start_per_s=3000)

    assert 1 == [probe.rate_per_s for probe in found.probes].count(3000)


def test_a_busy_machine_ends_the_search_at_once(queue: Queue) -> None:
    """A generator that is late though it has little to do is as late at any lower rate."""
    found = find_capacity(lambda rate: queue(rate, duration_s=11.0, lag_s=0.02), 0.05, start_per_s=300)

    assert (None, "generator", 2) == (found.rate_per_s, found.limit, len(found.probes))


def test_a_service_that_never_keeps_the_objective_has_no_capacity(queue: Queue) -> None:
    """5 ms of service can't be done in 1 ms, at any rate."""
    found = find_capacity(
        lambda rate: queue(rate, capacity=200, duration_s=3 + 1000 / rate), 0.001, start_per_s=100
    )

    assert found.rate_per_s is None
    assert "probes" == found.limit
    assert 10 == len(found.probes)


def test_runs_too_short_for_a_low_rate_tell_nothing(queue: Queue) -> None:
    """600 requests say nothing about p99: the search goes up, not down without end."""
    found = find_capacity(lambda rate: queue(rate, duration_s=6.0), 0.0005, start_per_s=60)

    assert found.rate_per_s is None
    assert "duration" == found.limit
    assert min(probe.rate_per_s for probe in found.probes) == 60


def test_a_search_ends_before_a_probe_that_would_last_too_long(queue: Queue) -> None:
    """A service that never keeps the objective must not be probed for hours at ever lower rates."""
    found = find_capacity(
        lambda rate: queue(rate, capacity=200, duration_s=3 + 1000 / rate),
        0.001,
        start_per_s=100,
        least_per_s=10,
    )

    assert (None, "duration") == (found.rate_per_s, found.limit)
    assert min(probe.rate_per_s for probe in found.probes) >= 10


def test_a_slower_clock_of_probes_can_be_followed(queue: Queue) -> None:
    """Each probe is told when it ends."""
    told: list[float] = []

    found = find_capacity(
        queue,
        0.05,
        start_per_s=300,
        max_probes=3,
        on_probe=lambda probe: told.append(probe.rate_per_s),
    )

    assert [probe.rate_per_s for probe in found.probes] == told
    assert "probes" == found.limit
    assert np.isfinite(told).all()


@pytest.mark.parametrize(
    "change",
    [{"slo_s": 0.0}, {"start_per_s": 0.0}, {"precision": 0.0}, {"growth": 1.0}, {"max_probes": 0}],
)
def test_a_search_that_can_find_nothing_is_refused(queue: Queue, change: dict[str, float]) -> None:
    """Before the first probe."""
    arguments = {"slo_s": 0.05, "start_per_s": 100.0} | change

    with pytest.raises(MisuseError, match="capacity"):
        find_capacity(queue, **arguments)  # type: ignore[arg-type]


def test_the_truth_of_the_knee_is_by_theory() -> None:
    """The 957/s above: 50 ms = 1 ms + ln(100) r/(2(1 - r)) ms."""
    load = 0.957

    assert 1 + math.log(100) * load / (2 * (1 - load)) == pytest.approx(52, abs=1.5)
