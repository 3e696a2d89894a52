"""What a cohort did not understand: statistics of the submissions of one exercise.

Source: classical test theory; Crocker and Algina, "Introduction to Classical
and Modern Test Theory", 1986, chapter 14: difficulty is the mean share of the
points, discrimination the correlation of a task with the rest of the score.
Leaves out: submissions without a score, which are counted and nothing else; tasks that
were not graded, since this machine lacks what they require.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import StatisticsError, correlation, mean, median, stdev
from typing import Final

from servelab.grading.report.wording import exercise_title, is_practice, lacks, sentence
from servelab.grading.verdict import Grade, TaskResult, Verdict

MIN_ANALYSED: Final = 10
"""Scores that an item analysis needs; with fewer, one submission turns the numbers round."""

BINS: Final = 10
_FAILED: Final = ("fail", "timeout")


@dataclass(frozen=True)
class TaskStatistics:
    """How a cohort did in one task.

    Attributes:
        counts: verdict -> submissions.
        difficulty: mean share of the points, 0..1; 1 means that everybody had all of them.
        discrimination: correlation with the rest of the score, -1..1; None with
            fewer than `MIN_ANALYSED` scores, or when all are alike.
    """

    task: str
    title: str
    out_of: int
    stretch: bool
    counts: dict[Verdict, int]
    difficulty: float
    discrimination: float | None


@dataclass(frozen=True)
class Occurrence:
    """A failed test, or a known mistake, and in how many submissions it occurs."""

    task: str
    text: str
    count: int


@dataclass(frozen=True)
class Cohort:
    """The submissions of one exercise, taken together.

    Attributes:
        scored: submissions with a score; all numbers below are about them.
        graded_here: points that could be had, on a machine that may lack what some tasks require.
        lacks: what it lacked, with the tasks that were not graded for it.
        histogram: submissions by tenths of what could be had; a full score is in the last.
        failed_tests: by how often they fail, the most frequent first.
        mistakes: known mistakes by how often they were diagnosed.
    """

    exercise: int
    title: str
    grades: tuple[Grade, ...]
    scored: int
    out_of: int
    graded_here: int
    lacks: tuple[str, ...]
    mean: float
    median: float
    deviation: float
    histogram: tuple[int, ...]
    tasks: tuple[TaskStatistics, ...]
    failed_tests: tuple[Occurrence, ...]
    mistakes: tuple[Occurrence, ...]

    @property
    def practised(self) -> int:
        """Submissions whose run was too weakly isolated for a score that counts."""
        return sum(map(is_practice, self.grades))

    @property
    def is_analysed(self) -> bool:
        """Whether there are enough scores for an item analysis."""
        return self.scored >= MIN_ANALYSED


def cohorts(grades: Sequence[Grade]) -> tuple[Cohort, ...]:
    """Return one cohort for each exercise that has more than one submission."""
    by_exercise: dict[int, list[Grade]] = defaultdict(list)
    for grade in grades:
        by_exercise[grade.exercise].append(grade)
    return tuple(_cohort(group) for _, group in sorted(by_exercise.items()) if len(group) > 1)


def _cohort(grades: Sequence[Grade]) -> Cohort:
    scored = [grade for grade in grades if grade.score is not None]
    scores = [score for grade in scored if (score := grade.score) is not None]
    graded_here = max(grade.graded_here for grade in grades)
    return Cohort(
        exercise=grades[0].exercise,
        title=exercise_title(grades[0]),
        grades=tuple(grades),
        scored=len(scored),
        out_of=max(grade.out_of for grade in grades),
        graded_here=graded_here,
        lacks=lacks(task for grade in grades for task in grade.tasks),
        mean=mean(scores) if scores else 0.0,
        median=median(scores) if scores else 0.0,
        deviation=stdev(scores) if len(scores) > 1 else 0.0,
        histogram=_histogram(scores, graded_here),
        tasks=_tasks(scored),
        failed_tests=_occurrences(
            (task.task, sentence(test.id))
            for grade in scored
            for task in grade.tasks
            for test in task.tests
            if test.verdict in _FAILED
        ),
        mistakes=_occurrences(
            (task.task, task.diagnosis) for grade in scored for task in grade.tasks if task.diagnosis
        ),
    )


def _histogram(scores: Sequence[float], out_of: int) -> tuple[int, ...]:
    bins = Counter(min(int(score / out_of * BINS), BINS - 1) for score in scores if out_of)
    return tuple(bins[number] for number in range(BINS))


def _tasks(scored: Sequence[Grade]) -> tuple[TaskStatistics, ...]:
    first = {task.task: task for grade in scored for task in reversed(grade.tasks) if task.graded}
    numbered = sorted(
        first, key=lambda name: [int(part) if part.isdigit() else 0 for part in name.split(".")]
    )
    return tuple(_task(first[name], scored) for name in numbered)


def _task(task: TaskResult, scored: Sequence[Grade]) -> TaskStatistics:
    results = [
        (grade, result)
        for grade in scored
        for result in grade.tasks
        if result.task == task.task and result.graded
    ]
    return TaskStatistics(
        task=task.task,
        title=task.title,
        out_of=task.out_of,
        stretch=task.stretch,
        counts=dict(Counter(result.verdict for _, result in results)),
        difficulty=mean(result.points / result.out_of for _, result in results if result.out_of)
        if task.out_of
        else 0.0,
        discrimination=_discrimination(results),
    )


def _discrimination(results: Sequence[tuple[Grade, TaskResult]]) -> float | None:
    if len(results) < MIN_ANALYSED:
        return None
    points = [result.points for _, result in results]
    # Without its own points: a task always correlates with itself.
    rest = [(grade.score or 0.0) - (0.0 if result.stretch else result.points) for grade, result in results]
    try:
        return correlation(points, rest)
    except StatisticsError:
        return None


def _occurrences(found: Iterable[tuple[str, str]]) -> tuple[Occurrence, ...]:
    return tuple(Occurrence(task, text, count) for (task, text), count in Counter(found).most_common())
