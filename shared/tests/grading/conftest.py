"""Fixtures for the tests of the boundary: code that runs confined, as root and as an ordinary user.

Where the tests run as root, everything is tried twice: as root, and as a user without
any right, for which another interpreter is taken when root's own is closed to others.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

import servelab
from servelab.grading.isolation import bubblewrap
from servelab.grading.isolation.identity import open_to_others

PROGRAM = Path(__file__).with_name("confined_program.py")
SHARED = Path(servelab.__file__).parents[1]
NOBODY = "65534"
SELF, ORDINARY = "whoever runs the tests", "an ordinary user"


@dataclass(frozen=True)
class Ended:
    """What became of confined code; `code` is None when it had to be killed."""

    code: int | None
    output: str
    breach: str | None
    uid: int


@dataclass(frozen=True)
class Grader:
    """Someone who starts confined code, at one isolation level."""

    command: tuple[str, ...]
    level: str

    def run(self, code: str, **asked: Any) -> Ended:  # noqa: ANN401 - what the program takes
        """Run code to its end."""
        question = json.dumps({"level": self.level, "code": code, **asked})
        done = subprocess.run(
            self.command,
            input=question,
            capture_output=True,
            text=True,
            check=False,
            env=ENVIRONMENT,
            timeout=90,
        )
        assert 0 == done.returncode, done.stderr
        return Ended(**json.loads(done.stdout))

    def start(self, code: str, **asked: Any) -> subprocess.Popen[str]:  # noqa: ANN401 - likewise
        """Start code and come back at once."""
        process = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            env=ENVIRONMENT,
        )
        assert process.stdin is not None
        with process.stdin as pipe:
            pipe.write(json.dumps({"level": self.level, "code": code, **asked}))
        return process


ENVIRONMENT = {"PYTHONPATH": str(SHARED), "PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}


@cache
def _ordinary() -> tuple[str, ...] | str:
    """Return the command line of an ordinary user, or why there is none."""
    if os.geteuid() != 0:
        return "the tests run as an ordinary user already"
    if shutil.which("setpriv") is None:
        return "setpriv is not installed"
    if not (open_to_others(PROGRAM) and open_to_others(SHARED)):
        return "this clone is closed to other users"
    candidates = [sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"]
    usable = [path for path in candidates if Path(path).exists() and open_to_others(Path(path).resolve())]
    for path in usable:
        version = subprocess.run(
            [path, "-c", "import sys; print(sys.version_info >= (3, 11))"], capture_output=True, check=False
        )
        if version.stdout == b"True\n":
            return ("setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups", path, str(PROGRAM))
    return "no interpreter is open to other users"


def _grader(who: str, level: str) -> Grader:
    if level == "bubblewrap" and (reason := bubblewrap.lacking()):
        pytest.skip(reason)
    command = (sys.executable, str(PROGRAM)) if who == SELF else _ordinary()
    if isinstance(command, str):
        pytest.skip(command)
    return Grader(command, level)


@pytest.fixture(params=[(SELF, "process"), (SELF, "bubblewrap"), (ORDINARY, "bubblewrap")], ids=" at ".join)
def grader(request: pytest.FixtureRequest) -> Grader:
    """Each isolation level; "bubblewrap" also for a user without rights, who needs another mechanism."""
    return _grader(*request.param)


@pytest.fixture
def shown_path(tmp_path: Path) -> Path:
    """A folder of the test's own that every user can look into; pytest keeps those above it closed."""
    ours = takewhile(lambda folder: folder.name.startswith(("pytest-", "popen-")), tmp_path.parents)
    for folder in (tmp_path, *ours):
        folder.chmod(0o755)
    return tmp_path


@pytest.fixture(params=[SELF, ORDINARY])
def sandbox(request: pytest.FixtureRequest) -> Grader:
    """The isolation level "bubblewrap"."""
    return _grader(request.param, "bubblewrap")


def processes_with(marker: str) -> Sequence[str]:
    """Return the command lines of all processes that hold a word, zombies left out."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if marker in words and int(folder.name) != os.getpid():
            found.append(words)
    return found


@pytest.fixture
def alive() -> Callable[[str], Sequence[str]]:
    """Find the processes whose command line holds a word."""
    return processes_with
