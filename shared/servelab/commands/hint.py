"""`servelab hint`: the next hint of a task: a nudge, the approach, and almost there.

The learner gets the next one that they have not seen, so that nobody reads the
last before the first.
Source: rustlings gives one hint per exercise; three levels are our own.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from servelab.commands.output import JsonTo
from servelab.commands.test import TaskArgument

if TYPE_CHECKING:
    from rich.console import Console

    from servelab.grading.manifest import Task

LEVELS = ("nudge", "approach", "almost there")


@dataclass(frozen=True)
class Hint:
    """One hint; `number` counts from 1."""

    number: int
    level: str
    text: str


def hints(task: "Task") -> tuple[Hint, ...]:
    """Return all hints of a task, in order."""
    named = zip(LEVELS, task.hints, strict=True)
    return tuple(Hint(number, level, text.strip()) for number, (level, text) in enumerate(named, start=1))


def next_hint(task: "Task", seen: int) -> Hint | None:
    """Return the first hint that the learner has not seen, or None when they have seen all."""
    return hints(task)[seen] if seen < len(LEVELS) else None


def hint(
    task: TaskArgument = None,
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Show the hints that you have seen, not the next one.")
    ] = False,
    json_to: JsonTo = None,
) -> None:
    """Show the next hint: a nudge, the approach, almost the answer."""
    from servelab.commands.output import Output
    from servelab.course.selection import select_task

    output = Output(json_to)
    _, chosen = select_task(task)
    shown = show_seen(output.console, chosen) if again else show_next(output.console, chosen)
    output.finish({"task": chosen.id, "hints": [vars(each) for each in shown]})


def show_next(console: "Console", task: "Task") -> tuple[Hint, ...]:
    """Show and remember the first hint not yet seen; all of them once there is no other."""
    from rich.text import Text

    from servelab.commands.output import program
    from servelab.course import progress
    from servelab.course.selection import root

    seen = progress.load(root()).hints.get(task.id, 0)
    following = next_hint(task, seen)
    if following is None:
        shown = show_seen(console, task)
        console.print(
            Text(f"That is all; {program()} reveal {task.id} --give-up shows the reference.", "dim")
        )
        return shown
    progress.change(root(), lambda kept: kept.hints.update({task.id: following.number}))
    _print(console, task, following)
    left = len(LEVELS) - following.number
    if left:
        console.print(
            Text(f"{left} more {'hint' if left == 1 else 'hints'}: {program()} hint {task.id}", "dim")
        )
    return (following,)


def show_seen(console: "Console", task: "Task") -> tuple[Hint, ...]:
    """Show the hints that the learner has seen."""
    from servelab.course import progress
    from servelab.course.selection import root

    shown = hints(task)[: progress.load(root()).hints.get(task.id, 0)]
    for each in shown:
        _print(console, task, each)
    if not shown:
        console.print(f"You have seen no hint of task {task.id} yet.")
    return shown


def _print(console: "Console", task: "Task", hint_: Hint) -> None:
    from rich.markdown import Markdown
    from rich.padding import Padding
    from rich.text import Text

    console.print(
        Text(f"Task {task.id}, hint {hint_.number} of {len(task.hints)}: {hint_.level}", "bold cyan")
    )
    console.print(Padding(Markdown(hint_.text), (0, 0, 1, 2)))
