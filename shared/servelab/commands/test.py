"""`servelab test`: run the graded tests of a task or an exercise against an implementation."""

from typing import TYPE_CHECKING, Annotated

import typer

from servelab.commands.output import JsonTo

if TYPE_CHECKING:
    from servelab.grading.manifest import Exercise, Task
    from servelab.grading.verdict import TestResult

Target = Annotated[
    str | None, typer.Argument(metavar="[TASK|EXERCISE]", help="Such as 1.4 or 1; the next task by default.")
]
TaskArgument = Annotated[
    str | None, typer.Argument(metavar="[TASK]", help="Such as 1.4; the next task by default.")
]
Implementation = Annotated[
    str, typer.Option("--impl", metavar="starter|solution|PATH", help="The implementation that is tested.")
]
Images = Annotated[
    bool, typer.Option("--images", help="Build and run the image too, where a task has one; needs an engine.")
]


def test(
    target: Target = None,
    impl: Implementation = "starter",
    *,
    images: Images = False,
    json_to: JsonTo = None,
) -> None:
    """Run the tests of a task or an exercise once, and say what fails."""
    from rich.text import Text

    from servelab.commands import report
    from servelab.commands.output import Output
    from servelab.course.practice import practise
    from servelab.course.selection import implementation, select, shown
    from servelab.grading.session_process import interruptible

    output = Output(json_to)
    if images:
        require_engine()
    exercise, tasks = select(target)
    folder = implementation(exercise, impl)
    output.console.print(Text(f"{_what(exercise, tasks)}   {shown(folder)}\n", "bold"), soft_wrap=True)

    def on_test(result: "TestResult") -> None:
        report.print_test(output.console, result, details=result.verdict != "not-run")

    with interruptible():
        grade = practise(exercise, folder, tasks, on_test, images=images)
    report.print_summary(output.console, grade)
    output.finish(report.as_json(grade))
    raise typer.Exit(1 if report.failed(grade) else 0)


def require_engine() -> None:
    """Find a container engine.

    Raises:
        MisuseError: none answers.
    """
    from servelab.container_engine import engine_lacking
    from servelab.errors import MisuseError

    if lacking := engine_lacking():
        msg = f"--images: {lacking}"
        raise MisuseError(msg)


def _what(exercise: "Exercise", tasks: "tuple[Task, ...]") -> str:
    if len(tasks) == 1:
        return f"Task {tasks[0].id}  {tasks[0].title}"
    return f"Exercise {exercise.number}  {exercise.title}"
