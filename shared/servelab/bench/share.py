"""What is left of a framework's capacity in a service built on it, and what a request costs beyond it.

Every round searches the capacity of each of the two in turn; the share is taken
within a round, so that a slow minute of the machine touches both.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Share:
    """One kind of request, asked of the service and of the bare framework.

    Attributes:
        name: the request in a few words.
        bare_per_s: capacity of the bare framework in each round.
        service_per_s: capacity of the service in each round.
    """

    name: str
    bare_per_s: Sequence[float]
    service_per_s: Sequence[float]

    @property
    def shares(self) -> list[float]:
        """The service's part of the bare capacity in each round, ascending."""
        pairs = zip(self.bare_per_s, self.service_per_s, strict=True)
        return sorted(service / bare for bare, service in pairs)

    @property
    def cost_s(self) -> float:
        """Seconds that a request takes beyond the bare framework's at its capacity, median over the rounds.

        >>> Share("read", [1000.0], [500.0]).cost_s
        0.001
        """
        pairs = zip(self.bare_per_s, self.service_per_s, strict=True)
        return median(1 / service - 1 / bare for bare, service in pairs)


def markdown(shares: Sequence[Share], slo_s: float) -> str:
    """Return the table for a README.

    >>> print(markdown([Share("read", [1000.0, 1010.0], [500.0, 520.0])], 0.05).splitlines()[-1])
    | read | 1,005 | 510 | 0.51 (0.50 to 0.51) | 0.97 ms |
    """
    head = (
        f"| request | bare FastAPI, requests/s with p99 within {1000 * slo_s:g} ms | this service | "
        "share (least to greatest of the rounds) | cost of a request beyond FastAPI |\n|---|---|---|---|---|"
    )
    return "\n".join([head, *(_row(share) for share in shares)])


def _row(share: Share) -> str:
    low, *_, high = [*share.shares, share.shares[-1]]
    return (
        f"| {share.name} | {median(share.bare_per_s):,.0f} | {median(share.service_per_s):,.0f} | "
        f"{median(share.shares):.2f} ({low:.2f} to {high:.2f}) | {1000 * share.cost_s:.2f} ms |"
    )
