"""What a generated starter must be: Python that parses, whose names are all defined.

Source: pyflakes through ruff, its rules E9 and F. F401 and F841 are left out: an
import or a variable that only the missing region uses is meant to be there.
Leaves out: style; the solution is linted in full, and the starter is a part of it.
"""

import ast
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from servelab.course.variant import write
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise

RULES = ("check", "--isolated", "--no-cache", "--select=E9,F", "--ignore=F401,F841", "--output-format=json")
TIMEOUT_S = 60.0


def check_generation(exercise: Exercise, generation: Mapping[str, str]) -> None:
    """Refuse generated Python that does not parse or, where ruff is installed, uses undefined names.

    Raises:
        MisuseError: the first fault, with the file and line of the generation.
    """
    python = {name: text for name, text in generation.items() if name.endswith(".py")}
    for name, text in python.items():
        try:
            ast.parse(text)
        except SyntaxError as error:
            _refuse(exercise, f"{name}:{error.lineno}: {error.msg}")
    if ruff := find_ruff():
        _lint(exercise, python, ruff)


def find_ruff() -> str | None:
    """Return the ruff of this environment, or one on the PATH."""
    beside = Path(sys.executable).with_name("ruff")
    return str(beside) if beside.is_file() else shutil.which("ruff")


def _lint(exercise: Exercise, python: dict[str, str], ruff: str) -> None:
    with tempfile.TemporaryDirectory(prefix="servelab-sync-") as scratch:
        folder = Path(scratch).resolve()
        write(python, folder)
        done = subprocess.run(  # noqa: S603 - ruff on files that were just written
            [ruff, *RULES, str(folder)], capture_output=True, text=True, check=False, timeout=TIMEOUT_S
        )
        if done.returncode == 0:
            return
        if not done.stdout:
            _refuse(exercise, f"ruff could not check it: {done.stderr.strip()}")
        first = json.loads(done.stdout)[0]
        name = Path(first["filename"]).relative_to(folder).as_posix()
        _refuse(exercise, f"{name}:{first['location']['row']}: {first['message']}")


def _refuse(exercise: Exercise, what: str) -> None:
    msg = f"the solution of exercise {exercise.number} gives a broken starter: {what}"
    raise MisuseError(msg)
