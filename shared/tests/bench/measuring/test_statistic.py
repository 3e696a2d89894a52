"""The figures to compare by."""

from collections.abc import Callable

import numpy as np
import pytest

from servelab.bench.comparison.statistic import goodput, latency_percentile
from servelab.bench.run import Run

Queue = Callable[..., Run]


def test_a_latency_percentile_is_judged_by_its_own_rules(queue: Queue) -> None:
    """500 requests carry a median and no p99."""
    run = queue(100)

    assert latency_percentile(0.5).judge(run).valid
    assert {"count"} == latency_percentile(0.99).judge(run).rules
    assert float(np.median(run.measured.latency)) == pytest.approx(latency_percentile(0.5).of(run), rel=0.01)


def test_goodput_counts_what_came_in_time(queue: Queue) -> None:
    """At 120 % of the capacity hardly anything does, and the run is no less believable for it."""
    run = queue(1200)

    assert goodput(10.0).of(run) == pytest.approx(1200, rel=0.05)
    assert goodput(0.05).of(run) < 100
    assert goodput(0.05).judge(run).valid
    assert not goodput(0.05).judge(queue(1200, lag_s=0.5)).valid
