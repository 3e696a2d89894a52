"""`servelab services`: which services this machine has, and what brings the others."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from servelab.commands.output import JsonTo, Output

if TYPE_CHECKING:
    from rich.console import Console


app = typer.Typer(
    name="services", help="Redis, RabbitMQ and others: what is here, and does it work.", no_args_is_help=True
)


@app.command("list")
def list_services(json_to: JsonTo = None) -> None:
    """List the services, where each would be taken from, and what brings the others."""
    from servelab.services.availability import availability

    output = Output(json_to)
    found = list(availability())
    rows = [[each.name, each.state, each.source, each.mend] for each in found]
    _print_table(output.console, ["service", "", "taken from", "what brings it"], rows)
    output.finish({"services": [asdict(each) for each in found]})


def _print_table(console: "Console", header: list[str], rows: list[list[str]]) -> None:
    from rich.markup import escape
    from rich.table import Column, Table

    table = Table(*(Column(name, overflow="fold") for name in header))
    for row in rows:
        table.add_row(*map(escape, row))
    console.print(table)
