"""Grade submissions: intake, a session process for each, its verdicts, and the points that follow.

Fail closed: ids are fixed before the run, an id without a verdict counts as failed,
a session that breaks gives a fault and no score. A task that requires what this machine
lacks is no part of the session: not even its tests are imported.
"""

import os
import secrets
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from servelab.errors import GraderFaultError
from servelab.grading import session_process
from servelab.grading.intake import SubmissionError, discard, take
from servelab.grading.isolation import cgroup
from servelab.grading.job import Job
from servelab.grading.lack import not_graded
from servelab.grading.manifest import Exercise, Task, load
from servelab.grading.session_process import in_parallel
from servelab.grading.session_worker import run
from servelab.grading.verdict import Grade, TaskResult, TestId, TestResult, Verdict, points

GRACE_S = 60.0
LEAVE_S = 5.0
"""How long a session that is done, or was told to end, may take to leave before it is killed."""

OnTest = Callable[[TestResult], None]


def grade_job(job: Job, on_test: OnTest | None = None) -> Grade:
    """Run a job in a session of its own, and derive the grade of its tasks.

    Args:
        job: what to grade; all that its tasks need should be among them.
        on_test: called with each result as it comes.

    Returns:
        The grade; `fault` is set when the session itself broke.
    """
    exercise = load(job.exercise)
    tasks = [exercise.task(task_id) for task_id in job.tasks]
    left_out = not_graded(exercise, tasks)
    here = [task for task in tasks if task.id not in left_out]
    grade = Grade(job.shown, exercise.number, job.level, (), 0.0)
    if here:
        grade = _grade(replace(job, tasks=tuple(task.id for task in here)), exercise.number, here, on_test)
    graded = {task.task: task for task in grade.tasks} | left_out
    return replace(grade, tasks=tuple(graded[task.id] for task in tasks if task.id in graded))


def _grade(job: Job, number: int, tasks: Sequence[Task], on_test: OnTest | None) -> Grade:
    started = time.monotonic()
    limit = sum(map(job.limit_s, tasks)) + GRACE_S
    expected, results, fault = _run(job, limit, on_test)
    if not fault and (
        empty := [task.id for task in tasks if not any(test.task == task.id for test in expected)]
    ):
        fault = f"task {empty[0]} has no tests"
    graded = tuple(_task_result(task, expected, results) for task in tasks) if expected else ()
    seconds = round(time.monotonic() - started, 3)
    return Grade(job.shown, number, job.level, graded, seconds, fault, memory_held_by=cgroup.holder())


def _run(
    job: Job, limit_s: float, on_test: OnTest | None
) -> tuple[tuple[TestId, ...], dict[str, TestResult], str]:
    """Return the expected tests, the results by id, and the fault if the session broke."""
    sessions = session_process.context()
    ours, theirs = sessions.Pipe(duplex=False)
    process = sessions.Process(target=run, args=(job, theirs))
    process.start()
    theirs.close()
    try:
        return _receive(ours, time.monotonic() + limit_s, on_test)
    except BaseException:
        process.terminate()
        raise
    finally:
        ours.close()
        process.join(LEAVE_S)
        if process.is_alive():
            process.kill()
            process.join()


def _receive(
    pipe: Connection, deadline: float, on_test: OnTest | None
) -> tuple[tuple[TestId, ...], dict[str, TestResult], str]:
    expected: tuple[TestId, ...] = ()
    results: dict[str, TestResult] = {}
    while True:
        if not pipe.poll(max(0.0, deadline - time.monotonic())):
            return expected, results, "the session did not end in time"
        try:
            kind, value = pipe.recv()
        except EOFError:
            return expected, results, "the session ended before it was done"
        if kind == "expected":
            expected = value
        elif kind == "result":
            results[value.id] = value
            if on_test is not None:
                on_test(value)
        elif value not in (0, 1):
            return expected, results, f"pytest ended with code {value}"
        else:
            return expected, results, ""


def _task_result(task: Task, expected: tuple[TestId, ...], results: dict[str, TestResult]) -> TaskResult:
    mine = [test for test in expected if test.task == task.id]
    unknown = "no verdict came from this test; it counts as failed"
    tests = tuple(
        results.get(test.id, TestResult(test.id, "fail", claim=test.claim, expected=unknown)) for test in mine
    )
    guards = frozenset(test.id for test in mine if test.guard)
    verdict = _combined([test.verdict for test in tests])
    earned = points(task.points, tests, guards)
    first = next((test for test in tests if test.verdict != "pass"), None)
    message = "" if first is None else first.expected
    seconds = round(sum(test.seconds for test in tests), 3)
    return TaskResult(
        task.id, task.title, verdict, earned, task.points, task.stretch, seconds, message, "", tests, guards
    )


def _combined(verdicts: Sequence[Verdict]) -> Verdict:
    order: tuple[Verdict, ...] = ("error", "timeout", "fail", "not-run", "pass")
    return next((verdict for verdict in order if verdict in verdicts), "error")


def require_graded(grade: Grade) -> Grade:
    """Return the grade.

    Raises:
        GraderFaultError: the grader failed, so that there is no score.
    """
    if grade.fault:
        msg = f"the grader could not grade {grade.path}: {grade.fault}"
        raise GraderFaultError(msg)
    return grade


def grade_one(  # noqa: PLR0913 - each is a choice of the caller
    path: Path,
    exercise: Exercise,
    tasks: Sequence[Task],
    *,
    level: str,
    shown: str | None = None,
    images: bool = False,
    on_test: OnTest | None = None,
) -> Grade:
    """Grade a submission.

    Args:
        path: a folder, an archive or a git repository; it is only read.
        exercise: whose tests run.
        tasks: the tasks to grade.
        level: name of the isolation level.
        shown: how the implementation is named to its author, `path` by default.
        images: also run the tests that build and run an image; only for authors who are trusted.
        on_test: called with each result as it comes.
    """
    scratch = Path(tempfile.mkdtemp(prefix="sg-"))
    scratch.chmod(0o711)
    try:
        taken = take(path, exercise, scratch / "copy")
        ids = tuple(task.id for task in tasks)
        # Drawn anew, so that no answer can be stored.
        seed = secrets.randbelow(1 << 31)
        job = Job(exercise.folder, scratch / "copy", shown or str(path), ids, level, seed, images=images)
        grade = grade_job(job, on_test)
        return replace(grade, path=str(path), notes=taken.notes)
    except SubmissionError as error:
        return _refused(str(path), exercise, tasks, level, str(error))
    finally:
        discard(scratch)


def _refused(path: str, exercise: Exercise, tasks: Sequence[Task], level: str, why: str) -> Grade:
    """A submission that cannot be read has failed every task, and says so; it is no fault of the grader."""
    results = {
        task.id: TaskResult(task.id, task.title, "fail", 0.0, task.points, task.stretch, 0.0, why)
        for task in tasks
    }
    # What could not be graded here has not been failed either: a cohort is compared by the same tasks.
    return Grade(path, exercise.number, level, tuple((results | not_graded(exercise, tasks)).values()), 0.0)


def grade_many(
    paths: Sequence[tuple[Path, Exercise]],
    *,
    level: str,
    on_grade: Callable[[Grade], None],
    images: bool = False,
    jobs: int | None = None,
) -> list[Grade]:
    """Grade submissions whole, as many at a time as there are cores; results keep the order of `paths`."""

    def work(item: tuple[Path, Exercise]) -> Grade:
        path, exercise = item
        grade = grade_one(path, exercise, exercise.tasks, level=level, images=images)
        on_grade(grade)
        return grade

    return in_parallel(work, paths, jobs or os.cpu_count() or 1)
