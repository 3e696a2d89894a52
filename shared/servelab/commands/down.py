"""`servelab down`: stop what `servelab up` has started."""

from typing import Annotated

import typer

from servelab.commands.output import make_console, printable
from servelab.commands.up import lasting
from servelab.errors import MisuseError


def down(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Services; all without one.")
    ] = None,
) -> int:
    """Stop the services that `servelab up` has started; nothing is left of them."""
    from servelab.services.catalogue import LASTING
    from servelab.services.errors import FailedServiceError

    if unknown := [name for name in names or [] if name not in LASTING]:
        msg = f"up starts no service {unknown[0]}; it knows {', '.join(LASTING)}"
        raise MisuseError(msg)
    console, failed = make_console(), False
    for name in names or lasting().names():
        try:
            stopped = lasting().down(name)
        except FailedServiceError as error:
            failed = True
            console.print(printable(str(error)), markup=False, soft_wrap=True)
            continue
        console.print(f"{name}: {'stopped' if stopped else 'was not running'}")
    return 1 if failed else 0
