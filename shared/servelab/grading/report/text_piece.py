"""Pieces of text for a terminal, none of which reads hostile text as markup."""

from typing import Final

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from servelab.grading.report import escape
from servelab.grading.verdict import Verdict

VERDICT_STYLES: Final[dict[Verdict, str]] = {
    "pass": "green",
    "fail": "red",
    "timeout": "yellow",
    "error": "magenta",
    "not-run": "bright_black",
}


def plain(text: str, style: str = "") -> Text:
    """Return a Text that holds hostile words as they are."""
    # A Text and never markup: brackets of a submission must not become styles.
    return Text(escape.command_free(text), style=style)


def indented(renderable: RenderableType) -> Padding:
    """Move something two columns to the right."""
    return Padding(renderable, (0, 0, 0, 2), expand=False)


def hanging(label: str, text: str, style: str = "") -> Padding:
    """Return a label with a text beside it whose further lines begin below its first."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row(plain(label, style), plain(text, style))
    return indented(grid)
