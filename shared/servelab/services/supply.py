"""Has a service answer, and stops it again."""

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

from servelab.services.definition import Offer, Planner, Service, offer
from servelab.services.errors import FailedServiceError, NotReadyError
from servelab.services.plan import Place, Plan
from servelab.services.port import is_free, number_of, reserve
from servelab.services.running import Running, is_url, without_password
from servelab.services.supervisor_client import SupervisorClient

TRIES = 3
PAUSES_S = (0.01, 0.02, 0.05, 0.1)


class PortTakenError(Exception):
    """Somebody else came in between choosing a port and listening on it."""


class EndedError(Exception):
    """The server ended before it was ready; the message says how."""


@contextmanager
def supply(service: Service) -> Iterator[Running]:
    """Have a service answer as long as the block runs.

    Raises:
        LackingServiceError: this machine has none.
        FailedServiceError: it did not start, ended while it was in use, or left something behind.
    """
    found = offer(service)
    if found.plan is None:
        yield connect(service, found)
        return
    running, supervisor = start(service, found, found.plan)
    ended = ""
    try:
        yield running
    finally:
        ended = supervisor.stop()
    if ended:
        msg = f"{service.name} ended while it was in use, {ended}"
        raise FailedServiceError(msg)


def connect(service: Service, found: Offer) -> Running:
    """Return the running service that the environment names.

    Raises:
        FailedServiceError: it does not answer; nothing else is taken in its place.
    """
    if not is_url(found.program):
        msg = f"{service.variable} holds no URL; correct it, or unset {service.variable}"
        raise FailedServiceError(msg)
    try:
        version = found.check(Plan(url=found.program))
    except NotReadyError as error:
        shown = f"{service.variable}={without_password(found.program)}"
        msg = f"{shown} does not answer ({error}); start it, or unset {service.variable}"
        raise FailedServiceError(msg) from None
    return Running(found.name, found.program, found.origin, version, stand_in=found.stand_in)


def start(service: Service, found: Offer, planner: Planner) -> tuple[Running, SupervisorClient]:
    """Start a service, and return it with its supervisor when it answers.

    Raises:
        FailedServiceError: it ended, or does not answer in time; nothing is left of it.
    """
    for _ in range(TRIES):
        with contextlib.suppress(PortTakenError):
            return _start_once(service, found, planner)
    msg = f"{service.name} found its port taken {TRIES} times; look for what opens ports all the time"
    raise FailedServiceError(msg)


def _start_once(service: Service, found: Offer, planner: Planner) -> tuple[Running, SupervisorClient]:
    began = time.monotonic()
    reservations = [reserve() for _ in service.ports]
    ports = tuple(map(number_of, reservations))
    supervisor = SupervisorClient(service.name, reservations)
    for reservation in reservations:
        reservation.close()  # the supervisor has it
    try:
        place = Place(found.program, supervisor.scratch, dict(zip(service.ports, ports, strict=True)))
        plan = planner(place)
        supervisor.launch(plan)
        version = _wait(service, found, plan, supervisor)
    except EndedError as error:
        supervisor.stop()  # from here on, none of the ports is taken by what is left of it
        if not all(map(is_free, ports)):
            raise PortTakenError from None
        msg = f"{service.name} ended during its start, {error}"
        raise FailedServiceError(msg) from None
    except BaseException:
        supervisor.stop()
        raise
    running = Running(
        name=found.name,
        url=plan.url,
        origin=found.origin,
        version=version,
        urls=plan.urls,
        stand_in=found.stand_in,
        ports=ports,
        scratch=supervisor.scratch,
        ready_s=time.monotonic() - began,
    )
    return running, supervisor


def _wait(service: Service, found: Offer, plan: Plan, supervisor: SupervisorClient) -> str:
    """Return the version of a server as soon as it answers."""
    deadline = time.monotonic() + service.deadline_s
    pauses = iter(PAUSES_S)
    while True:
        try:
            return found.check(plan)
        except NotReadyError as error:
            why = error
        if ended := supervisor.wait(next(pauses, PAUSES_S[-1])):
            raise EndedError(ended)
        if time.monotonic() > deadline:
            msg = f"{service.name} does not answer {service.deadline_s:g} s after its start ({why})"
            raise FailedServiceError(msg)
