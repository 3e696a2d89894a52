"""A task as a learner reads it at a terminal: title, brief cut to the screen, where to edit."""

from typing import TYPE_CHECKING

from servelab.commands.output import program
from servelab.course import brief, source
from servelab.course.selection import shown
from servelab.grading.lack import lacks
from servelab.grading.manifest import Exercise, Task

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

LEAST_LINES = 8
INDENT = 2


def print_task(console: "Console", exercise: Exercise, task: Task, lines: int) -> None:
    """Print a task with at most `lines` lines of its brief, but never fewer than some that make sense."""
    from rich.text import Text

    found = lacks(exercise, task)
    console.print(heading(task))
    console.print()
    _print_brief(console, exercise, task, max(lines - len(found), LEAST_LINES))
    console.print(Text("Edit", "bold"))
    for place in source.places(exercise, task.id):
        console.print(Text(f"  {shown(place.path)}:{place.line}"), soft_wrap=True)
    if not source.files_of(exercise, task.id):
        console.print(Text(f"  {shown(exercise.starter)}"), soft_wrap=True)
    for lack in found:
        console.print(Text(f"Its tests can't run yet: {lack}", "yellow"), soft_wrap=True)


def heading(task: Task) -> "Text":
    """Return the line that names a task: id, title, points, minutes."""
    from rich.text import Text

    worth = f"{task.points} {'bonus ' if task.stretch else ''}points, about {task.minutes} minutes"
    return Text.assemble((f"Task {task.id}  {task.title}", "bold cyan"), (f"   {worth}", "dim"))


def print_commands(console: "Console", task: Task, *, watching: bool) -> None:
    """Print the commands to go on with."""
    from rich.table import Table

    name = program()
    rows = {
        f"{name} watch": "run the task's tests on every save",
        f"{name} test": "run them once",
        f"{name} hint {task.id}": "when you are stuck",
        f"{name} progress": "all tasks and what is done",
    }
    if watching:
        rows.pop(f"{name} watch")
    table = Table.grid(padding=(0, 2))
    for command, what in rows.items():
        table.add_row(f"  {command}", f"[dim]{what}[/dim]")
    console.print(table)


def _print_brief(console: "Console", exercise: Exercise, task: Task, lines: int) -> None:
    from rich.markdown import Markdown
    from rich.padding import Padding
    from rich.segment import Segment, Segments
    from rich.text import Text

    section = brief.brief(exercise, task.id)
    if section is None:
        console.print(
            Text(f"  its brief is not in {shown(exercise.folder / 'README.md')}\n", "dim"), soft_wrap=True
        )
        return
    rendered = console.render_lines(Padding(Markdown(section.markdown), (0, 0, 0, INDENT)), pad=False)
    cut = len(rendered) > lines
    kept = rendered[: lines - 1] if cut else rendered
    while kept and not "".join(segment.text for segment in kept[-1]).strip():
        kept.pop()
    console.print(Segments([segment for line in kept for segment in [*line, Segment.line()]]), end="")
    if cut:
        rest = f"  … reads on in {shown(section.path)}:{section.line}"
        console.print(Text(rest, "dim"), soft_wrap=True)
    console.print()
