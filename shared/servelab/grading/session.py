"""Grade one implementation: a session process, its verdicts, and the points that follow.

Fail closed: ids are fixed before the run, an id without a verdict counts as failed,
a session that breaks gives a fault and no score.
"""

import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from pathlib import Path

from servelab.errors import GraderFaultError
from servelab.grading import fork_server
from servelab.grading.job import Job
from servelab.grading.manifest import Exercise, Task
from servelab.grading.session_worker import run
from servelab.grading.verdict import Grade, TaskResult, TestId, TestResult, Verdict, points

GRACE_S = 60.0
LEAVE_S = 5.0
"""How long a session that is done, or was told to end, may take to leave before it is killed."""

OnTest = Callable[[TestResult], None]


def grade_tasks(  # noqa: PLR0913 - each is a choice of the caller
    exercise: Exercise,
    root: Path,
    tasks: Sequence[Task],
    *,
    level: str,
    seed: int,
    shown: str | None = None,
    ignore_needs: bool = False,
    time_limit_s: float | None = None,
    images: bool = False,
    on_test: OnTest | None = None,
) -> Grade:
    """Run the graded tests of tasks against an implementation.

    Args:
        exercise: whose tests run.
        root: folder of the implementation, a copy made by the intake.
        tasks: the tasks to grade; all that they need should be among them.
        level: name of the isolation level.
        seed: seeds the models of this run.
        shown: how the folder is named to its author, `root` by default.
        ignore_needs: run a task also when one that it needs has not passed.
        time_limit_s: a limit for each task that is shorter than its own.
        images: also run the tests that build and run an image.
        on_test: called with each result as it comes.

    Returns:
        The grade; `fault` is set when the session itself broke.
    """
    ids = tuple(task.id for task in tasks)
    job = Job(exercise.folder, root, shown or str(root), ids, level, seed, ignore_needs, time_limit_s, images)
    return grade_job(job, tasks, on_test)


def grade_job(job: Job, tasks: Sequence[Task], on_test: OnTest | None) -> Grade:
    """Run a job in a session of its own, and derive the grade of its tasks; see `grade_tasks`."""
    started = time.monotonic()
    limit = sum(map(job.limit_s, tasks)) + GRACE_S
    expected, results, fault = _run(job, limit, on_test)
    if not fault and (
        empty := [task.id for task in tasks if not any(test.task == task.id for test in expected)]
    ):
        fault = f"task {empty[0]} has no tests"
    graded = tuple(_task_result(task, expected, results) for task in tasks) if expected else ()
    number = int(tasks[0].id.split(".")[0])
    return Grade(job.shown, number, job.level, graded, round(time.monotonic() - started, 3), fault)


def _run(
    job: Job, limit_s: float, on_test: OnTest | None
) -> tuple[tuple[TestId, ...], dict[str, TestResult], str]:
    """Return the expected tests, the results by id, and the fault if the session broke."""
    sessions = fork_server.context()
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
