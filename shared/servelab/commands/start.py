"""`servelab start`: the course, what is done, and the next task; at a terminal it goes on into watch mode."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from servelab.course.progress import Progress

COURSE = "ML Model Serving & APIs"
OTHER_LINES = 23
"""Lines of a screen that are not the brief's: course, heading, places to edit, commands, prompt."""
PLAIN_LINES = 40
BAR_WIDTH = 20


def start() -> None:
    """Show the course and the next task, then watch your files."""
    from servelab.commands.output import make_console
    from servelab.commands.task_view import print_commands, print_task
    from servelab.commands.watch import watch_task
    from servelab.course.progress import load, next_task
    from servelab.course.selection import implementation, root
    from servelab.grading.manifest import exercises

    console = make_console()
    progress = load(root())
    following = next_task(exercises(), progress)
    if following:
        implementation(following[0], "starter")  # refuses a starter that is not there
    print_course(console, progress)
    if following is None:
        console.print("\nAll tasks that are here have passed.")
        return
    exercise, task = following
    terminal = sys.stdin.isatty() and console.is_terminal
    console.print()
    lines = console.height - OTHER_LINES if terminal else PLAIN_LINES
    print_task(console, exercise, task, lines)
    console.print()
    print_commands(console, task, watching=terminal)
    if terminal:
        watch_task(exercise, task, at_once=False)


def print_course(console: "Console", progress: "Progress") -> None:
    """Print the exercises with a bar each."""
    from rich.text import Text

    console.print(Text(COURSE, "bold"))
    console.print()
    console.print(_table(progress))


def _table(progress: "Progress") -> "Table":
    from rich.table import Table

    from servelab.course_root import EXERCISES, available_exercises
    from servelab.grading.manifest import exercise

    here = available_exercises()
    table = Table.grid(padding=(0, 2))
    for number, (_, title) in EXERCISES.items():
        if number not in here:
            table.add_row(f"  {number}", f"[dim]{title}[/dim]", "[dim]coming[/dim]")
            continue
        tasks = [task for task in exercise(number).tasks if not task.stretch]
        done = sum(task.id in progress.passed for task in tasks)
        bar = _bar(done, len(tasks))
        table.add_row(
            f"  {number}",
            title,
            bar,
            f"{done} of {len(tasks)} tasks",
            f"[dim]{exercise(number).hours} hours[/dim]",
        )
    return table


def _bar(done: int, total: int) -> "Text":
    """Return a bar that can also be read without colours."""
    from rich.text import Text

    full = BAR_WIDTH * done // total
    return Text.assemble(("█" * full, "green"), ("░" * (BAR_WIDTH - full), "dim"))
