"""`servelab up`: start services that run on."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servelab.commands.output import JsonTo, Output, printable
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from servelab.services.persistent import Lasting
    from servelab.services.running import Running
    from servelab.services.service import Service


def up(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Services; all without one.")
    ] = None,
    json_to: JsonTo = None,
) -> int:
    """Start Redis, RabbitMQ and others, and say how a program finds them."""
    from servelab.services.errors import ServiceError

    output = Output(json_to)
    report: list[dict[str, Any]] = []
    failed = False
    for service in _wanted(names or []):
        try:
            with output.console.status(f"starting {service.name}"):
                running, is_new = lasting().up(service)
        except ServiceError as error:
            failed = True
            output.console.print(printable(f"{service.name}: {error}"), markup=False, soft_wrap=True)
            report.append({"name": service.name, "why": str(error)})
            continue
        for line in _lines(service.variable, running, is_new=is_new):
            output.console.print(printable(line), markup=False, soft_wrap=True)
        report.append({**asdict(running), "started": is_new})
    output.finish({"services": report})
    return 1 if failed else 0


def _lines(variable: str, running: "Running", *, is_new: bool) -> list[str]:
    what = f"{running.name} {running.version}"
    if running.origin == "environment":
        return [f"{what}: runs where {variable} says"]
    return [
        f"{what}, {running.origin}: {'started' if is_new else 'running already'}",
        f"    export {variable}={running.url}",
        *(f"    {purpose}: {url}" for purpose, url in running.urls.items()),
    ]


def lasting() -> "Lasting":
    """Return the services that last of this clone."""
    from servelab.course.selection import root
    from servelab.services.persistent import Lasting

    return Lasting(root() / ".servelab" / "services")


def _wanted(names: list[str]) -> "list[Service]":
    from servelab.services.catalogue import LASTING, SERVICES

    for name in names:
        if name not in LASTING:
            if name in SERVICES:
                msg = f"{name} does nothing without a configuration, which only a test gives it"
            else:
                msg = f"there is no service {name}"
            msg = f"{msg}; up knows {', '.join(LASTING)}"
            raise MisuseError(msg)
    return [LASTING[name] for name in names or LASTING]
