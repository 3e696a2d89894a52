"""`servelab verify`: prove that the grader grades."""

import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servelab.commands.bar import Bar, bar
from servelab.commands.output import JsonTo, Output
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from servelab.dev.row import Outcome, Run

SLOWEST = 5


def verify(  # noqa: PLR0913 - each is an option
    *,
    exercise: Annotated[int | None, typer.Option(help="Only the rows of this exercise.")] = None,
    task: Annotated[str | None, typer.Option(help="Only the rows of this task, such as 1.4.")] = None,
    attacks: Annotated[
        bool, typer.Option("--attacks", help="Only the attacks on the grader itself.")
    ] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="Run every row, whatever is known of it.")] = False,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Only part I of N, for machines that share the work.")
    ] = None,
    isolation: Annotated[
        str | None, typer.Option(help="process or bubblewrap; the strongest here by default.")
    ] = None,
    json_to: JsonTo = None,
) -> None:
    """Grade every known-right, known-wrong and hostile variant, and compare with what must come of it.

    Without options: all exercises, and the attacks on the grader itself.
    A row that was right is run again when something that decides it has changed.
    """
    from servelab.dev import verification
    from servelab.dev.evidence import Evidence
    from servelab.grading.isolation import cgroup
    from servelab.grading.isolation import level as isolation_level

    output = Output(json_to)
    level = (isolation_level.level(isolation) if isolation else isolation_level.best()).name
    matrix, not_held = _matrix(exercise, task, level, attacks=attacks)
    started = time.monotonic()
    plan = verification.plan(_part(matrix, shard), level, Evidence(level), fresh=fresh)
    with bar(f"verify, {level}", len(plan.due)) as shown:
        outcomes = verification.verify(plan, partial(_tell, shown))
    report = verification.as_json(outcomes, time.monotonic() - started)
    output.finish(report)
    total: dict[str, Any] = report["summary"]
    say = output.console.print
    not_run = f", {total['not_run']} not run" if total["not_run"] else ""
    say(
        f"{total['rows']} rows, {total['run']} run, {total['kept']} kept, {total['wrong']} wrong{not_run}: "
        f"{total['tasks']} tasks, {total['mutants']} mutants, {total['hostile']} hostile submissions, "
        f"in {total['seconds']} s at level {level}, memory held by: {cgroup.holder()}"
    )
    for why, count in Counter(outcome.why for outcome in outcomes if outcome.not_run).items():
        say(f"{count} rows not run: {why}", markup=False, soft_wrap=True)
    ran = {(outcome.seconds, outcome.row.name) for outcome in outcomes if not outcome.kept}
    slowest = sorted(ran, reverse=True)[:SLOWEST]
    say("slowest: " + ", ".join(f"{name} {seconds:.1f} s" for seconds, name in slowest), markup=False)
    if not_held:
        say(f"level {level} does not claim to hold: {', '.join(not_held)}", markup=False)
    raise typer.Exit(1 if total["wrong"] else 0)


def _matrix(
    number: int | None, task: str | None, level: str, *, attacks: bool
) -> tuple[list["Run"], list[str]]:
    """Return the runs that were asked for, and the names of the attacks that the level does not hold.

    Raises:
        MisuseError: the options exclude each other, or this is a student edition.
    """
    from servelab.dev import matrix
    from servelab.dev.hostile import attacks_on_the_grader, hostiles
    from servelab.grading import manifest

    if (number is not None) + (task is not None) + attacks > 1:
        msg = "--exercise, --task and --attacks exclude each other: give one of them, or none for everything"
        raise MisuseError(msg)
    if task is not None:
        owner, only = manifest.find_task(task)
        owner.require_solution()
        return matrix.runs(owner, level, only), []
    chosen = [] if attacks else [manifest.exercise(number)] if number else manifest.exercises()
    for each in chosen:
        each.require_solution()
    general = () if number else attacks_on_the_grader()
    runs = [
        *matrix.grader_runs(general, level),
        *(run for each in chosen for run in matrix.runs(each, level)),
    ]
    tried = [*general, *(attack for each in chosen for attack in hostiles(each))]
    return runs, [attack.name for attack in tried if level not in attack.held_by]


def _part(matrix: list["Run"], shard: str | None) -> list["Run"]:
    """Return the part of a matrix that a shard is; its parts are alike, since like runs stand together.

    Raises:
        MisuseError: the shard is not written as "2/3", or there is no such part.
    """
    if shard is None:
        return matrix
    part, _, parts = shard.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        msg = f"--shard {shard}: write part and number of parts, such as 1/4 to 4/4"
        raise MisuseError(msg)
    return matrix[int(part) - 1 :: int(parts)]


def _tell(shown: Bar, outcomes: "list[Outcome]") -> None:
    """Count a run, and name each of its rows that is wrong."""
    shown.advance()
    for outcome in outcomes:
        if not outcome.ok and not outcome.not_run:
            shown.say(f"wrong: {outcome.row.kind} {outcome.row.name}: {outcome.why}")
