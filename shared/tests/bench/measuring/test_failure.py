"""What a server did stays in a comparison; what the generator did is left out of it."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from servelab.bench.comparison.abba import Comparison, compare
from servelab.bench.comparison.statistic import Statistic, latency_percentile
from servelab.bench.run import Load, Run
from servelab.bench.samples import Samples
from servelab.bench.trust.validity import Validity

REQUESTS = 350
MEDIAN = latency_percentile(0.5)
Service = Callable[[], Run]


def service(name: str = "A", latency_s: float = 0.01, *, every: int = 0, failed: int = 7) -> Service:
    """A steady service on a noisy machine, which refuses some requests in every n-th block; 0: in none."""
    numbers, generator = itertools.count(1), np.random.default_rng(len(name) + ord(name[0]))

    def run() -> Run:
        is_bad = every and next(numbers) % every == 0
        starts = np.arange(REQUESTS) / REQUESTS
        ended = starts + latency_s * generator.lognormal(0, 0.002)
        error = ("status 503",) * (failed if is_bad else 0)
        error += ("",) * (REQUESTS - len(error))
        load = Load("open", "constant", REQUESTS, 1.0)
        return Run(load, Samples(starts, starts, starts, ended, error), 0.1, name)

    return run


def play(a: Service, b: Service, statistic: Statistic = MEDIAN) -> Comparison:
    """Compare for 32 rounds at the most, on a clock that ticks when it is looked at."""
    clock = itertools.count().__next__
    return compare(a, b, statistic=statistic, margin=0.05, budget_s=200, clock=clock)


def judged(*rules: str, label: str = "AB", every: int = 1) -> Statistic:
    """The median, of which every n-th block of some services breaks rules."""
    numbers = itertools.count(1)

    def judge(run: Run) -> Validity:
        is_broken = run.target in label and next(numbers) % every == 0
        return Validity(tuple(f"{rule}: so it is" for rule in rules) if is_broken else ())

    return Statistic(MEDIAN.name, MEDIAN.of, judge)


@pytest.mark.parametrize(("q", "failed"), [(0.5, 7), (0.95, 20)])
def test_b_that_refuses_some_requests_in_some_blocks_is_not_the_same(q: float, failed: int) -> None:
    """Its refusals are data: without the blocks that hold them, B would never refuse."""
    found = play(service(), service("B", every=10, failed=failed), latency_percentile(q))

    assert "inconclusive" == found.verdict
    assert found.reasons[0].startswith("errors: requests without a good answer: A 0 of ")
    assert "B has clearly more" in found.reasons[0]
    assert {0} == {sum(block.errors.values()) for block in found.blocks if block.label == "A"}


def test_b_that_is_quicker_and_fails_more_is_not_better() -> None:
    """To refuse is quick."""
    assert "inconclusive" == play(service(), service("B", 0.005, every=5)).verdict


def test_b_that_is_worse_and_fails_more_is_worse() -> None:
    """Both speak against it."""
    found = play(service(), service("B", 0.02, every=5))

    assert "worse" == found.verdict
    assert () == found.reasons


def test_both_may_fail_alike() -> None:
    """A comparison is about differences."""
    assert "same" == play(service(every=5), service("B", every=5)).verdict


def test_b_that_falls_behind_more_often_is_not_the_same() -> None:
    """The median may not show it; every second block of B does."""
    found = play(service(), service("B"), judged("backlog", label="B", every=2))

    assert "inconclusive" == found.verdict
    assert found.reasons[0].startswith("server: blocks in which the server fell behind or failed: A 0 of ")


def test_a_block_that_did_not_hold_still_counts() -> None:
    """Short blocks on a busy machine seldom do; the turns and the interval answer for that."""
    found = play(service(), service("B"), judged("stability"))

    assert "same" == found.verdict
    assert 0 == found.discarded
    assert ("stability: so it is",) == found.blocks[0].faults


@pytest.mark.parametrize("rule", ["lag", "cpu", "count", "closed loop"])
def test_a_block_of_a_generator_at_fault_is_left_out(rule: str) -> None:
    """It measured something else than the service, whatever the server did besides."""
    found = play(service(), service("B"), judged(rule, "achieved", every=9))

    left_out = [block for block in found.blocks if block.reasons]
    assert (f"{rule}: so it is",) == left_out[0].reasons
    assert ("achieved: so it is",) == left_out[0].faults
    assert found.discarded == len({block.round for block in left_out})
