"""Acceptance checks 5 and 6 say what they should of good and of bad statistics."""

import numpy as np
import pytest

from servelab.bench.acceptance import CHECKS, coverage, recording, sensitivity
from servelab.bench.samples import FloatArray
from servelab.bench.statistics.percentile import Bounded, percentile


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


def test_comparisons_of_recorded_blocks_pass_their_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a recording like a shared machine's: two speeds that last a while, and calm within each."""
    generator = np.random.default_rng(11)
    speeds = np.repeat(generator.choice([1.0, 1.25], 40), 15)
    blocks = tuple((speeds * generator.normal(1, 0.005, 600)).tolist())
    monkeypatch.setattr(sensitivity, "record", lambda: blocks)

    found = sensitivity.check(20)

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
