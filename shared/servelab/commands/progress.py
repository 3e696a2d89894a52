"""`servelab progress`: every task, and whether it has passed."""

from typing import TYPE_CHECKING, Any

from servelab.commands.output import JsonTo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console
    from rich.table import Table

    from servelab.course.progress import TaskState
    from servelab.grading.manifest import Exercise
    from servelab.grading.verdict import TaskResult

STYLES = {"passed": "green", "changed since it passed": "yellow", "open": "dim"}


def progress(json_to: JsonTo = None) -> None:
    """Show every task of the course and whether it has passed."""
    from servelab.commands.output import Output
    from servelab.commands.start import print_course
    from servelab.course.progress import load, next_task, task_states
    from servelab.course.selection import root
    from servelab.grading.lack import not_graded
    from servelab.grading.manifest import exercises

    output = Output(json_to)
    kept = load(root())
    here = exercises()
    following = next_task(here, kept)
    next_id = following[1].id if following else None
    print_course(output.console, kept)
    report = []
    for exercise in here:
        rows = task_states(exercise, kept)
        output.console.print()
        output.console.print(_table(exercise, rows, next_id))
        left_out = not_graded(exercise, exercise.tasks)
        _print_lacks(output.console, rows, left_out)
        report.append(_as_json(exercise, rows, left_out))
    output.finish({"next": next_id, "exercises": report})


def _table(exercise: "Exercise", rows: "tuple[TaskState, ...]", next_id: str | None) -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table(
        title=f"Exercise {exercise.number}  {escape(exercise.title)}",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    for name, justify in (
        ("task", "left"),
        ("", "left"),
        ("points", "right"),
        ("minutes", "right"),
        ("state", "left"),
    ):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    for row in rows:
        state = "next" if row.task.id == next_id else row.state
        style = STYLES.get(state, "bold cyan")
        hints = f", {row.hints_seen} of {len(row.task.hints)} hints seen" if row.hints_seen else ""
        points = f"{'+' if row.task.stretch else ''}{row.task.points}"
        table.add_row(
            row.task.id, escape(row.task.title), points, str(row.task.minutes), f"[{style}]{state}[/]{hints}"
        )
    return table


def _print_lacks(
    console: "Console", rows: "tuple[TaskState, ...]", left_out: "Mapping[str, TaskResult]"
) -> None:
    """Print what this machine lacks for some tasks, and the points of those that can be graded without."""
    from rich.text import Text

    from servelab.grading.report.wording import full, lacks

    if not left_out:
        return
    for lack in lacks(left_out.values()):
        # Never wrapped: its command is pasted.
        console.print(Text(lack, "yellow"), soft_wrap=True)
    core = [row for row in rows if not row.task.stretch]
    here = [row for row in core if row.task.id not in left_out]
    passed = sum(row.task.points for row in here if row.state == "passed")
    points_here, points = (sum(row.task.points for row in each) for each in (here, core))
    console.print(f"{passed} of {full(points_here, points)}")


def _as_json(
    exercise: "Exercise", rows: "tuple[TaskState, ...]", left_out: "Mapping[str, TaskResult]"
) -> dict[str, Any]:
    return {
        "exercise": exercise.number,
        "title": exercise.title,
        "tasks": [
            {
                "task": row.task.id,
                "title": row.task.title,
                "points": row.task.points,
                "stretch": row.task.stretch,
                "minutes": row.task.minutes,
                "state": row.state,
                "lacks": left_out[row.task.id].message.splitlines() if row.task.id in left_out else [],
                "passed_at": row.passed_at.isoformat() if row.passed_at else None,
                "hints_seen": row.hints_seen,
            }
            for row in rows
        ],
    }
