"""The interval of a ratio keeps its promise on few, wild and correlated rounds."""

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servelab.bench.comparison.noise import noise_of, student_975
from servelab.bench.samples import FloatArray
from servelab.bench.statistics.bootstrap import trimmed, trimmed_interval


def misses(draw: Callable[[np.random.Generator, int], FloatArray], count: int, runs: int = 100) -> int:
    """How many of so many 95 % intervals miss the true value, 0."""
    generator = np.random.default_rng(7)
    found = [trimmed_interval(draw(generator, count), 0.95, seed) for seed in range(runs)]
    return sum(not each.low <= 0 <= each.high for each in found)


@pytest.mark.parametrize("count", [8, 18])
def test_the_interval_misses_about_as_often_as_it_says(count: int) -> None:
    """5 of 100; 12 would be an accident of one in 200."""
    assert misses(lambda generator, n: generator.normal(size=n), count) <= 12


def test_wild_rounds_do_not_count() -> None:
    """A machine that is ten times noisier in one round of seven widens a plain mean tenfold, not this."""
    generator = np.random.default_rng(8)
    values = generator.normal(size=21)
    calm = trimmed_interval(values, 0.95, seed=0)

    values[[3, 9, 15]] = [60.0, -45.0, 80.0]
    wild = trimmed_interval(values, 0.95, seed=0)

    assert wild.high - wild.low < 2 * (calm.high - calm.low)
    assert abs(wild.value) < 1


def test_neighbours_that_resemble_each_other_widen_it() -> None:
    """Drawn singly, correlated rounds would look surer than they are."""
    generator = np.random.default_rng(9)
    wider = 0
    for seed in range(20):
        values = np.repeat(generator.normal(size=9), 3)
        alike = trimmed_interval(values, 0.95, seed)
        shuffled = trimmed_interval(generator.permutation(values), 0.95, seed)
        wider += alike.high - alike.low > shuffled.high - shuffled.low

    assert wider >= 17


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(-1, 1), min_size=2, max_size=20), st.integers(0, 99))
def test_it_is_the_same_for_the_same_seed_and_never_nan(values: list[float], seed: int) -> None:
    """A verdict can be computed again from the blocks of the report."""
    first = trimmed_interval(np.array(values), 0.98, seed)

    assert first == trimmed_interval(np.array(values), 0.98, seed)
    assert all(math.isfinite(each) for each in (first.value, first.low, first.high))


def test_values_without_spread_have_an_interval_without_width() -> None:
    """Nothing varies, so nothing is resampled."""
    found = trimmed_interval(np.full(10, 0.25), 0.99, seed=1)

    assert (0.25, 0.25, 0.25) == (found.value, found.low, found.high)


@pytest.mark.parametrize("values", [[], [1.0], [1.0, math.nan], [1.0, math.inf]])
def test_what_has_no_interval_is_refused(values: list[float]) -> None:
    """One value has no spread, and nan would become a verdict."""
    with pytest.raises(ValueError, match="at least 2 finite values"):
        trimmed_interval(np.array(values), 0.99, seed=0)


def test_the_trimmed_mean_by_hand() -> None:
    """Of ten values the two lowest and the two highest are left out; the winsorised ones are repeated."""
    values = np.array([9.0, 1, 2, 3, 4, 5, 6, 7, 8, 1000])

    means, errors = trimmed(values[np.newaxis])

    winsorised = [3, 3, 3, 4, 5, 6, 7, 8, 8, 8]
    assert [5.5] == means.tolist()
    assert float(errors[0]) == pytest.approx(np.std(winsorised, ddof=1) / (0.6 * math.sqrt(10)))


@pytest.mark.parametrize(("freedom", "table"), [(2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (60, 2.000)])
def test_students_t_agrees_with_the_table(freedom: int, table: float) -> None:
    """Within 4 % where the series is worst."""
    assert student_975(freedom) == pytest.approx(table, rel=0.04)


def test_the_noise_floor_holds_most_of_what_noise_shows() -> None:
    """A/A rounds predict where the mean of as many other A/A rounds lies, about 95 times of 100."""
    generator = np.random.default_rng(10)
    inside = 0
    for _ in range(300):
        floor = noise_of(generator.normal(0, 0.02, 5), rounds=10)
        inside += (
            floor.low <= math.exp(float(trimmed(generator.normal(0, 0.02, (1, 10)))[0][0])) <= floor.high
        )

    assert inside >= 270
