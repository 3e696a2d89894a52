"""The overhead of a service: its share of the bare framework's capacity, and the cost of a request.

Every round searches the capacity of each of the two in turn; the share is taken
within a round, so that a slow minute of the machine touches both. A round whose
search came to no end says nothing about either side, and is left out and counted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from servelab.bench.capacity.probe import Probe
from servelab.bench.capacity.search import Capacity, Limit
from servelab.bench.statistics.percentile import Bounded

Side = Literal["bare", "service"]


@dataclass(frozen=True)
class Tried:
    """A probe of a search without its hundred thousand samples, which its seed gives again.

    Attributes:
        rate_per_s: offered.
        seed: of the arrivals.
        tail: the percentile that the SLO speaks of, in seconds; None: too few requests.
        sustained: whether the rate was.
        reasons: why the run is INVALID; empty: it is VALID.
    """

    rate_per_s: float
    seed: int
    tail: Bounded | None
    sustained: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Search:
    """One search for the capacity of one side.

    Attributes:
        side: the bare framework or the service.
        rate_per_s: the highest rate sustained; None: not even the lowest tried.
        limit: what ended the search; the rate is a capacity if it was the service.
        probes: in the order they were made.
    """

    side: Side
    rate_per_s: float | None
    limit: Limit
    probes: tuple[Tried, ...]

    @property
    def capacity_per_s(self) -> float | None:
        """The capacity; None where the search did not find it."""
        return self.rate_per_s if self.limit == "service" else None


def search_of(side: Side, found: Capacity) -> Search:
    """Return what is kept of a search."""
    probes = tuple(_tried(probe) for probe in found.probes)
    return Search(side, found.rate_per_s, found.limit, probes)


def _tried(probe: Probe) -> Tried:
    seed = probe.run.load.seed
    return Tried(probe.rate_per_s, seed, probe.tail, probe.sustained, probe.validity.reasons)


@dataclass(frozen=True)
class Overhead:
    """One kind of request, asked of the service and of the bare framework.

    Attributes:
        name: the request in a few words.
        rounds: of a search of the bare framework and one of the service each.
    """

    name: str
    rounds: Sequence[tuple[Search, Search]]

    @property
    def pairs(self) -> list[tuple[float, float]]:
        """The capacities of the bare framework and of the service, of each round that found both."""
        found = [(bare.capacity_per_s, service.capacity_per_s) for bare, service in self.rounds]
        return [(bare, service) for bare, service in found if bare is not None and service is not None]

    @property
    def shares(self) -> list[float]:
        """The service's part of the bare capacity in each round that counts, ascending."""
        return sorted(service / bare for bare, service in self.pairs)

    @property
    def cost_s(self) -> float:
        """Seconds that a request takes beyond the bare framework's at its capacity: median of the rounds."""
        return median(1 / service - 1 / bare for bare, service in self.pairs)

    @property
    def left_out(self) -> int:
        """Rounds that do not count."""
        return len(self.rounds) - len(self.pairs)


def markdown(overheads: Sequence[Overhead], slo_s: float) -> str:
    """Return the table for a README, and what was left out below it; each request has a round that counts."""
    head = (
        f"| request | bare FastAPI, requests/s with p99 within {1000 * slo_s:g} ms | this service | "
        "share (least to greatest of the rounds) | cost of a request beyond FastAPI |\n|---|---|---|---|---|"
    )
    table = "\n".join([head, *(_row(overhead) for overhead in overheads)])
    return "\n\n".join([table, *_left_out(overheads)])


def _row(overhead: Overhead) -> str:
    bare_per_s, service_per_s = (median(side) for side in zip(*overhead.pairs, strict=True))
    return (
        f"| {overhead.name} | {bare_per_s:,.0f} | {service_per_s:,.0f} | {median(overhead.shares):.2f} "
        f"({overhead.shares[0]:.2f} to {overhead.shares[-1]:.2f}) | {1000 * overhead.cost_s:.2f} ms |"
    )


def _left_out(overheads: Sequence[Overhead]) -> Iterator[str]:
    for overhead in overheads:
        if overhead.left_out:
            yield (
                f"{overhead.name}: {overhead.left_out} of {len(overhead.rounds)} rounds left out, "
                "because a search in them came to no end."
            )
