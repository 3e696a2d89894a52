"""The interval of a share."""

import pytest

from servelab.bench.statistics.proportion import wilson


def test_wilson_agrees_with_a_published_example() -> None:
    """81 of 263 at 95 %: Newcombe, "Two-sided Confidence Intervals", 1998, table I."""
    found = wilson(81, 263, z=1.959964)

    assert (0.2553, 0.3662) == (round(found.low, 4), round(found.high, 4))


def test_the_corners_are_exact() -> None:
    """Not a hair below 0 or above 1."""
    assert 0.0 == wilson(0, 29).low
    assert 1.0 == wilson(29, 29).high


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 2)])
def test_a_share_of_nothing_is_refused(successes: int, trials: int) -> None:
    """There is no such proportion."""
    with pytest.raises(ValueError, match="trials"):
        wilson(successes, trials)
