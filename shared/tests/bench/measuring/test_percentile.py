"""Percentiles with bounds: null below the least n, and as wide as the samples are correlated."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servelab.bench.statistics.percentile import bound_ranks, effective_samples, least_samples, percentile


def tail_of_binomial(n: int, q: Fraction, at_least: int) -> Fraction:
    """P(binomial(n, q) >= at_least), without rounding."""
    return sum(
        (math.comb(n, k) * q**k * (1 - q) ** (n - k) for k in range(at_least, n + 1)),
        Fraction(0),
    )


@pytest.mark.parametrize(("q", "least"), [(0.5, 11), (0.9, 64), (0.95, 130), (0.99, 662), (0.999, 6636)])
def test_the_least_n_is_that_of_mlperf(q: float, least: int) -> None:
    """The table of LoadGen's early stopping; one sample fewer gives null."""
    values = np.random.default_rng(0).random(least)

    assert least == least_samples(q)
    assert percentile(values, q) is not None
    assert percentile(values[:-1], q) is None


@pytest.mark.parametrize(
    ("n", "q"),
    [
        (11, Fraction(1, 2)),
        (64, Fraction(9, 10)),
        (130, Fraction(19, 20)),
        (662, Fraction(99, 100)),
        (90, Fraction(1, 3)),
    ],
)
def test_the_ranks_are_the_tightest_that_keep_the_promise(n: int, q: Fraction) -> None:
    """Against the binomial in exact fractions: each end errs at most half a percent, one rank nearer more."""
    low, high = bound_ranks(n, n, float(q), 0.99)

    half = Fraction(1, 200)
    # The low end errs when fewer than `low` samples lie below the truth, the high end when `high` or more do.
    assert 1 - tail_of_binomial(n, q, low) <= half < 1 - tail_of_binomial(n, q, low + 1)
    assert tail_of_binomial(n, q, high) <= half < tail_of_binomial(n, q, high - 1)


def test_a_million_samples_are_no_trouble() -> None:
    """Against the normal approximation, which is good there."""
    low, high = bound_ranks(1_000_000, 1_000_000, 0.99, 0.99)

    reach = 2.5758 * math.sqrt(1_000_000 * 0.99 * 0.01)
    assert low == pytest.approx(990_000 - reach, abs=3)
    assert high == pytest.approx(990_000 + reach, abs=3)


@settings(max_examples=50, deadline=None)
@given(
    seed=st.integers(0, 1000),
    n=st.integers(11, 3000),
    q=st.sampled_from([0.5, 0.9, 0.95, 0.99]),
    coarse=st.booleans(),
)
def test_every_figure_was_measured_and_the_ends_enclose_the_value(
    seed: int, n: int, q: float, *, coarse: bool
) -> None:
    """No interpolation, ties or not; numpy's own order statistic is the oracle of the value."""
    values = np.random.default_rng(seed).exponential(size=n).round(1 if coarse else 12)

    bounded = percentile(values, q)

    assert (bounded is None) == (n < least_samples(q))
    if bounded:
        assert float(np.quantile(values, q, method="inverted_cdf")) == bounded.value
        assert bounded.low <= bounded.value <= bounded.high
        assert {bounded.low, bounded.high} <= set(values.tolist())


def test_samples_that_repeat_each_other_count_once() -> None:
    """Ten copies of each sample tell no more than one: the bounds are about as wide as before."""
    once = np.random.default_rng(1).exponential(size=5000)
    copies = np.repeat(once, 10)

    few, many = percentile(once, 0.99), percentile(copies, 0.99)
    shuffled = percentile(np.random.default_rng(2).permutation(copies), 0.99)

    assert few
    assert many
    assert shuffled
    assert few.value == many.value
    assert many.high - many.low >= few.high - few.low
    # The same numbers in an order that hides the copies look ten times as sure.
    assert shuffled.high - shuffled.low < (many.high - many.low) / 2


def test_the_bound_of_a_queue_covers_the_truth() -> None:
    """Neighbours in a queue wait together; as if independent, the bound would often miss."""
    generator = np.random.default_rng(3)
    truth = math.log(100) / (1 / 0.7 - 1)
    covered = plain = 0
    for _ in range(100):
        services = generator.exponential(0.7, 21_000)
        walk = np.concatenate([[0], np.cumsum(services[:-1] - generator.exponential(1, 20_999))])
        times = (walk - np.minimum.accumulate(walk) + services)[1000:]
        bounded = percentile(times, 0.99)
        covered += bounded is not None and truth <= bounded.high
        rank = bound_ranks(20_000, 20_000, 0.99, 0.99)[1]
        plain += bool(truth <= np.sort(times)[rank - 1])

    assert covered >= 96
    assert plain < 85


def test_independent_samples_count_in_full() -> None:
    """Where no correlation is evident nothing is taken off."""
    values = np.random.default_rng(4).random(10_000)

    assert 10_000 == effective_samples(values, 0.99)


def test_failures_are_slower_than_everything() -> None:
    """With 2 % failed there is no p99, and with 0.9 % its bound is gone."""
    values = np.random.default_rng(5).random(10_000)

    values[::50] = math.inf
    gone = percentile(values, 0.99)
    values[values == math.inf] = 1.0
    values[::111] = math.inf
    open_ended = percentile(values, 0.99)

    assert gone
    assert math.inf == gone.value
    assert open_ended
    assert open_ended.value < math.inf
    assert math.inf == open_ended.high


def test_a_latency_that_is_no_number_is_refused() -> None:
    """It would sort past all others and pass for the slowest."""
    with pytest.raises(ValueError, match="nan"):
        percentile(np.append(np.zeros(1000), math.nan), 0.99)


@pytest.mark.parametrize(("q", "confidence"), [(0, 0.99), (1, 0.99), (99, 0.99), (0.99, 1)])
def test_a_percentile_outside_its_range_is_refused(q: float, confidence: float) -> None:
    """99 is meant as 0.99."""
    with pytest.raises(ValueError, match="inside"):
        percentile(np.zeros(1000), q, confidence)
