"""`servelab verify`: prove that the grader grades."""

import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servelab.commands.bar import Bar, bar
from servelab.commands.output import JsonTo, Output

if TYPE_CHECKING:
    from servelab.dev.row import Outcome

SLOWEST = 5


def verify(
    exercise: Annotated[int | None, typer.Option(help="Only this exercise.")] = None,
    task: Annotated[str | None, typer.Option(help="Only the rows of this task, such as 1.4.")] = None,
    isolation: Annotated[
        str | None, typer.Option(help="process or bubblewrap; the strongest here by default.")
    ] = None,
    json_to: JsonTo = None,
) -> None:
    """Grade every known-right, known-wrong and hostile variant, and compare with what must come of it."""
    from servelab.dev import matrix, verification
    from servelab.grading import manifest
    from servelab.grading.isolation import level as isolation_level

    output = Output(json_to)
    level = (isolation_level.level(isolation) if isolation else isolation_level.best()).name
    owner, only = manifest.find_task(task) if task else (None, None)
    chosen = [owner] if owner else [manifest.exercise(exercise)] if exercise else manifest.exercises()
    for each in chosen:
        each.require_solution()
    started = time.monotonic()
    outcomes: list[Outcome] = []
    for each in chosen:
        runs = matrix.runs(each, level, only)
        with bar(f"exercise {each.number}, {level}", len(runs)) as shown:
            outcomes += verification.verify(each, runs, level, partial(_tell, shown))
    report = verification.as_json(outcomes, time.monotonic() - started)
    output.finish(report)
    total: dict[str, Any] = report["summary"]
    say = output.console.print
    not_run = f", {total['not_run']} not run" if total["not_run"] else ""
    say(
        f"{total['rows']} rows, {total['wrong']} wrong{not_run}: "
        f"{total['tasks']} tasks, {total['mutants']} mutants, "
        f"{total['hostile']} hostile submissions, in {total['seconds']} s at level {level}"
    )
    for why, count in Counter(outcome.why for outcome in outcomes if outcome.not_run).items():
        say(f"{count} rows not run: {why}", markup=False, soft_wrap=True)
    slowest = sorted({(outcome.seconds, outcome.row.name) for outcome in outcomes}, reverse=True)[:SLOWEST]
    say("slowest: " + ", ".join(f"{name} {seconds:.1f} s" for seconds, name in slowest), markup=False)
    if left_out := [name for each in chosen for name in matrix.not_held(each, level)]:
        say(f"level {level} does not claim to hold: {', '.join(left_out)}", markup=False)
    raise typer.Exit(1 if total["wrong"] else 0)


def _tell(shown: Bar, outcomes: "list[Outcome]") -> None:
    """Count a run, and name each of its rows that is wrong."""
    shown.advance()
    for outcome in outcomes:
        if not outcome.ok and not outcome.not_run:
            shown.say(f"wrong: {outcome.row.kind} {outcome.row.name}: {outcome.why}")
