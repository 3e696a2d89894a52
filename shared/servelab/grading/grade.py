"""Grade submissions: intake, one session each, several at a time, results in the order asked for."""

import os
import secrets
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from servelab.grading.intake import SubmissionError, discard, take
from servelab.grading.lack import not_graded
from servelab.grading.manifest import Exercise, Task
from servelab.grading.parallel import side_by_side
from servelab.grading.session import OnTest, grade_tasks
from servelab.grading.verdict import Grade, TaskResult


def grade_one(  # noqa: PLR0913 - each is a choice of the caller
    path: Path,
    exercise: Exercise,
    tasks: Sequence[Task],
    *,
    level: str,
    seed: int | None = None,
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
        seed: seeds the models; drawn anew when absent, so that no answer can be stored.
        shown: how the implementation is named to its author, `path` by default.
        images: also run the tests that build and run an image; only for authors who are trusted.
        on_test: called with each result as it comes.
    """
    scratch = Path(tempfile.mkdtemp(prefix="sg-"))
    scratch.chmod(0o711)
    shown = shown or str(path)
    try:
        taken = take(path, exercise, scratch / "copy")
        seed = secrets.randbelow(1 << 31) if seed is None else seed
        grade = grade_tasks(
            exercise,
            scratch / "copy",
            tasks,
            level=level,
            seed=seed,
            shown=shown,
            images=images,
            on_test=on_test,
        )
        return Grade(str(path), exercise.number, level, grade.tasks, grade.seconds, grade.fault, taken.notes)
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

    return side_by_side(work, paths, jobs or os.cpu_count() or 1)
