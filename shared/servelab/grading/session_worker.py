"""One grading session in a process of its own: pytest with a recorder that reports each verdict.

The process never imports learner code. It sends first the ids of all tests that will
count, then a result for each, then that it is done; whoever waits for it fails closed.
"""

import contextlib
import os
import resource
import signal
import sys
import threading
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import NoReturn

import pytest

from servelab.grading import manifest
from servelab.grading.inside.process_tree import adopt_orphans, kill_descendants
from servelab.grading.isolation import level as isolation
from servelab.grading.job import Job
from servelab.grading.recorder import Recorder
from servelab.grading.submission import Submission
from servelab.grading.task_clock import TaskClock

GRADER_MEMORY_BYTES = 4 << 30
"""Far more than a session needs: what grows beyond it was made to grow, by an answer or a file."""


def run(job: Job, pipe: Connection) -> None:
    """Grade; the entry point of the session's process."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (GRADER_MEMORY_BYTES, hard))
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    exercise = manifest.load(job.exercise)
    level = isolation.level(job.level)
    if job.terminal is not None:
        level = isolation.DebugLevel(job.terminal.device, editor=job.terminal.editor)
    adopt_orphans()
    # Interrupted, or nobody waits for the verdicts any more: not worth a traceback, and no "done".
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        with Submission(exercise, job.root, level, job.seed, patient=job.terminal is not None) as submission:
            clock = TaskClock(submission.pool.end_task)
            try:
                code = _run_tests(job, exercise, Recorder(job, exercise, submission, clock, pipe))
            finally:
                clock.stop()
        kill_descendants()
        pipe.send(("done", code))
    pipe.close()


def _run_tests(job: Job, exercise: manifest.Exercise, recorder: Recorder) -> int:
    numbers = sorted(exercise.task(task_id).number for task_id in job.tasks)
    folder = job.exercise / "tests"
    files = [str(path) for number in numbers for path in sorted(folder.glob(f"test_{number:02d}_*.py"))]
    if not files:
        # Without a file pytest would look for tests in the current folder, which may be a submission's.
        return int(pytest.ExitCode.NO_TESTS_COLLECTED)
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.dont_write_bytecode = False
    # What breaks in a thread of a client is for the test to notice: the service may have sent anything.
    without = ("cacheprovider", "terminal", "threadexception", "unraisableexception")
    plugins = [word for name in without for word in ("-p", f"no:{name}")]
    return int(pytest.main(["-c", str(job.exercise / "pytest.ini"), *plugins, *files], plugins=[recorder]))


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    """Let pytest end in order, and the submission with it; what breaks from here on is of no interest."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    raise KeyboardInterrupt


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        # Sandboxes end with this process (PR_SET_PDEATHSIG, --die-with-parent).
        os._exit(1)
