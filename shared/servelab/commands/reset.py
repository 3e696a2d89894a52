"""`servelab reset`: a task as it was at the beginning."""

from typing import Annotated

import typer


def reset(task: Annotated[str, typer.Argument(metavar="TASK", help="Such as 1.4.")]) -> None:
    """Put a task back to its beginning; a backup is kept."""
    from rich.text import Text

    from servelab.commands.output import make_console
    from servelab.course import progress
    from servelab.course.backup import Backup
    from servelab.course.reset import reset as put_back
    from servelab.course.selection import root, select_task, shown

    console = make_console()
    exercise, chosen = select_task(task)
    replaced = put_back(exercise, chosen.id, Backup(root()))
    if not replaced:
        console.print(f"Task {chosen.id} is as it was at the beginning: there is nothing to reset.")
    for file in replaced:
        what = (
            "the whole file, because the markers of the task are gone"
            if file.whole
            else f"task {chosen.id} alone"
        )
        console.print(Text(f"{shown(file.path)}: reset ({what})"), soft_wrap=True)
        if file.kept:
            console.print(Text(f"  what you had: {shown(file.kept)}", "dim"), soft_wrap=True)
    progress.change(root(), lambda kept: kept.forget(chosen.id))
