"""Which services this machine has, found out without starting any."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from servelab.services.catalogue import SERVICES
from servelab.services.definition import offer
from servelab.services.errors import LackingServiceError
from servelab.services.otlp.collector import NAME as OTLP
from servelab.services.otlp.collector import check_packages
from servelab.services.running import without_password


@dataclass(frozen=True)
class Availability:
    """How a service would be had.

    Attributes:
        name: of the service.
        state: what it would be.
        source: where it would be taken from.
        mend: how to get the real one, where it is not here.
    """

    name: str
    state: Literal["real", "stand-in", "lacking"]
    source: str = ""
    mend: str = ""


def availability() -> Iterator[Availability]:
    """Yield all services."""
    for service in SERVICES.values():
        try:
            found = offer(service)
        except LackingServiceError as error:
            yield Availability(service.name, "lacking", mend=str(error))
            continue
        if found.stand_in:
            yield Availability(service.name, "stand-in", found.name, service.mend)
        else:
            yield Availability(service.name, "real", f"{found.origin}: {without_password(found.program)}")
    try:
        check_packages()
    except LackingServiceError as error:
        yield Availability("jaeger", "lacking", mend=str(error))
    else:
        yield Availability("jaeger", "stand-in", OTLP, "docker compose --profile observability up jaeger")
