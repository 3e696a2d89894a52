"""Reports of grades: JSON, JUnit, CSV, text and one HTML page, for people and for programs.

    Grade → checked → cohort → json | junit | csv | text | html → files

Every writer has `render(grades)`, and checks and cleans what it is given by
itself. `escape` holds all that is done to hostile text.
Source: attacks 23 to 25 of the course's grading rules.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from servelab.grading.report.files import check_writable, replace_files
from servelab.grading.verdict import Grade

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["check_writable", "print_text", "write_all"]


def write_all(grades: Sequence[Grade], out: Path, *, now: datetime) -> None:
    """Write report.json, .xml, .csv, .html and .txt into a folder, all of them or none.

    Args:
        grades: in the order in which they are to be shown.
        out: made if it is missing; files in it that are not of a report stay.
        now: when the grading ended, with its time zone.

    Raises:
        MisuseError: the folder can't be written; an earlier report in it is untouched.
        GraderFaultError: a grade holds a number that can't be; nothing is written.
    """
    # Imported here: rich and jinja2 cost a tenth of a second, and most commands write no report.
    from servelab.grading.report import csv, html, json, junit, text  # noqa: PLC0415

    files = {
        "report.json": json.render(grades),
        "report.xml": junit.render(grades, now=now),
        "report.csv": csv.render(grades),
        "report.html": html.render(grades, now=now),
        "report.txt": text.render(grades),
    }
    replace_files(out, files)


def print_text(grades: Sequence[Grade], console: "Console | None" = None) -> None:
    """Print the text report, on standard output unless a console is given; in colour at a terminal.

    Raises:
        GraderFaultError: a grade holds a number that can't be.
    """
    from rich.console import Console  # noqa: PLC0415 - slow, as above

    from servelab.grading.report import text  # noqa: PLC0415

    text.show(grades, console or Console(highlight=False, emoji=False, markup=False))
