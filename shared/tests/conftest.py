"""A miniature course for the tests of the course and of the command line.

One exercise of three tasks, whose service is the standard library's: it starts in a
blink, and no test depends on the real exercises. It lies in `miniature/`; each test has a
copy with a generated starter.
"""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import servelab
from servelab import course_root
from servelab.course import source, variant
from servelab.course_root import EXERCISES
from servelab.grading import manifest
from servelab.grading.manifest import Exercise

MINIATURE = Path(__file__).parent / "miniature" / "exercise-01-miniature"


def write_course(root: Path) -> Path:
    """Write the miniature course with its generated starter, and return the exercise's folder."""
    folder = root / EXERCISES[1][0]
    shutil.copytree(MINIATURE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    exercise = manifest.load(folder)
    generation = variant.starter(exercise)
    variant.write(generation, exercise.starter)
    source.write_lock(folder, source.lock_of(generation))
    return folder


@pytest.fixture
def miniature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exercise]:
    """The exercise of a miniature course, which this process takes for the course."""
    write_course(tmp_path)
    for module in (course_root, manifest):
        monkeypatch.setattr(module, "COURSE_ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    manifest.exercise.cache_clear()
    yield manifest.exercise(1)
    manifest.exercise.cache_clear()


class Clone:
    """A clone of the miniature course with a copy of servelab, used as a learner uses it: by processes."""

    def __init__(self, root: Path) -> None:
        """Write the clone."""
        self.root = root
        package = Path(servelab.__file__).parent
        shutil.copytree(package, root / "shared" / "servelab", ignore=shutil.ignore_patterns("__pycache__"))
        self.starter = write_course(root) / "starter"
        self.command = [sys.executable, "-c", "from servelab.cli import main; main()"]
        self.environment = {**os.environ, "PYTHONPATH": str(root / "shared"), "COLUMNS": "100"}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `servelab` to its end, without a terminal."""
        return subprocess.run(
            [*self.command, *arguments],
            cwd=self.root,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def save(self, old: str, new: str) -> None:
        """Replace text in the learner's file and save it."""
        path = self.starter / "src" / "answer.py"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def processes(self) -> list[str]:
        """Return the command lines of all processes whose words or variables name this clone."""
        if not Path("/proc/self/environ").exists():
            listed = subprocess.run(
                ["/bin/ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True, timeout=20
            )
            return [line for line in listed.stdout.splitlines() if str(self.root) in line]
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes()
                if str(self.root).encode() in words + (folder / "environ").read_bytes():
                    found.append(words.replace(b"\0", b" ").decode(errors="replace"))
        return [words for words in found if words]


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A clone of the miniature course."""
    return Clone(tmp_path / "clone")
