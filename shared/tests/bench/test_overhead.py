"""A share comes from rounds that found both capacities, and from no others."""

import pytest

from servelab.bench.capacity.search import Limit
from servelab.bench.overhead import Overhead, Search, Side, markdown


def search(side: Side, rate_per_s: float | None, limit: Limit = "service") -> Search:
    """A search without its probes."""
    return Search(side, rate_per_s, limit, ())


def rounds(*pairs: tuple[float, float]) -> list[tuple[Search, Search]]:
    """Rounds that found both capacities."""
    return [(search("bare", bare), search("service", service)) for bare, service in pairs]


def test_a_minute_in_which_all_is_slow_changes_no_share() -> None:
    """Both sides of a round feel it."""
    overhead = Overhead("read", rounds((1000.0, 500.0), (400.0, 200.0), (1000.0, 500.0)))

    assert [0.5, 0.5, 0.5] == overhead.shares
    assert pytest.approx(0.001) == overhead.cost_s


@pytest.mark.parametrize(
    "lost",
    [
        (search("bare", 9000.0, "generator"), search("service", 500.0)),
        (search("bare", 1000.0), search("service", 300.0, "probes")),
        (search("bare", 1000.0), search("service", None, "duration")),
    ],
)
def test_a_round_without_both_capacities_counts_for_neither_side(lost: tuple[Search, Search]) -> None:
    """Half of it would compare one minute with another one."""
    overhead = Overhead("read", [*rounds((1000.0, 500.0)), lost])

    assert [(1000.0, 500.0)] == overhead.pairs
    assert (
        "read: 1 of 2 rounds left out, because a search in them came to no end."
        == markdown([overhead], 0.25).splitlines()[-1]
    )


def test_the_table_shows_the_middle_round_and_the_outer_ones() -> None:
    """In the way in which the README explains it."""
    overhead = Overhead("read", rounds((1000.0, 500.0), (1100.0, 660.0), (1200.0, 480.0)))

    head, _, row = markdown([overhead], 0.25).splitlines()

    assert "p99 within 250 ms" in head
    assert "| read | 1,100 | 500 | 0.50 (0.40 to 0.60) | 1.00 ms |" == row
