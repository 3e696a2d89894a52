"""The fingerprint of a run: a digest of everything that decides its outcome.

| ingredient | what it covers                                                                 |
|------------|--------------------------------------------------------------------------------|
| claim      | the rows, and how the run is graded: level, seed, limits, images               |
| variant    | the files of the variant that the tests can see; of an attack all              |
| reference  | the files of the reference that the tests can see: some tests compare with it  |
| tests      | the graded tests, and whatever else lies in the folder of tests                |
| manifest   | what `exercise.toml` says of the service and of the tasks, but for words       |
| grader     | the sources of servelab that grade or judge, and the models                    |
| machine    | interpreter, distributions, packages of the system, kernel, services, engine   |
| settings   | variables of the environment that a grader or one of its tools reads           |

Source: Mokhov, Mitchell, Peyton Jones, "Build systems à la carte", ICFP 2018: a result may be
used again where nothing that it was made from has changed.
Leaves out: how busy the machine is, and what a container registry would answer: a run that
builds images has no fingerprint.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cached_property
from importlib import metadata
from pathlib import Path

from servelab.container_engine import engine_lacking
from servelab.course.variant import IGNORED_PARTS, source_files
from servelab.course_root import COURSE_ROOT
from servelab.dev.row import Run
from servelab.grading.intake.layout import AllowList
from servelab.grading.isolation import cgroup
from servelab.grading.view import EVERYTHING, visible
from servelab.services.availability import availability

PACKAGE = Path(__file__).parents[1]
GRADES = (
    *("*.py", "grading", "zoo", "bench", "services"),
    *("course/__init__.py", "course/mutant.py", "course/region.py", "course/variant.py"),
    *("dev/__init__.py", "dev/evidence.py", "dev/fingerprint.py", "dev/hostile.py", "dev/matrix.py"),
    *("dev/row.py", "dev/verification.py"),
)
"""What of servelab grades or judges, or can be seen by learner code; a test holds it against the imports."""
OTHER_PACKAGES = ".venvs/*/lib/*/site-packages"
SYSTEM_PACKAGES = Path("/var/lib/dpkg/status")
SETTINGS = re.compile(
    r"SERVELAB_.*|PYTHON.*|PYTEST.*|DOCKER_.*|HYPOTHESIS.*|LC_.*|LANG|LANGUAGE|TZ|TMPDIR|TEMP|TMP|HOME"
    r"|CI|BUILD_NUMBER|.*_PROXY|SSL_.*|LD_.*|MALLOC_.*|OMP_.*|OPENBLAS_.*|ORT_.*|NO_COLOR|COLUMNS",
    re.IGNORECASE,
)
WORDS = {"title", "minutes", "hints", "stub"}
"""Of a task: told to learners, or (the stubs) part of the variants."""
FURTHER = {"title", "hours", "folder", "tasks"}
"""Of an exercise: told to learners, or an ingredient of its own."""
_GRADED_TEST = re.compile(r"test_(\d+)_.*\.py")


class Fingerprints:
    """The fingerprints of runs that are made now, on this machine.

    Args:
        level: name of the isolation level.
        seed: what seeds the models of each run.
    """

    def __init__(self, level: str, seed: int) -> None:
        self._level = level
        self._seed = seed

    def of(self, run: Run) -> str | None:
        """Return the fingerprint of a run, None where not all that decides it is known."""
        if run.images and not engine_lacking():
            return None
        return _digest(self.ingredients(run))

    def ingredients(self, run: Run) -> dict[str, str]:
        """Return the digest of each ingredient of a run."""
        # Where an attack puts its files is for the attack to choose.
        seen = EVERYTHING if run.rows[0].kind == "hostile" else visible(run.exercise, run.tasks)
        reference = {name: text.encode() for name, text in source_files(run.exercise).items()}
        return {
            "claim": self._claim(run),
            "variant": _digest(_visible(run.variant.sources(), seen)),
            "reference": _digest(_visible(reference, seen)),
            "tests": _digest(_tests(run)),
            "manifest": _manifest(run),
            **self.shared,
        }

    def _claim(self, run: Run) -> str:
        rows = [asdict(row) | {"must_fail": _sorted(row.must_fail)} for row in run.rows]
        how = (self._level, self._seed, run.ignore_needs, run.time_limit_s, run.images, engine_lacking())
        return json.dumps([rows, how, [task.id for task in run.tasks]], sort_keys=True, default=str)

    @cached_property
    def shared(self) -> dict[str, str]:
        """The digests of what decides every run: the grader, the machine, the settings."""
        grades = _read(PACKAGE, (path for pattern in GRADES for path in _below(pattern)))
        settings = {name: value for name, value in os.environ.items() if SETTINGS.fullmatch(name)}
        return {"grader": _digest(grades), "machine": _machine(), "settings": _digest(settings)}


def _digest(parts: Mapping[str, bytes | str]) -> str:
    total = hashlib.sha256()
    for name, part in sorted(parts.items()):
        content = part.encode(errors="surrogateescape") if isinstance(part, str) else part
        total.update(f"{name}\0{len(content)}\0".encode(errors="surrogateescape"))
        total.update(content)
    return total.hexdigest()


def _sorted(ids: frozenset[str] | None) -> list[str] | None:
    return None if ids is None else sorted(ids)


def _visible(files: Mapping[str, bytes], seen: AllowList) -> dict[str, bytes]:
    return {name: content for name, content in files.items() if seen.matches(tuple(name.split("/")))}


def _read(root: Path, paths: Iterable[Path]) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in paths
        if path.is_file() and not IGNORED_PARTS.intersection(path.relative_to(root).parts)
    }


def _below(pattern: str) -> Iterable[Path]:
    for path in PACKAGE.glob(pattern):
        yield from path.rglob("*") if path.is_dir() else (path,)


def _tests(run: Run) -> dict[str, bytes]:
    """Return the files of the tests' folder without the graded tests of tasks that do not run."""
    numbers = {task.number for task in run.tasks}
    folder = run.exercise.folder
    paths = (
        path
        for path in (folder / "tests").rglob("*")
        if not (found := _GRADED_TEST.fullmatch(path.name)) or int(found[1]) in numbers
    )
    return _read(folder, (*paths, folder / "pytest.ini"))


def _manifest(run: Run) -> str:
    exercise = run.exercise.model_dump(mode="json", exclude=FURTHER)
    needed = {need for task in run.tasks for need in run.exercise.with_needs(task.id)}
    tasks = [task.model_dump(exclude=WORDS) for task in run.exercise.tasks if task in needed]
    return json.dumps([exercise, tasks], sort_keys=True)


def _machine() -> str:
    system = SYSTEM_PACKAGES.read_bytes() if SYSTEM_PACKAGES.is_file() else b""
    return json.dumps(
        [
            *(sys.version, sys.executable, sys.prefix, str(COURSE_ROOT), os.geteuid(), os.cpu_count()),
            *(platform.release(), platform.machine(), _sandbox(), hashlib.sha256(system).hexdigest()),
            _distributions(sys.path),
            *(_distributions([str(folder)]) for folder in sorted(COURSE_ROOT.glob(OTHER_PACKAGES))),
            [str(service) for service in availability()],
            cgroup.holder(),
        ]
    )


def _distributions(path: list[str]) -> list[str]:
    return sorted({f"{found.name}=={found.version}" for found in metadata.distributions(path=path)})


def _sandbox() -> str:
    program = shutil.which("bwrap")
    if program is None:
        return ""
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - a fixed word
