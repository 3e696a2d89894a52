"""`servelab bench peers`: other load generators beside ours, against the same servers, in one run."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from servelab.commands.output import JsonTo
from servelab.dev.document import replaced

if TYPE_CHECKING:
    from servelab.dev.peers.table import Row

COMMAND: Final = "servelab bench peers --write"


def peers(
    *,
    write: Annotated[
        bool, typer.Option("--write", help="Put the table into the README of the benchmark.")
    ] = False,
    json_to: JsonTo = None,
) -> None:
    """Run other load generators beside ours, on a server that stalls and on one that is fast."""
    from pathlib import Path

    from servelab import atomic_file, bench
    from servelab.bench.report.json import render
    from servelab.bench.report.machine import examine
    from servelab.commands.bench.measuring import require_client
    from servelab.commands.output import Output
    from servelab.dev.peers.table import markdown, measure

    output = Output(json_to)
    require_client()
    machine = examine()

    def show(row: "Row") -> None:
        # A line when it is done, and no bar meanwhile: it would take the time that is measured.
        output.console.print(_words(row), markup=False, soft_wrap=True)

    rows = measure(show)
    table = f"{markdown(rows)}\n\nMeasured on {machine.brief}."
    if write:
        readme = Path(next(iter(bench.__path__))) / "README.md"
        atomic_file.write_text(readme, replaced(readme.read_text(encoding="utf-8"), table, COMMAND))
        output.console.print(f"\nwrote the table into {readme}", markup=False, soft_wrap=True)
    output.write(lambda: render({"machine": asdict(machine), "rows": [asdict(row) for row in rows]}))


def _words(row: "Row") -> str:
    from servelab.bench.report import quantity

    stall = f"p99 {quantity.duration(row.stall.p99_s)} of the stalling server" if row.stall else ""
    speed = f"{quantity.rate(row.speed.requests_per_s)} of the fast one" if row.speed else ""
    return f"{row.name:<28} {row.missing or ', '.join(filter(None, (stall, speed)))}"
