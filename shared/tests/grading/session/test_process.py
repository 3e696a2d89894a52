"""A grader as a process: what it imports, and what is left of it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import servelab
from servelab.grading.isolation import bubblewrap
from servelab.grading.manifest import Exercise

SHARED = Path(servelab.__file__).parents[1]


GRADER = """\
import sys
from pathlib import Path
from servelab.grading import manifest
from servelab.grading.job import Job
from servelab.grading.session import grade_job

if __name__ == "__main__":
    exercise = manifest.load(Path(sys.argv[1]))
    print("begun", flush=True)
    root = exercise.solution
    graded = grade_job(Job(exercise.folder, root, str(root), ("1.1",), sys.argv[2], 1))
    print(graded.score, graded.fault, flush=True)
"""


def script(exercise: Exercise) -> Path:
    """Write a program that grades, as the command line does."""
    path = exercise.folder.parent / "scripts" / "grader.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(GRADER, encoding="utf-8")
    return path


def run_grader(exercise: Exercise, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Grade from within a folder."""
    command = [sys.executable, str(script(exercise)), str(exercise.folder), "process"]
    environment = {**os.environ, "PYTHONPATH": str(SHARED)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60
    )


HANG = """
import os
import time

from servelab.grading.marks import task

@task("1.1")
def test_hangs(service):
    open(os.environ["RUNNING"], "w").close()
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("isolation", ["process", "bubblewrap"])
def test_nothing_is_left_of_a_grader_that_ends_early(
    miniature: Exercise, alive: Callable[[str], list[str]], number: int, isolation: str
) -> None:
    """Ctrl-C, a time-out of the CI, the OOM killer: services of submissions must not run on."""
    if isolation == "bubblewrap" and (reason := bubblewrap.lacking()):
        pytest.skip(reason)
    (miniature.folder / "tests" / "test_01_live.py").write_text(HANG, encoding="utf-8")
    running = miniature.folder.parent / "running"
    for folder in (miniature.folder.parent, *miniature.folder.parent.parents[:3]):
        if folder.owner() == miniature.folder.owner():
            folder.chmod(folder.stat().st_mode | 0o011)
    process = subprocess.Popen(
        [sys.executable, str(script(miniature)), str(miniature.folder), isolation],
        env={**os.environ, "PYTHONPATH": str(SHARED), "RUNNING": str(running)},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + 30
    while not running.exists():
        assert time.monotonic() < end, "the session never got to its test"
        time.sleep(0.05)
    marker = str(miniature.folder)

    if number == signal.SIGINT:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    process.wait(20)

    end = time.monotonic() + 10
    while left := [words for words in alive(marker) if "pytest" not in words.split()[:3]]:
        assert time.monotonic() < end, left
        time.sleep(0.05)


def test_a_module_in_the_current_folder_is_not_imported(miniature: Exercise, tmp_path: Path) -> None:
    """An instructor grades from within a submission's folder, and `json.py` lies in it."""
    evil = tmp_path / "evil"
    evil.mkdir()
    for module in ("selectors", "pytest", "json", "servelab", "conftest"):
        text = f"open('{module} escaped', 'w')"
        (evil / f"{module}.py").write_text(text, encoding="utf-8")

    done = run_grader(miniature, evil)

    assert "60.0" in done.stdout, done.stderr
    assert [] == [path.name for path in evil.glob("* escaped")]
