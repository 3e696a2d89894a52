"""`servelab debug`: a task's tests against the service in the foreground, for breakpoints."""

from typing import TYPE_CHECKING, Annotated

import typer

from servelab.commands.test import TaskArgument

if TYPE_CHECKING:
    from servelab.grading.verdict import TestResult

EditorOption = Annotated[
    bool,
    typer.Option("--editor", help="Wait for your editor to attach, instead of stopping at the terminal."),
]


def debug(task: TaskArgument = None, editor: EditorOption = False) -> None:  # noqa: FBT002 - an option
    """Run a task's tests with breakpoint() stopping at this terminal."""
    from rich.text import Text

    from servelab.commands import report
    from servelab.commands.output import make_console
    from servelab.course import practice
    from servelab.course.selection import implementation, select_task, shown
    from servelab.grading.session_process import interruptible

    console = make_console()
    exercise, chosen = select_task(task)
    folder = implementation(exercise, "starter")
    console.print(Text(f"Task {chosen.id}  {chosen.title}   {shown(folder)}", "bold"), soft_wrap=True)
    console.print(Text("no limits, no time-outs; Ctrl-C ends it\n", "dim"))

    def on_test(result: "TestResult") -> None:
        report.print_test(console, result, details=True)

    with interruptible():
        grade = practice.debug(exercise, folder, chosen, on_test, editor=editor)
    report.print_summary(console, grade)
    raise typer.Exit(1 if report.failed(grade) else 0)
