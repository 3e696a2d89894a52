"""`servelab bench`: measure a service, and say how far the figures can be trusted.

option       what the commands take, and how it is read
schedule     when requests start, refused where it can't be
side         the sides of a comparison: an address, or a folder whose service is started
measuring    a worker process that measures, while this one shows its progress
"""

import typer

from servelab.commands.bench.capacity import capacity
from servelab.commands.bench.compare import compare
from servelab.commands.bench.run import run

app = typer.Typer(
    name="bench",
    help="Measure a service on this machine, and say how far the figures can be trusted.",
    no_args_is_help=True,
)
for command in (run, compare, capacity):
    app.command(rich_help_panel="For learners")(command)
