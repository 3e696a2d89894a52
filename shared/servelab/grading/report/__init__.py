"""Reports of grades: JSON, JUnit, CSV, text and one HTML page, for people and for programs.

    Grade → checked → cohort → json | junit | csv | text | html → one folder, all or none

Every writer has `render(grades)`, and checks and cleans what it is given by
itself. `escape` holds all that is done to hostile text.
Nobody ever sees half of a report: its files are written and flushed in a temporary folder on
the same file system, then renamed; when one rename fails, those before it are undone.
Source: attacks 23 to 25 of the course's grading rules; POSIX `rename`, which is atomic.
Leaves out: one atomic step for all files of a folder that exists; there is none in POSIX.
"""

import errno
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from servelab.errors import MisuseError
from servelab.grading.verdict import Grade

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["check_writable", "print_text", "write_all"]

_PREFIX: Final = ".report-"
_FOLDER_MODE: Final = 0o755


def write_all(grades: Sequence[Grade], out: Path, *, now: datetime) -> None:
    """Write report.json, .xml, .csv, .html and .txt into a folder, all of them or none.

    Args:
        grades: in the order in which they are shown.
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
    _replace_files(out, files)


def print_text(grades: Sequence[Grade], console: "Console | None" = None) -> None:
    """Print the text report, on standard output unless a console is given; in colour at a terminal.

    Raises:
        GraderFaultError: a grade holds a number that can't be.
    """
    from rich.console import Console  # noqa: PLC0415 - slow, as above

    from servelab.grading.report import text  # noqa: PLC0415

    text.show(grades, console or Console(highlight=False, emoji=False, markup=False))


def check_writable(out: Path) -> None:
    """Say before the work, and not after it, that a report can't be written.

    Raises:
        MisuseError: it is no folder, or may not be written to.
    """
    place = out
    while not place.exists() and not place.is_symlink() and place != place.parent:
        place = place.parent
    if not place.is_dir():
        msg = f"the report can't be written to {out}: {place} is not a folder"
        raise MisuseError(msg)
    if not os.access(place, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids):
        msg = f"the report can't be written to {out}: no permission to write to {place}"
        raise MisuseError(msg)


def _replace_files(out: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder, all of them or none; other files in it stay.

    Raises:
        MisuseError: the folder can't be made or written to, or the disk is full;
            what was there before is there still.
    """
    check_writable(out)
    is_new = not out.exists()
    try:
        staged = _stage(out.parent if is_new else out, files)
        try:
            if is_new:
                staged.chmod(_FOLDER_MODE)
                staged.rename(out)
            else:
                _exchange(staged, out, files)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    except OSError as error:
        msg = f"the report can't be written to {out}: {error.strerror or error}"
        raise MisuseError(msg) from error


def _stage(parent: Path, files: Mapping[str, str]) -> Path:
    parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
    try:
        for name, text in files.items():
            with (staged / name).open("x", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                # A full disk must show now, and not after the old report is gone.
                os.fsync(file.fileno())
    except BaseException:
        shutil.rmtree(staged, ignore_errors=True)
        raise
    return staged


def _exchange(staged: Path, out: Path, names: Mapping[str, str]) -> None:
    kept = staged / "before"
    kept.mkdir()
    for name in names:
        if (out / name).is_dir() and not (out / name).is_symlink():
            raise IsADirectoryError(errno.EISDIR, f"{name} in it is a folder")
        if os.path.lexists(out / name):
            shutil.copy2(out / name, kept / name, follow_symlinks=False)
    done: list[str] = []
    try:
        for name in names:
            (staged / name).replace(out / name)
            done.append(name)
    except BaseException:
        for name in done:
            if os.path.lexists(kept / name):
                (kept / name).replace(out / name)
            else:
                (out / name).unlink()
        raise
