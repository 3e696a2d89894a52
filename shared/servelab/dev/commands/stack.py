"""`servelab stack`: what can be asked of the stack of docker-compose.yml."""

from typing import TYPE_CHECKING

import typer

from servelab.commands.output import JsonTo, Output, printable

if TYPE_CHECKING:
    from rich.console import Console

    from servelab.dev.stack.report import Check

app = typer.Typer(name="stack", help="The stack of docker-compose.yml: try it out.", no_args_is_help=True)


@app.callback()
def stack() -> None:
    """Keep `smoke` a command of its own, although it is the only one."""


@app.command()
def smoke(json_to: JsonTo = None) -> None:
    """Bring a stack of its own up, predict, kill a replica, count every request, take it down."""
    from servelab.container_engine import engine_lacking
    from servelab.dev.stack.project import compose_lacking
    from servelab.dev.stack.report import Report
    from servelab.dev.stack.settings import solution_lacking
    from servelab.dev.stack.smoke import smoke as play

    output = Output(json_to)
    if lacking := solution_lacking() or engine_lacking() or compose_lacking():
        report = Report(not_run=lacking)
        output.console.print(f"stack smoke: not run: {lacking}", markup=False)
    else:
        report = play(lambda check: _tell(output.console, check))
        output.console.print(f"stack smoke: {report.status}", markup=False)
    output.finish(report.as_json())
    raise typer.Exit(1 if report.status == "failed" else 0)


def _tell(console: "Console", check: "Check") -> None:
    mark = "ok    " if check.held else "FAILED"
    console.print(f"{mark}  {check.claim}: {printable(check.seen)}", markup=False)
