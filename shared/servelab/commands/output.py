"""Where a command's report goes: a person's terminal, or JSON for a program.

With `--json -` standard output holds the JSON and nothing else; with
`--json FILE` the report is printed as well.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from servelab import atomic_file
from servelab.errors import MisuseError

if TYPE_CHECKING:
    from rich.console import Console

JsonTo = Annotated[
    str | None,
    typer.Option(
        "--json", metavar="FILE|-", help="Write the report as JSON to FILE, or to standard output with '-'."
    ),
]
MAX_WIDTH = 110


class Output:
    """The outputs of one command.

    Args:
        json_to: the value of `--json`.

    Raises:
        MisuseError: the file can't be written, which is better said before the work than after it.
    """

    def __init__(self, json_to: str | None = None) -> None:
        """Check where the JSON goes; nothing is written yet."""
        self._json_to = json_to
        if json_to not in (None, "-"):
            _check_writable(Path(json_to))
        self.console = make_console(quiet=json_to == "-")

    def finish(self, report: dict[str, Any]) -> None:
        """Write the JSON report where it was asked for."""
        self.write(lambda: json.dumps(report, indent=2, ensure_ascii=False, default=str) + "\n")

    def write(self, render: Callable[[], str]) -> None:
        """Write a report that renders itself as JSON where it was asked for; it is not rendered in vain."""
        if self._json_to is None:
            return
        text = render()
        if self._json_to == "-":
            sys.stdout.write(text)
        else:
            atomic_file.write_text(Path(self._json_to), text)


def make_console(*, quiet: bool = False) -> "Console":
    """Return a console that prints text as it is: no highlighting, no emoji, no wider than can be read."""
    from rich.console import Console

    console = Console(highlight=False, emoji=False, quiet=quiet)
    console.width = min(console.width, MAX_WIDTH)
    return console


def _check_writable(path: Path) -> None:
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else "is in a folder that does not exist"
        msg = f"--json: {path} {what}; name a file"
        raise MisuseError(msg)
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        msg = f"--json: {path} can't be written: permission denied"
        raise MisuseError(msg)


def program() -> str:
    """Return how this program can be called from the learner's shell: by its name when it is on the PATH."""
    own = Path(sys.prefix) / "bin" / "servelab"
    found = shutil.which("servelab")
    if not own.exists() or (found and Path(found).resolve() == own.resolve()):
        return "servelab"
    here = Path.cwd()
    return str(own.relative_to(here)) if own.is_relative_to(here) else str(own)


def printable(text: str) -> str:
    r"""Return text without control characters: what a service prints must not steer the terminal.

    >>> printable("\x1b[31mred")
    '?[31mred'
    """
    kept = ("\n", "\t")
    return "".join(character if character.isprintable() or character in kept else "?" for character in text)
