"""Every request is a row, and latency starts when the request was meant to start."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from servelab.bench.samples import Samples

NAN = math.nan
GOOD = (0.0, 0.5, 0.75, 1.0, "")
LATE = (1.0, 1.0, 1.0, 3.0, "")
REFUSED = (2.0, 2.0, 2.0, 2.1, "status 503")
DROPPED = (3.0, NAN, NAN, NAN, "dropped")
OPEN = (4.0, 4.0, 4.0, NAN, "")


def test_latency_starts_at_the_intended_start() -> None:
    """Stamped when sent, the first request would look four times as fast as its caller found it."""
    samples = Samples.from_rows([GOOD])

    assert [1.0] == samples.latency.tolist()
    assert [0.5] == samples.lag.tolist()


def test_a_request_without_a_good_answer_feels_slower_than_all_others() -> None:
    """A server must not look faster for dropping what it can't serve."""
    samples = Samples.from_rows([GOOD, LATE, REFUSED, DROPPED, OPEN])

    assert [1.0, 2.0] == samples.latency.tolist()
    assert [1.0, 2.0, math.inf, math.inf, math.inf] == samples.felt.tolist()


def test_every_failure_is_counted_by_its_category() -> None:
    """One that is still open at the end has failed too, though nobody gave it an error."""
    samples = Samples.from_rows([GOOD, REFUSED, REFUSED, DROPPED, OPEN])

    assert {"status 503": 2, "dropped": 1, "unanswered": 1} == samples.errors
    assert "status 503" == next(iter(samples.errors))


def test_rows_come_in_any_order() -> None:
    """Answers arrive in the order that the server likes."""
    assert [0.0, 1.0, 2.0] == Samples.from_rows([REFUSED, GOOD, LATE]).intended.tolist()


def test_the_warm_up_is_cut_by_intended_start() -> None:
    """A request of the warm-up that is answered later stays one of the warm-up."""
    kept = Samples.from_rows([GOOD, LATE, REFUSED]).after(1.0)

    assert [1.0, 2.0] == kept.intended.tolist()
    assert ("", "status 503") == kept.error


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(0, 2)), max_size=30))
def test_processes_merge_into_what_one_would_have_seen(drawn: list[tuple[float, int]]) -> None:
    """Splitting the load over processes must not change a single row."""
    rows = [(start, start, start, start + 1, "") for start, _ in drawn]
    parts = [[row for row, (_, owner) in zip(rows, drawn, strict=True) if owner == each] for each in range(3)]

    merged = Samples.merge([Samples.from_rows(part) for part in parts])

    assert Samples.from_rows(rows).intended.tolist() == merged.intended.tolist()
    assert Samples.from_rows(rows).latency.tolist() == merged.latency.tolist()


def test_no_process_makes_no_samples() -> None:
    """A run may end before its first request."""
    assert 0 == len(Samples.merge([]))


def test_columns_of_different_lengths_are_refused() -> None:
    """A request without a row in one of the columns would shift all that follow."""
    one = np.zeros(1)

    with pytest.raises(ValueError, match="every request has one row"):
        Samples(one, one, one, one, ())


@pytest.mark.parametrize("intended", [[1.0, 0.0], [0.0, NAN], [0.0, math.inf]])
def test_starts_out_of_order_are_refused(intended: list[float]) -> None:
    """The warm-up, the windows and the backlog are all read off the order."""
    column = np.array(intended)

    with pytest.raises(ValueError, match="finite and in order"):
        Samples(column, column, column, column, ("", ""))
