"""Acceptance checks 5 and 6 say what they should of good and of bad statistics."""

import math

import numpy as np
import pytest

from servelab.bench.samples import FloatArray
from servelab.bench.statistics.percentile import Bounded, percentile
from servelab.dev.acceptance import CHECKS, coverage, recording, sensitivity
from servelab.dev.acceptance import queue as acceptance_queue


def test_the_bound_passes_its_check() -> None:
    """With fewer runs than the acceptance plays."""
    found = coverage.check(runs=200)

    assert 5 == found.id
    assert found.ok, found
    assert "661 samples are refused" in found.claim


def test_a_bound_that_is_too_tight_fails_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check has teeth: the percentile itself covers the truth every other time."""

    def overconfident(values: FloatArray, q: float) -> Bounded | None:
        found = percentile(values, q)
        return Bounded(found.value, found.value, found.value) if found else None

    monkeypatch.setattr(coverage, "percentile", overconfident)

    found = coverage.check(runs=200)

    assert not found.ok
    assert found.value < 0.7


def test_a_bound_that_fails_one_shape_fails_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It covers the other shapes, and 19 of 20 runs of this one: the mean must not hide it."""

    def too_low_for_queues(values: FloatArray, q: float) -> Bounded | None:
        found = percentile(values, q)
        is_bad = len(values) == 20_000 and float(values[0]) % 0.01 < 0.0005
        return Bounded(0.0, 0.0, 0.0) if is_bad else found

    monkeypatch.setattr(coverage, "percentile", too_low_for_queues)

    found = coverage.check(runs=1000)

    assert not found.ok


@pytest.mark.parametrize("errors", [[0.01, math.nan], [math.nan, 0.01], [0.01, math.inf]])
def test_a_wait_that_is_no_number_keeps_no_bound(errors: list[float]) -> None:
    """Wherever it stands among the others: max() passes over a nan that is not the first."""
    assert not abs(acceptance_queue.worst_of(errors)) <= acceptance_queue.MOST_ERROR


def test_a_gate_stands_on_the_whole_interval(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty of twenty found is less than 80 % for all that one knows."""
    blocks = tuple(np.random.default_rng(11).normal(1, 0.005, 600).tolist())
    monkeypatch.setattr(sensitivity, "record", lambda: blocks)

    found = sensitivity.check(20)

    assert 1.0 == found.value
    assert not found.ok


def test_comparisons_of_recorded_blocks_pass_their_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a recording like a shared machine's: two speeds that last a while, and calm within each."""
    generator = np.random.default_rng(11)
    speeds = np.repeat(generator.choice([1.0, 1.25], 40), 15)
    blocks = tuple((speeds * generator.normal(1, 0.005, 600)).tolist())
    monkeypatch.setattr(sensitivity, "record", lambda: blocks)

    # With fewer, not even a clean sheet would show that false alarms are rare.
    found = sensitivity.check(130)

    assert 6 == found.id
    assert found.ok, found


def test_comparisons_on_a_machine_too_wild_fail_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no 5 % can be found, the check must not say that they are."""
    blocks = tuple(np.random.default_rng(12).lognormal(0, 0.5, 600).tolist())
    monkeypatch.setattr(sensitivity, "record", lambda: blocks)

    found = sensitivity.check(10)

    assert not found.ok
    assert found.value < 0.2


def test_a_recording_is_real() -> None:
    """Seconds of work in this process, one figure per block."""
    blocks = recording.record(blocks=3, calls=5)

    assert 3 == len(blocks)
    assert all(0 < each < 1 for each in blocks)


def test_there_are_seven_checks_in_order() -> None:
    """The command numbers them by their place."""
    assert 7 == len(CHECKS)
    assert coverage.check is CHECKS[5 - 1]
    assert sensitivity.check is CHECKS[6 - 1]
