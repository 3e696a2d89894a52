"""`servelab sync`: the starters, made from the solutions."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from servelab.grading.manifest import Exercise


def sync(
    exercise: Annotated[int | None, typer.Option(help="Only this exercise.")] = None,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when something is out of step.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite edited files too; a backup is kept.")
    ] = False,
) -> None:
    """Make the starters from the solutions; leave edited files alone."""
    from servelab.commands.output import make_console
    from servelab.grading import manifest

    console = make_console()
    chosen = manifest.exercises() if exercise is None else (manifest.exercise(exercise),)
    done = [_check(console, each) if check else _sync(console, each, force=force) for each in chosen]
    raise typer.Exit(0 if all(done) else 1)


def _check(console: "Console", exercise: "Exercise") -> bool:
    from servelab.dev.starter import differences

    found = differences(exercise)
    for line in found:
        console.print(f"{exercise.folder.name}: {line}", markup=False, soft_wrap=True)
    if not found:
        console.print(f"{exercise.folder.name}: solution, lock and starter are in step", markup=False)
    return not found


def _sync(console: "Console", exercise: "Exercise", *, force: bool) -> bool:
    from servelab.course.backup import Backup
    from servelab.course.selection import root, shown
    from servelab.dev.starter import sync as write_starter

    backup = Backup(root())
    result = write_starter(exercise, backup, force=force)
    lines = [f"wrote {name}" for name in result.written] + [f"removed {name}" for name in result.removed]
    lines += [f"kept {name}: it was edited; --force overwrites it" for name in result.kept]
    lines += [f"what was replaced is in {shown(backup.folder)}"] if backup.kept else []
    for line in lines or ["nothing to do"]:
        console.print(f"{exercise.folder.name}: {line}", markup=False, soft_wrap=True)
    return not result.kept
