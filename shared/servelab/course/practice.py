"""Practice: a learner's tasks run by the grader, and what passes is remembered.

The only module of the course that calls the grading session.
Leaves out: strong isolation; practice runs at level "process" and is not a grade.
"""

import importlib.util
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from servelab.course import progress, source
from servelab.course.mutant import diagnosed, mutants
from servelab.course.progress import Progress
from servelab.course.selection import root, shown
from servelab.errors import MisuseError
from servelab.grading.manifest import Exercise, Task
from servelab.grading.session_process import warm_up
from servelab.grading.verdict import Grade, TestResult

LEVEL = "process"
DEBUG_SEED = 20240601
"""Fixed, so that a value seen in one run is there in the next."""

OnTest = Callable[[TestResult], None]


def practise(
    exercise: Exercise, folder: Path, tasks: Sequence[Task], on_test: OnTest, *, images: bool = False
) -> Grade:
    """Run the graded tests of tasks against a copy of an implementation; remember what passes in the starter.

    Args:
        exercise: whose tests run.
        folder: the implementation; what it is now is what is tested.
        tasks: the tasks, in order; what they need is not run unless it is among them.
        on_test: called with each result as it comes.
        images: also build and run the image, where a task has one.

    Raises:
        ServelabError: the grader could not do its work.
    """
    # Imported here: the grader costs more than most commands take.
    from servelab.grading.session import grade_one, require_graded  # noqa: PLC0415

    warm_up()
    # Taken before the run: a save during it must not count as passed.
    before = _digests(exercise, folder, tasks)
    grade = require_graded(
        grade_one(folder, exercise, tasks, level=LEVEL, shown=shown(folder), images=images, on_test=on_test)
    )
    _record(before, grade)
    return diagnosed(grade, mutants(exercise))


def debug(exercise: Exercise, folder: Path, task: Task, on_test: OnTest, *, editor: bool) -> Grade:
    """Run a task's tests, without what it needs; `breakpoint()` stops at this terminal, nothing times out.

    The service runs in the learner's own folder, so that a debugger shows the files that they edit.
    Tests that hold the model for a moment themselves fail when something stops meanwhile.

    Args:
        exercise: whose tests run.
        folder: the learner's folder.
        task: the task.
        on_test: called with each result as it comes.
        editor: stop in an editor that attaches, instead of at the terminal.

    Raises:
        MisuseError: there is no terminal, nothing that an editor could attach to, or this machine lacks
            what the task requires.
        GraderFaultError: the grader could not do its work.
    """
    from servelab.grading.job import Job, Terminal  # noqa: PLC0415 - as above
    from servelab.grading.lack import lacks, refuse  # noqa: PLC0415 - as above
    from servelab.grading.session import grade_job, require_graded  # noqa: PLC0415 - as above

    refuse(lacks(exercise, task))
    if not sys.stdin.isatty():
        msg = "servelab debug needs a terminal: run it in one, without redirecting its input"
        raise MisuseError(msg)
    if editor and importlib.util.find_spec("debugpy") is None:
        msg = f"an editor attaches through debugpy: {sys.executable} -m pip install debugpy"
        raise MisuseError(msg)
    warm_up()
    terminal = Terminal(os.ttyname(sys.stdin.fileno()), editor)
    ids, seed = (task.id,), DEBUG_SEED
    job = Job(exercise.folder, folder, shown(folder), ids, LEVEL, seed, ignore_needs=True, terminal=terminal)
    return require_graded(grade_job(job, on_test))


def _digests(exercise: Exercise, folder: Path, tasks: Sequence[Task]) -> dict[str, str]:
    """Return the digest of each task's sources; only those of the starter are remembered."""
    if folder.resolve() != exercise.starter.resolve():
        return {}
    return {task.id: source.digest(exercise, task.id, folder) for task in tasks}


def _record(before: Mapping[str, str], grade: Grade) -> None:
    """Remember which tasks passed with which sources."""
    verdicts = {task.task: task.verdict for task in grade.tasks if task.task in before}
    if not verdicts:
        return

    def edit(kept: Progress) -> None:
        for task_id, verdict in verdicts.items():
            if verdict == "pass":
                kept.mark_passed(task_id, before[task_id])
            elif verdict in ("fail", "timeout"):
                kept.forget(task_id)

    progress.change(root(), edit)
