"""`servelab progress`: every task, and whether it has passed."""

from typing import TYPE_CHECKING, Any

from servelab.commands.output import JsonTo

if TYPE_CHECKING:
    from rich.table import Table

    from servelab.course.progress import TaskState
    from servelab.grading.manifest import Exercise

STYLES = {"passed": "green", "changed since it passed": "yellow", "open": "dim"}


def progress(json_to: JsonTo = None) -> None:
    """Show every task of the course and whether it has passed."""
    from servelab.commands.output import Output
    from servelab.commands.start import print_course
    from servelab.course.progress import load, next_task, task_states
    from servelab.course.selection import root
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
        report.append(_as_json(exercise, rows))
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


def _as_json(exercise: "Exercise", rows: "tuple[TaskState, ...]") -> dict[str, Any]:
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
                "passed_at": row.passed_at.isoformat() if row.passed_at else None,
                "hints_seen": row.hints_seen,
            }
            for row in rows
        ],
    }
