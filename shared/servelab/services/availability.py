"""Which services this machine has, found out without starting any."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from servelab.services.catalogue import SERVICES
from servelab.services.definition import Offer, offer
from servelab.services.errors import LackingServiceError
from servelab.services.otlp.collector import NAME as OTLP
from servelab.services.otlp.collector import check_packages
from servelab.services.running import without_password

JAEGER = "jaeger"
NAMES = (*SERVICES, JAEGER)
"""What a task can name as a service that its tests use."""


@dataclass(frozen=True)
class Availability:
    """How a service would be had.

    Attributes:
        name: of the service.
        state: what it would be.
        source: where it would be taken from; why it can't be had, where it is lacking.
        mend: how to get the real one, where it is not here.
    """

    name: str
    state: Literal["real", "stand-in", "lacking"]
    source: str
    mend: str = ""


def availability() -> Iterator[Availability]:
    """Yield all services."""
    yield from map(look, NAMES)


def look(name: str) -> Availability:
    """Return how one service, of those in `NAMES`, would be had."""
    try:
        found = require(name)
    except LackingServiceError as error:
        return Availability(name, "lacking", error.why, error.mend)
    if found is None:
        return Availability(name, "stand-in", OTLP, "docker compose --profile observability up jaeger")
    if found.stand_in:
        return Availability(name, "stand-in", found.name, SERVICES[name].mend)
    return Availability(name, "real", f"{found.origin}: {without_password(found.program)}")


def require(name: str) -> Offer | None:
    """Return the best way in which this machine has a service; None for what runs in this process.

    Raises:
        LackingServiceError: it has none.
    """
    if name == JAEGER:
        check_packages()
        return None
    return offer(SERVICES[name])
