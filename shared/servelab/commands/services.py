"""`servelab services`, `up` and `down`: which services this machine has, and starting and stopping them."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servelab.commands.output import JsonTo, Output, make_console, printable
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from rich.console import Console

    from servelab.services.definition import Service
    from servelab.services.persistent import PersistentServices
    from servelab.services.running import Running

app = typer.Typer(
    name="services",
    help="Redis, RabbitMQ and others: what is here, and whether it works.",
    no_args_is_help=True,
)


@app.command("list", rich_help_panel="For learners")
def list_services(json_to: JsonTo = None) -> None:
    """List the services, where each comes from, and how to get the others."""
    from servelab.services.availability import availability

    output = Output(json_to)
    found = list(availability())
    rows = [[each.name, each.state, each.source, each.mend] for each in found]
    _print_table(output.console, ["service", "", "taken from", "how to get it"], rows)
    output.finish({"services": [asdict(each) for each in found]})


def _print_table(console: "Console", header: list[str], rows: list[list[str]]) -> None:
    from rich.markup import escape
    from rich.table import Column, Table

    table = Table(*(Column(name, overflow="fold") for name in header))
    for row in rows:
        table.add_row(*map(escape, row))
    console.print(table)


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
                running, is_new = persistent_services().up(service)
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


def persistent_services() -> "PersistentServices":
    """Return the services of this clone that outlive the command that starts them."""
    from servelab.course.selection import root
    from servelab.services.persistent import PersistentServices

    return PersistentServices(root() / ".servelab" / "services")


def _wanted(names: list[str]) -> "list[Service]":
    from servelab.services.catalogue import PERSISTENT, SERVICES

    for name in names:
        if name not in PERSISTENT:
            if name in SERVICES:
                msg = f"{name} does nothing without a configuration, which only a test gives it"
            else:
                msg = f"there is no service {name}"
            msg = f"{msg}; up knows {', '.join(PERSISTENT)}"
            raise MisuseError(msg)
    return [PERSISTENT[name] for name in names or PERSISTENT]


def down(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Services; all without one.")
    ] = None,
) -> int:
    """Stop the services that `servelab up` has started; nothing is left of them."""
    from servelab.services.catalogue import PERSISTENT
    from servelab.services.errors import FailedServiceError

    if unknown := [name for name in names or [] if name not in PERSISTENT]:
        msg = f"up starts no service {unknown[0]}; it knows {', '.join(PERSISTENT)}"
        raise MisuseError(msg)
    console, failed = make_console(), False
    for name in names or persistent_services().names():
        try:
            stopped = persistent_services().down(name)
        except FailedServiceError as error:
            failed = True
            console.print(printable(str(error)), markup=False, soft_wrap=True)
            continue
        console.print(f"{name}: {'stopped' if stopped else 'was not running'}")
    return 1 if failed else 0
