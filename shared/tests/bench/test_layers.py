"""What a layer adds is told apart from what the machine does."""

import numpy as np
import pytest

from servelab.bench.layers import LayerCost, added, markdown


def test_what_slows_a_whole_round_is_in_no_layer() -> None:
    """A minute in which everything takes twice as long is one round of eight, not a cost."""
    slow = np.where(np.arange(8) == 3, 2.0, 1.0)
    below, above = LayerCost("below", list(1e-4 * slow)), LayerCost("above", list(3e-4 * slow))

    more = added(below, above)

    assert more.value == pytest.approx(2e-4)


def test_the_interval_holds_what_is_added_and_shows_the_noise() -> None:
    """0.2 ms more, with noise of a fifth of it."""
    noise = np.random.default_rng(1).normal(0, 4e-5, (2, 64))
    below, above = LayerCost("below", list(1e-4 + noise[0])), LayerCost("above", list(3e-4 + noise[1]))

    more = added(below, above)

    assert more.low < 2e-4 < more.high
    assert 5e-6 < more.high - more.low < 8e-5


def test_the_table_begins_with_what_there_is_without_any_layer() -> None:
    """Nothing is added by the first row, so it has no interval."""
    rows = markdown([LayerCost("FastAPI alone", [1e-4] * 8), LayerCost("the model", [3e-4] * 8)]).splitlines()

    assert "| FastAPI alone | 0.100 ms | |" == rows[2]
    assert rows[3].startswith("| and the model | 0.300 ms | 0.200 ms (")
