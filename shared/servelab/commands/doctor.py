"""`servelab doctor`: what this machine has and lacks."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from servelab.commands.output import JsonTo

if TYPE_CHECKING:
    from rich.text import Text

    from servelab.course.check import Check

NAME_WIDTH = 24


def doctor(json_to: JsonTo = None) -> None:
    """Say what this machine has, what it lacks, and how to fix that."""
    from servelab.commands.output import Output
    from servelab.course.machine import examine
    from servelab.course.selection import root

    output = Output(json_to)
    checks = []
    for check in examine(root()):
        checks.append(check)
        for line in _lines(check):
            output.console.print(line, soft_wrap=True)
    ready = {
        need: all(check.ok for check in checks if check.need == need) for need in ("learners", "grading")
    }
    output.console.print(
        f"\nReady for learning: {'yes' if ready['learners'] else 'no'}.  "
        f"Ready for grading in isolation: {'yes' if ready['grading'] else 'no'}."
    )
    output.finish({"ready": ready, "checks": [asdict(check) for check in checks]})
    raise typer.Exit(0 if ready["learners"] else 1)


def _lines(check: "Check") -> "list[Text]":
    from rich.text import Text

    colour = "green" if check.ok else "red" if check.need == "learners" else "yellow"
    lines = [Text.assemble(("✓ " if check.ok else "✗ ", colour), f"{check.name:<{NAME_WIDTH}}", check.found)]
    if not check.ok and check.mend:
        need = {"learners": "needed", "grading": "needed for grading", "optional": "optional"}[check.need]
        lines.append(Text(f"  {'':<{NAME_WIDTH}}{need}; fix it: {check.mend}", "dim"))
    return lines
