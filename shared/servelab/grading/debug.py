"""Debug a task: its tests run as always, but `breakpoint()` stops at this terminal and nothing times out.

The service runs in the learner's own folder, so that a debugger shows the files that they edit.
Leaves out: tests that hold the model for a moment themselves; a stop inside one makes it fail.
"""

import importlib.util
import os
import sys
from pathlib import Path

from servelab.errors import MisuseError
from servelab.grading.job import Job, Terminal
from servelab.grading.lack import lacks, refuse
from servelab.grading.manifest import Exercise, Task
from servelab.grading.session import OnTest, grade_job
from servelab.grading.verdict import Grade

SEED = 20240601


def debug_task(  # noqa: PLR0913 - each is a choice of the caller
    exercise: Exercise, root: Path, task: Task, *, shown: str, editor: bool, on_test: OnTest
) -> Grade:
    """Run the tests of one task, without what it needs, against the implementation in its own folder.

    Args:
        exercise: whose tests run.
        root: the learner's folder.
        task: the task.
        shown: how the folder is named to the learner.
        editor: stop in an editor that attaches, instead of at the terminal.
        on_test: called with each result as it comes.

    Raises:
        MisuseError: there is no terminal, no debugpy for the editor, or this machine lacks
            what the task requires.
    """
    refuse(lacks(exercise, task))
    if not sys.stdin.isatty():
        msg = "servelab debug needs a terminal: run it in one, without redirecting its input"
        raise MisuseError(msg)
    if editor and importlib.util.find_spec("debugpy") is None:
        msg = f"an editor attaches through debugpy: {sys.executable} -m pip install debugpy"
        raise MisuseError(msg)
    terminal = Terminal(os.ttyname(sys.stdin.fileno()), editor)
    job = Job(exercise.folder, root, shown, (task.id,), "process", SEED, ignore_needs=True, terminal=terminal)
    return grade_job(job, (task,), on_test)
