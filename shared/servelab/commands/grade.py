"""`servelab grade`: grade submissions and write the reports."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from servelab.commands.bar import bar
from servelab.commands.test import require_engine
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from servelab.grading.manifest import Exercise
    from servelab.grading.verdict import Grade

FAILED = 1
GRADER_FAULT = 3


def grade(  # noqa: PLR0913 - each is an option of the command line
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH…", help="Folders, zip or tar archives, or git repositories.")
    ],
    *,
    exercise: Annotated[
        int | None, typer.Option(help="The exercise, where the place of a path does not tell it.")
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the reports go.")] = Path("report"),
    isolation: Annotated[
        str | None, typer.Option(help="process or bubblewrap; the strongest here by default.")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Submissions at a time; one for each core by default.")
    ] = None,
    images: Annotated[
        bool,
        typer.Option(
            "--images",
            help="Build and run images too; only for authors whom you trust, a build runs as root.",
        ),
    ] = False,
    require_all: Annotated[
        bool,
        typer.Option(
            "--require-all", help="Refuse to grade where this machine lacks what some task requires."
        ),
    ] = False,
) -> None:
    """Grade submissions; write text, JSON, JUnit, CSV and HTML reports to DIR."""
    from datetime import UTC, datetime

    from servelab.grading import report
    from servelab.grading.isolation import level as isolation_level
    from servelab.grading.lack import lacks, refuse

    level = (isolation_level.level(isolation) if isolation else isolation_level.best()).name
    chosen = [(path, _exercise_of(path, exercise)) for path in paths]
    report.check_writable(out)
    if images:
        require_engine()
    if require_all:
        asked = {each.number: each for _, each in chosen}
        refuse(lack for each in asked.values() for task in each.tasks for lack in lacks(each, task))
    grades = _grade(chosen, level, jobs, images=images)
    report.write_all(grades, out, now=datetime.now(UTC))
    report.print_text(grades)
    typer.echo(f"reports: {out}/report.html, .json, .xml, .csv, .txt", err=True)
    if any(each.score is None for each in grades):
        raise typer.Exit(GRADER_FAULT)
    raise typer.Exit(0 if all(map(_passes, grades)) else FAILED)


def _passes(grade: "Grade") -> bool:
    """Whether every core task passes that was graded here; where none was, nothing has passed."""
    graded = [task for task in grade.tasks if task.graded and not task.stretch]
    return bool(graded) and all(task.verdict == "pass" for task in graded)


def _grade(
    chosen: "list[tuple[Path, Exercise]]", level: str, jobs: int | None, *, images: bool
) -> "list[Grade]":
    from servelab.course.mutant import diagnosed, mutants
    from servelab.grading.session import grade_many

    known = {each.number: mutants(each) for _, each in chosen}
    with bar(f"grading at level {level}", len(chosen)) as shown:
        grades = grade_many(chosen, level=level, on_grade=lambda _: shown.advance(), images=images, jobs=jobs)
    return [diagnosed(each, known[each.exercise]) for each in grades]


def _exercise_of(path: Path, number: int | None) -> "Exercise":
    from servelab.grading import manifest

    if number is not None:
        return manifest.exercise(number)
    found = manifest.exercise_of(path)
    if found is None:
        msg = f"{path} lies outside the course, so its exercise is unknown: add --exercise N"
        raise MisuseError(msg)
    return found
