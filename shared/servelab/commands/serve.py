"""`servelab serve`: a service to try by hand."""

from typing import Annotated

import typer

from servelab.commands.test import Implementation

Port = Annotated[int, typer.Option(min=1, max=65535, help="The port on 127.0.0.1 that it answers on.")]


def serve(
    exercise: Annotated[str, typer.Argument(metavar="EXERCISE", help="Such as 1.")],
    port: Port = 8000,
    impl: Implementation = "starter",
) -> None:
    """Run your service to try it by hand; a save restarts it."""
    from rich.text import Text

    from servelab.commands.output import make_console
    from servelab.course.foreground import HOST, Foreground, listen
    from servelab.course.selection import implementation, select_exercise, shown

    console = make_console()
    chosen = select_exercise(exercise)
    folder = implementation(chosen, impl)
    with listen(port) as listener:
        console.print(
            Text(
                f"{shown(folder)} at http://{HOST}:{port}, its documentation at http://{HOST}:{port}/docs",
                "bold",
            ),
            soft_wrap=True,
        )
        console.print(Text("Ctrl-C stops it; a save restarts it\n", "dim"))
        Foreground(
            chosen, folder, listener, lambda line: console.print(Text(line, "yellow"), soft_wrap=True)
        ).run()
