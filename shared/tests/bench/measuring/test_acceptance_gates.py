"""The checks of the harness can fail: on a figure out of bounds, on a wide interval, and on no figure."""

import contextlib
from collections.abc import Iterator

import numpy as np
import pytest

from servelab.bench.capacity.search import Capacity, Limit
from servelab.bench.run import Load, Run
from servelab.bench.samples import FloatArray, Samples
from servelab.dev.acceptance import knee, oracle, stall

PERIODS = 8


def stalled(factor: float, *, failed_in_first: int = 0) -> Samples:
    """Requests at 500/s of which those in the last 0.5 s of each period wait for its end, times a factor."""
    intended = np.arange(0, PERIODS * stall.PERIOD_S, 1 / stall.RATE_PER_S)
    left = stall.PERIOD_S - intended % stall.PERIOD_S
    waits = np.where(left < stall.STALL_S, left, 0.001) * factor
    errors = ("timeout",) * failed_in_first + ("",) * (len(intended) - failed_in_first)
    return Samples(intended, intended, intended, intended + waits, errors)


@pytest.fixture
def stall_check(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Check 1 without a server: its closed loop waits for nothing."""

    @contextlib.contextmanager
    def no_server(*_: float) -> Iterator[str]:
        yield "http://127.0.0.1:9/"

    quick = stalled(1.0)
    closed = Samples(quick.intended, quick.intended, quick.intended, quick.intended + 0.001, quick.error)
    monkeypatch.setattr(stall, "stalling", no_server)
    monkeypatch.setattr(
        stall, "run_closed", lambda _, load: Run(load=load, samples=closed, cpu_share=0.1, target="")
    )
    return monkeypatch


@pytest.mark.parametrize(
    ("samples", "ok"),
    [
        (stalled(1.0), True),
        (stalled(1.1), False),
        (stalled(0.9), False),
        (stalled(1.0, failed_in_first=60), False),
    ],
    ids=["as the arithmetic says", "too slow", "too fast", "a period of time-outs"],
)
def test_check_1_holds_only_what_the_arithmetic_says(
    stall_check: pytest.MonkeyPatch, samples: Samples, *, ok: bool
) -> None:
    """Within 5 %, and a period without a figure is a failed check, not a crash."""
    stall_check.setattr(
        stall, "run_open", lambda *a: Run(load=a[2], samples=samples, cpu_share=0.1, target="")
    )

    assert ok == stall.check(PERIODS).ok


@pytest.mark.parametrize(
    ("p50", "p99", "ok"),
    [
        ([0.01] * 8, [-0.02] * 8, True),
        ([0.01] * 8, [0.12] * 8, False),
        ([0.2] * 8, [0.01] * 8, False),
        ([0.0] * 8, [-0.2, 0.3, -0.3, 0.2, -0.2, 0.3, -0.3, 0.2], False),
        ([0.0] * 8, [np.inf] + [0.0] * 7, False),
    ],
    ids=["both near", "p99 far", "p50 far", "an interval too wide", "no figure"],
)
def test_check_3_holds_only_for_both_percentiles(
    monkeypatch: pytest.MonkeyPatch, p50: list[float], p99: list[float], *, ok: bool
) -> None:
    """With their whole intervals."""
    pairs = iter(np.array([p50, p99]).T)

    def pair(*_: object) -> FloatArray:
        return next(pairs)

    monkeypatch.setattr(oracle, "_pair", pair)

    assert ok == oracle.check(8).ok


@pytest.mark.parametrize(
    ("rates", "limit", "lag", "ok"),
    [
        ((490.0, 504.0), "service", True, True),
        ((470.0, 484.0), "service", True, False),
        ((515.0, 530.0), "service", True, False),
        ((None, 480.0), "probes", True, False),
        ((490.0, None), "probes", True, False),
        ((490.0, 520.0), "probes", True, False),
        ((490.0, 504.0), "generator", True, False),
        ((490.0, 504.0), "service", False, False),
    ],
)
def test_check_7_holds_only_with_the_knee_between_two_rates_and_each_lag_named(
    monkeypatch: pytest.MonkeyPatch,
    rates: tuple[float | None, float | None],
    limit: Limit,
    *,
    lag: bool,
    ok: bool,
) -> None:
    """A search that the server did not end has found nothing."""

    @contextlib.contextmanager
    def no_server(*_: object) -> Iterator[str]:
        yield "http://127.0.0.1:9/"

    found = Capacity(*rates, 0.05, 0.99, limit, ())
    monkeypatch.setattr(knee, "queueing", no_server)
    monkeypatch.setattr(knee, "find_capacity", lambda *_, **__: found)
    late = np.linspace(0, 2, 1000)
    samples = Samples(late, late + 0.02 * lag, late + 0.02 * lag, late + 0.03, ("",) * 1000)
    load = Load("open", "poisson", 500.0, 2.0)
    monkeypatch.setattr(knee, "throttled", lambda *_: Run(load, samples, 0.1, ""))

    assert ok == knee.check().ok
