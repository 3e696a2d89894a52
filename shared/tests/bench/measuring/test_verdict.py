"""What may be said of a ratio, given the noise."""

import pytest

from servelab.bench.comparison.verdict import decide, why_undecided
from servelab.bench.statistics.percentile import Bounded

CALM = Bounded(1.0, 0.995, 1.005)


@pytest.mark.parametrize(
    ("ratio", "noise", "verdict"),
    [
        (Bounded(1.0, 0.99, 1.01), CALM, "same"),
        (Bounded(1.01, 1.005, 1.015), CALM, "same"),
        (Bounded(1.0, 0.99, 1.01), Bounded(1.0, 0.9, 1.1), "inconclusive"),
        (Bounded(1.0, 0.97, 1.03), CALM, "inconclusive"),
        (Bounded(1.04, 1.01, 1.07), CALM, "worse"),
        (Bounded(1.04, 1.01, 1.07), Bounded(1.0, 0.95, 1.05), "inconclusive"),
        (Bounded(0.96, 0.93, 0.99), CALM, "better"),
        (Bounded(1.015, 1.002, 1.028), CALM, "inconclusive"),
        (Bounded(0.985, 0.972, 0.998), CALM, "inconclusive"),
        (Bounded(0.96, 0.93, 0.99), Bounded(1.0, 0.95, 1.05), "inconclusive"),
    ],
)
def test_no_difference_below_the_noise_is_believed(ratio: Bounded, noise: Bounded, verdict: str) -> None:
    """Nor is "same", where A strays by more than the margin, nor a difference that lies inside it."""
    assert verdict == decide(ratio, noise, 0.02, lower_is_better=True)


def test_what_is_left_open_is_said_with_all_its_numbers() -> None:
    """A reader sees what is missing: time, or a calmer machine."""
    sentence = why_undecided(Bounded(1.01, 0.97, 1.05), CALM, 0.02, untrimmed=1.015)

    for number in ("1.01 ", "0.97 to 1.05", "1.015", "0.995 to 1.005", "2 %"):
        assert number in sentence
