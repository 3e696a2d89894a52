"""A service: how it is run, and under what conditions this machine has it.

It is taken from the first of: a URL in the environment; a program on this machine; an
image on a container engine that answers; what a Python package brings along.
Leaves out: fetching anything; a test must not wait for a download that nobody asked for.
"""

import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass, replace

from servelab.services import container
from servelab.services.errors import LackingServiceError
from servelab.services.plan import Place, Plan
from servelab.services.program import find
from servelab.services.running import Origin

Planner = Callable[[Place], Plan]
"""Writes what a server needs into its place, and returns how it is run there."""

Check = Callable[[Plan], str]
"""Asks a server, by its own protocol, for its version; raises NotReadyError until it answers."""


@dataclass(frozen=True)
class Embedded:
    """What stands in for a service where there is none.

    Attributes:
        name: what it is, and that it is a stand-in.
        find: returns its program, if it has one.
        plan: how it is run.
        check: how it is asked.
        scheme: that its URLs begin with, where those of the real one begin otherwise.

    `find` raises LackingServiceError when it can't be had either.
    """

    name: str
    find: Callable[[], str]
    plan: Planner
    check: Check
    scheme: str = ""


@dataclass(frozen=True)
class Service:
    """A service of the course.

    Attributes:
        name: what it is asked for by.
        package: the package of Debian, Ubuntu and their like that brings its program.
        programs: names of its program, or patterns of its path; the last is its name in the image.
        plan: how it is run.
        check: how it is asked.
        client: the Python package that it is asked with, when it is none of the base.
        ports: what it needs ports for; "main" is that of its URL.
        variable: environment variable that may hold the URL of one that runs already.
        image: container image that has it.
        embedded: what stands in for it.
        deadline_s: seconds within which it must answer; generous, for a busy machine.
    """

    name: str
    package: str
    programs: tuple[str, ...]
    plan: Planner
    check: Check
    client: str = ""
    ports: tuple[str, ...] = ("main",)
    variable: str = ""
    image: str = ""
    embedded: Embedded | None = None
    deadline_s: float = 30.0

    def configured(self, plan: Planner) -> "Service":
        """Return the service with a configuration of the caller's, which none that runs already has."""
        return replace(self, plan=plan, variable="")

    @property
    def mend(self) -> str:
        """The command that brings it."""
        return f"sudo apt-get install --no-install-recommends {self.package}"


@dataclass(frozen=True)
class Offer:
    """How this machine has a service.

    Attributes:
        name: of what it really is.
        origin: where it comes from.
        program: path or name of the program, or the URL.
        plan: how it is run; None when it runs already.
        check: how it is asked.
        stand_in: whether it is another program than the service is called after.
    """

    name: str
    origin: Origin
    program: str
    plan: Planner | None
    check: Check
    stand_in: bool = False


def offer(service: Service) -> Offer:
    """Return the best way in which this machine has a service.

    Raises:
        LackingServiceError: it has none.
    """
    if service.client and not importlib.util.find_spec(service.client):
        why = f"{service.name} needs the Python package {service.client}"
        raise LackingServiceError(why, "make setup")
    embedded = service.embedded
    if url := os.environ.get(service.variable):
        if embedded and embedded.scheme and url.startswith(embedded.scheme):
            return Offer(embedded.name, "environment", url, None, embedded.check, stand_in=True)
        return Offer(service.name, "environment", url, None, service.check)
    if program := find(service.programs):
        return Offer(service.name, "binary", program, service.plan, service.check)
    if container.has(service.image):
        plan = container.planner(service.image, service.plan)
        return Offer(service.name, "container", service.programs[-1], plan, service.check)
    if embedded:
        return Offer(embedded.name, "embedded", embedded.find(), embedded.plan, embedded.check, stand_in=True)
    image = f"; and no container engine has its image {service.image}" if service.image else ""
    why = f"{service.name} is not on this machine{image}"
    raise LackingServiceError(why, service.mend)
