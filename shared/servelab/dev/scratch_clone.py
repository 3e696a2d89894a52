"""A scratch clone of the course, in which the real commands can be run without touching the learner's.

It holds what git would hold, with a starter of the caller's making, and no progress.
Leaves out: git itself, the virtual environment, caches; the clone runs in this environment.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from servelab.course import lock, variant
from servelab.course_root import COURSE_ROOT
from servelab.grading.manifest import Exercise

FOLDERS = ("shared", "docs", ".vscode", ".devcontainer", ".github", "exercise-*")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache", ".hypothesis", "*.egg-info", ".venv", "starter")
TIMEOUT_S = 240.0
PROGRAMS = ".programs"
PROGRAM = "from servelab.cli import main; main()"


class ScratchClone:
    """A copy of the course in a folder that does not exist yet.

    Args:
        folder: where it goes.
    """

    def __init__(self, folder: Path) -> None:
        """Copy the course without its starters."""
        self.folder = folder
        folder.mkdir(parents=True)
        for path in sorted(COURSE_ROOT.iterdir()):
            # In a linked worktree `.git` is a file that leads to the repository.
            if path.is_file() and path.name != ".git":
                shutil.copy2(path, folder / path.name)
            elif any(path.match(pattern) for pattern in FOLDERS):
                shutil.copytree(path, folder / path.name, ignore=LEFT_OUT)
        self._write_program()

    def _write_program(self) -> None:
        # Stands behind the installed one, for an environment that knows the package by PYTHONPATH alone.
        program = self.folder / PROGRAMS / "servelab"
        program.parent.mkdir()
        # Guarded: the grader's fork server imports the main module of its parent.
        guarded = f'#!{sys.executable}\nif __name__ == "__main__":\n    {PROGRAM}\n'
        program.write_text(guarded, encoding="utf-8")
        program.chmod(0o755)

    def write_starter(self, exercise: Exercise, files: Mapping[str, str] | None = None) -> None:
        """Write a starter and the lock of the generated one.

        Args:
            exercise: whose starter it is.
            files: relative path -> text; the generated starter by default.
        """
        folder = self.folder / exercise.folder.name
        generated = variant.starter(exercise)
        variant.write(dict(files or generated), folder / "starter")
        lock.write(folder, lock.lock_of(generated))

    def environment(self, **changes: str) -> dict[str, str]:
        """Return the environment in which `servelab` is the one of this clone."""
        places = [Path(sys.executable).parent, self.folder / PROGRAMS, os.environ.get("PATH", os.defpath)]
        programs = os.pathsep.join(map(str, places))
        own = {"PATH": programs, "PYTHONPATH": str(self.folder / "shared"), "HOME": str(self.folder)}
        return {**own, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", **changes}

    def servelab(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of this clone's `servelab` without a terminal.

        Raises:
            subprocess.TimeoutExpired: it takes longer than any command of a scratch clone may.
        """
        return subprocess.run(  # noqa: S603 - this program, in another clone
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=self.folder,
            env=self.environment(**environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
