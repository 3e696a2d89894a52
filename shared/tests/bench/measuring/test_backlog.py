"""A backlog that grows is told from one that comes and goes."""

from collections.abc import Callable

import numpy as np
import pytest

from servelab.bench.arrivals import stepped
from servelab.bench.run import Run
from servelab.bench.samples import Samples
from servelab.bench.statistics.theory import lindley
from servelab.bench.trust.backlog import growth, outstanding

Queue = Callable[..., Run]


def test_outstanding_counts_what_has_begun_and_not_ended() -> None:
    """By hand: three requests of 2 s each, the last never answered."""
    starts = np.array([0.0, 1.0, 2.0])
    samples = Samples(starts, starts, starts, np.array([2.0, 3.0, np.nan]), ("", "", "dropped"))

    assert [1, 2, 2, 1, 1] == outstanding(samples, np.array([0.5, 1.5, 2.5, 3.5, 99.0])).tolist()


@pytest.mark.parametrize("share", [0.3, 0.8, 0.95])
def test_a_server_that_keeps_up_is_not_accused(queue: Queue, share: float) -> None:
    """Even at 95 % of its capacity, where queues of a hundred come and go; in hardly one run of 40."""
    runs = [queue(1000 * share, seed=seed) for seed in range(40)]

    accused = sum(growth(run.samples, 1.0, 6.0).significant for run in runs)

    assert accused <= 1


def test_a_server_that_falls_behind_is_found(queue: Queue) -> None:
    """At 110 % of its capacity the backlog grows by 10 % of the capacity."""
    found = [growth(queue(1100, seed=seed).samples, 1.0, 6.0) for seed in range(20)]

    assert all(each.significant for each in found)
    assert float(np.mean([each.per_s for each in found])) == pytest.approx(100, rel=0.15)


def test_a_server_that_recovers_is_not_growing(queue: Queue) -> None:
    """The slope is one-sided: working off a backlog is no crime."""
    run = queue(900)
    late = Samples(
        run.samples.intended,
        run.samples.issued,
        run.samples.sent,
        np.maximum(run.samples.ended, 3.0),
        run.samples.error,
    )

    assert not growth(late, 1.0, 6.0).significant


def stepped_run(steps: list[tuple[float, float]], services_s: float) -> Samples:
    """What a server with so much work for each request makes of steps, first come, first served."""
    starts = stepped(steps, seed=1)
    services = np.full(len(starts), services_s)
    return Samples(starts, starts, starts, starts + lindley(starts, services) + services, ("",) * len(starts))


def test_a_load_that_is_stepped_up_is_no_growing_backlog() -> None:
    """At 50 ms for each, sixteen times the load is sixteen times the requests in flight."""
    starts = stepped([(100, 10), (400, 10), (1600, 10)], seed=1)
    samples = Samples(starts, starts, starts, starts + 0.05, ("",) * len(starts))

    assert growth(samples, 1.0, 30.0).significant
    assert not growth(samples, 1.0, 30.0, steady=False).significant


def test_a_server_that_a_step_overloads_is_found() -> None:
    """It takes 1,000/s: the second step leaves 600 more waiting each second."""
    samples = stepped_run([(400, 10), (1600, 20)], 0.001)

    assert growth(samples, 1.0, 30.0, steady=False).significant


def test_a_pause_is_not_looked_at() -> None:
    """Where nothing was offered there is nothing to hold a backlog against."""
    samples = stepped_run([(400, 10), (0, 10), (400, 10)], 0.001)

    assert not growth(samples, 0.0, 30.0, steady=False).significant
    assert not growth(stepped_run([(0, 29), (400, 1)], 0.001), 0.0, 30.0, steady=False).significant


def test_an_idle_server_has_no_slope() -> None:
    """No request, no backlog, no division by zero."""
    empty = Samples.from_rows([])

    assert not growth(empty, 0.0, 1.0).significant
