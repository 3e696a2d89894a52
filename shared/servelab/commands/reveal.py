"""`servelab reveal`: the reference of a task, and the reasons for it.

Source: rustlings shows a solution only after the exercise is solved.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from servelab.commands.output import JsonTo
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from rich.console import Console

    from servelab.grading.manifest import Exercise


@dataclass(frozen=True)
class Reference:
    """One region of the solution; `line` counts from 1, `text` is without the markers."""

    name: str
    line: int
    title: str
    text: str


def reference(exercise: "Exercise", task_id: str) -> list[Reference]:
    """Return the reference regions of a task, in the order of their files.

    Raises:
        MisuseError: this is a student edition, which has no solution.
    """
    from servelab.course.region import parse
    from servelab.course.variant import source_files

    exercise.require_solution()
    return [
        Reference(name, region.begin + 2, region.title, region.inner)
        for name, text in source_files(exercise).items()
        for region in parse(name, text)
        if region.task == task_id
    ]


def reveal(
    task: Annotated[str, typer.Argument(metavar="TASK", help="Such as 1.4.")],
    *,
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Show it although the task has not passed.")
    ] = False,
    json_to: JsonTo = None,
) -> None:
    """Show the reference of a passed task, and the reasons for it."""
    from servelab.commands.output import Output
    from servelab.course.brief import commentary
    from servelab.course.progress import load
    from servelab.course.selection import root, select_task

    output = Output(json_to)
    exercise, chosen = select_task(task)
    regions = reference(exercise, chosen.id)
    if not give_up and chosen.id not in load(root()).passed:
        msg = f"task {chosen.id} has not passed yet; its reference is shown after that, or with --give-up"
        raise MisuseError(msg)
    for region in regions:
        _print_region(output.console, exercise, region)
    why = commentary(exercise, chosen.id)
    if why:
        _print_commentary(output.console, why.markdown)
    output.finish(
        {
            "task": chosen.id,
            "regions": [vars(region) for region in regions],
            "commentary": why.markdown if why else None,
        }
    )


def _print_region(console: "Console", exercise: "Exercise", region: Reference) -> None:
    import textwrap

    from rich.syntax import Syntax
    from rich.text import Text

    from servelab.course.selection import shown

    path = exercise.solution / region.name
    console.print(
        Text.assemble((f"{shown(path)}:{region.line}", "bold"), (f"  {region.title}", "dim")), soft_wrap=True
    )
    console.print()
    lexer = Syntax.guess_lexer(region.name)
    console.print(Syntax(textwrap.dedent(region.text), lexer, background_color="default", word_wrap=True))
    console.print()


def _print_commentary(console: "Console", markdown: str) -> None:
    from rich.markdown import Markdown
    from rich.padding import Padding

    console.rule("why it is so", style="dim", align="left")
    console.print(Padding(Markdown(markdown), (1, 0, 0, 2)))
