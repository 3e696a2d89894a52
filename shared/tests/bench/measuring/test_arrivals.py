"""The schedule of an open loop: drawn before the run, the same for the same seed."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servelab.bench.arrivals import constant, poisson, recorded, stepped
from servelab.errors import MisuseError


def test_poisson_gaps_are_exponential() -> None:
    """Against the distribution function itself: Kolmogorov's 99.9 % limit is 1.95/sqrt(n)."""
    gaps = np.sort(np.diff(poisson(1000, 20, seed=1)))

    expected = 1 - np.exp(-1000 * gaps)
    seen = np.arange(1, len(gaps) + 1) / len(gaps)
    assert np.abs(seen - expected).max() < 1.95 / math.sqrt(len(gaps))


def test_poisson_counts_scatter_as_widely_as_they_must() -> None:
    """A smoother process than Poisson would spare the server its queues: variance equals mean."""
    starts = poisson(500, 100, seed=2)

    counts = np.histogram(starts, bins=1000, range=(0, 100))[0]

    assert counts.var() / counts.mean() == pytest.approx(1.0, abs=0.15)
    assert counts.mean() == pytest.approx(50, rel=0.02)


@settings(max_examples=30, deadline=None)
@given(rate=st.floats(0.1, 2000), short=st.floats(0.01, 2), seed=st.integers(0, 99))
def test_a_longer_run_begins_like_the_short_one(rate: float, short: float, seed: int) -> None:
    """And no start lies outside the run."""
    brief, long = poisson(rate, short, seed), poisson(rate, short * 1.01, seed)

    assert (0 < brief).all()
    assert (brief < short).all()
    assert (np.diff(brief) >= 0).all()
    # The chunks drawn depend on the duration; the starts must not.
    assert np.allclose(brief, long[: len(brief)])


@pytest.mark.parametrize(("rate", "duration", "count"), [(10, 0.7, 7), (3, 1, 3), (4, 0.9, 4), (0.5, 1, 1)])
def test_constant_starts_are_evenly_spaced(rate: float, duration: float, count: int) -> None:
    """Floating point must not add a request at the very end."""
    starts = constant(rate, duration)

    assert count == len(starts)
    assert starts == pytest.approx(np.arange(count) / rate)


def test_steps_change_the_rate_and_may_pause() -> None:
    """100/s for 10 s, silence for 5 s, 400/s for 10 s."""
    starts = stepped([(100, 10), (0, 5), (400, 10)], seed=3)

    counts = np.histogram(starts, bins=[0, 10, 15, 25])[0]
    assert 0 == counts[1]
    assert counts[0] == pytest.approx(1000, rel=0.1)
    assert counts[2] == pytest.approx(4000, rel=0.1)


@pytest.mark.parametrize("steps", [[], [(0, 5)]])
def test_steps_without_any_request_are_refused(steps: list[tuple[float, float]]) -> None:
    """There would be nothing to measure."""
    with pytest.raises(MisuseError, match="at least one step"):
        stepped(steps, seed=0)


@pytest.mark.parametrize(("rate", "duration"), [(0, 1), (-1, 1), (1, 0), (math.inf, 1), (1, math.nan)])
def test_a_rate_or_duration_that_is_none_is_refused(rate: float, duration: float) -> None:
    """Poisson and constant alike."""
    with pytest.raises(MisuseError, match="positive and finite"):
        poisson(rate, duration, seed=0)
    with pytest.raises(MisuseError, match="positive and finite"):
        constant(rate, duration)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("starts.txt", "10.0\n10.5\n12.25\n"),
        ("starts.csv", "time,path\n10.0,/a\n10.5,/b\n12.25,/a\n"),
        ("log.csv", "10.5,/b\n12.25,/a\n\n10.0,/a\n"),
    ],
)
def test_a_recording_starts_at_its_first_request(tmp_path: Path, name: str, text: str) -> None:
    """Whatever clock it was taken with, and in whatever order its workers wrote."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")

    assert [0.0, 0.5, 2.25] == recorded(path).tolist()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"0.5\nsoon\n", "line 2 of .* is 'soon'"),
        (b"0.5\nnan\n", "line 2 of .* is 'nan'"),
        (b"time\n", "hold no start"),
        (b"", "hold no start"),
        (b"\xff\xfe", "can't be read"),
    ],
)
def test_a_recording_that_is_none_is_refused(tmp_path: Path, content: bytes, sentence: str) -> None:
    """The sentence names the line."""
    path = tmp_path / "starts.txt"
    path.write_bytes(content)

    with pytest.raises(MisuseError, match=sentence):
        recorded(path)


def test_a_recording_that_is_missing_is_refused(tmp_path: Path) -> None:
    """With its path, not with a traceback."""
    with pytest.raises(MisuseError, match="can't be read"):
        recorded(tmp_path / "none.txt")
